"""What happens when the parts of the page are used.

A user is known by the random name of the browser tab's session, by which Gradio keeps its own state, too.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from mgpe_tf.editing.faces import Faces
from mgpe_tf.editing.operations import (
    Carry,
    Dye,
    Edit,
    Keep,
    Mirror,
    Replace,
    Reshape,
    Restore,
    SetMask,
    TakeOnly,
)
from mgpe_tf.editing.state import Taken
from mgpe_tf.errors import UserError
from mgpe_tf.webapp import painter, quick, texts, viewer, views
from mgpe_tf.webapp.limits import TOGETHER
from mgpe_tf.webapp.page import AWAY, HIGH, LOW, Page
from mgpe_tf.webapp.painting import from_runs
from mgpe_tf.webapp.store import Desk
from mgpe_tf.webapp.studio import Studio, Unreadable
from mgpe_tf.webapp.tiles import Tile, shown

LIVE: dict[str, Any] = {"trigger_mode": "always_last"}
"""Options of events that come faster than they are answered: only the last of those that wait counts."""

EACH: dict[str, Any] = {"trigger_mode": "multiple"}
"""Options of events of which each counts, also of those that come before the last is answered."""

RAW: dict[str, Any] = {"preprocess": False}
"""Option of events that get an uploaded file as Gradio describes it, {"path": ...}; else Gradio opens photographs
itself, before we can say what is wrong with them."""

PANEL = "(name) => { document.querySelector('#panels').dataset.panel = name; }"
"""Shows the controls that are chosen."""

DOING = """(...values) => {
  document.querySelectorAll(".doing").forEach((part) => (part.dataset.doing = "@doing"));
  return values;
}"""
"""Says what is done, before the server has been asked."""

DONE = """() => {
  document.querySelectorAll(".doing").forEach((part) => delete part.dataset.doing);
  document.dispatchEvent(new Event("answered"));
}"""
"""Says no longer that something is done."""

NEW = "() => document.querySelector('#source_faces').scrollIntoView({ block: 'nearest', behavior: 'smooth' })"
"""Brings what is said of a second photograph into sight, on a phone where it is not."""

SAVE = "(file) => Object.assign(document.createElement('a'), { href: file.url, download: file.orig_name }).click()"
"""Downloads a file that was made."""

COPY = """async (file) => {
  try {
    const picture = await (await fetch(file.url)).blob();
    await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
    return "@copied";
  } catch { return "@not_copied"; }
}""".replace("@copied", texts.COPIED).replace("@not_copied", texts.NOT_COPIED)
"""Puts a picture on the clipboard; gives what is said of it."""

SWATCHES = ("", *quick.HAIR_COLOURS)
"""Names of the tiles of colours, "" for the own one."""

JPEG = (".jpg", ".jpeg", ".jpe", ".jfif")
"""Endings of photographs whose result is a JPEG unless another format is chosen."""


class Events:
    """Connects a page with a studio.

    Methods get the user's key and the values of some parts of the page, and return new values by part.
    """

    def __init__(self, page: Page, studio: Studio, blocks: gr.Blocks):
        self._page, self._studio = page, studio
        self._on_photographs()
        self._on_edits()
        self._on_combining()
        self._on_painting()
        self._on_result()
        page.panel.change(None, [page.panel], None, js=PANEL, api_visibility="private")
        blocks.unload(self.leave)

    def _on_photographs(self) -> None:
        page = self._page
        looked = [page.photo, page.aligned]
        opening: dict[str, Any] = {"doing": texts.OPENING, "thumbs": quick.LABELS, **LIVE}
        self._on([page.photo.input, page.aligned.input], self.open, looked, page.notice, **opening, **RAW)
        self._on(page.example.select, self.open_example, [], page.notice, picks=page.examples, **opening)
        self._on(page.face.select, self.choose_face, [], page.result_notice, picks=None, thumbs=quick.LABELS, **LIVE)
        self._on(page.another.click, self.start, [], page.notice, draws=False)
        self._on(page.back.click, self.back, [], page.notice, draws=False)
        self._on(page.forget.click, self.forget, [], page.more_notice, draws=False)

    def _on_edits(self) -> None:
        page = self._page
        self._on(page.edits.select, self.click, [page.strength], page.edits_notice, picks=quick.LABELS, **EACH)
        for name, slider in page.amounts.items():
            self._on(slider.input, functools.partial(self.shape, name), [slider], page.edits_notice, **LIVE)
        self._on(page.all_amounts.input, self.show_sliders, [], page.edits_notice)
        self._on(page.swatches.select, self.dye, [page.dye_strength], page.edits_notice, picks=SWATCHES, **LIVE)
        self._on(page.colour.input, self.dye, [page.colour, page.dye_strength], page.edits_notice, **LIVE)
        self._on(page.dye_strength.input, self.dye_strongly, [page.dye_strength], page.edits_notice, **LIVE)

    def _on_combining(self) -> None:
        page = self._page
        told, parts = page.source_notice, quick.FROM_ANOTHER
        opening: dict[str, Any] = {"doing": texts.OPENING, "thumbs": parts, **LIVE}
        given = [page.source, page.aligned]
        for opened in (
            self._on(page.source.input, self.open_source, given, told, **opening, **RAW),
            self._on(page.source_example.select, self.open_source_example, [], told, picks=page.examples, **opening),
        ):
            opened.then(None, js=NEW, api_visibility="private")
        self._on(page.source_face.select, self.choose_source_face, [], told, picks=None, thumbs=parts, **LIVE)
        self._on(page.parts.select, self.click, [page.strength], told, picks=parts, **EACH)
        taken = [page.components, page.strength]
        self._on([page.components.input, page.strength.input], self.take, taken, told, **LIVE)
        self._on(page.tone.input, self.keep_tone, [page.tone], told, **LIVE)
        self._on(page.replace.click, self.replace, [page.replaced], told)

    def _on_painting(self) -> None:
        page = self._page
        self._on(page.painter.input, self.paint, [page.painter], page.paint_notice, **LIVE)
        self._on(page.mirror.click, self.mirror, [], page.paint_notice)
        self._on(page.restore.click, self.restore, [page.restored], page.paint_notice)
        self._on(page.mask_file.upload, self.read_mask, [page.mask_file], page.paint_notice)

    def _on_result(self) -> None:
        page = self._page
        self._on(page.undo.click, self.undo, [], page.result_notice, **EACH)
        self._on(page.redo.click, self.redo, [], page.result_notice, **EACH)
        self._on(page.reset.click, self.reset, [], page.result_notice)
        self._on(page.view.input, self.look, [], page.result_notice, **LIVE)
        self._on(page.blend.input, self.look, [], page.more_notice, **LIVE)
        self._on(page.detail.input, self.keep_detail, [page.detail], page.more_notice, **LIVE)
        self._on(page.carry.input, self.carry, [page.carry], page.more_notice, **LIVE)
        made = [page.format, page.blend]
        saved = self._on(page.download.click, self.download, made, page.result_notice, draws=False)
        saved.success(None, [page.file], None, js=SAVE, api_visibility="private")
        copied = self._on(page.copy.click, self.copy, [page.blend], page.result_notice, draws=False)
        copied.success(None, [page.file], [page.said], js=COPY, api_visibility="private")
        self._on(page.make_files.click, self.make_files, made, page.more_notice, draws=False)
        self._on(page.recipe.upload, self.load_recipe, [page.recipe], page.more_notice, thumbs=quick.LABELS)
        self._on(
            page.draw_variety.click, self.draw_variety, [page.sources, page.aligned], page.more_notice, draws=False
        )

    # Photographs

    def open(self, key: str, photo: dict | None, aligned: bool) -> dict | None:
        """Another photograph."""
        return self._open(key, Path(photo["path"]), aligned) if photo else None

    def open_example(self, key: str, name: str) -> dict:
        """One of those that are offered."""
        return self._open(key, self._page.examples[name])

    def _open(self, key: str, path: Path, aligned: bool = False) -> dict:
        page, desk = self._page, self._studio.open(key, path, aligned=aligned)
        begun = {page.panel: "edits", page.view: "face", page.photo: None, page.result_notice: ""}
        return {**self._seen(page.studio), **self._opened(key, desk), **begun}

    def choose_face(self, key: str, number: str) -> dict:
        """Another face of the photograph."""
        return self._opened(key, self._studio.choose_face(key, int(number)))

    def start(self, key: str) -> dict:
        """The beginning again, to open another photograph; the edits stay as long as none is opened."""
        page, open_now = self._page, key in self._studio.store
        return {**self._seen(page.start), page.back: gr.update(visible=open_now), page.start_said: ""}

    def back(self, key: str) -> dict:
        """The edits again."""
        self._studio.store.get(key)
        page = self._page
        return {**self._seen(page.studio), page.photo: None}

    def _seen(self, part: gr.Column) -> dict:
        """The beginning or the edits in sight."""
        page = self._page
        return {each: gr.update(elem_classes=[] if each is part else AWAY) for each in (page.start, page.studio)}

    def forget(self, key: str) -> dict:
        """All photographs of the user deleted."""
        self._studio.store.close(key)
        page = self._page
        tiles = {part: shown([]) for part in (page.face, page.source_face, page.edits, page.parts)}
        gone = dict.fromkeys((page.painter, page.result, page.photo, page.source, page.variety))
        return {**self.start(key), **tiles, **gone, page.start_said: texts.DELETED}

    # Edits by one click and their sliders

    def click(self, key: str, name: str, strength: float) -> dict:
        """An edit by one click, or its end; one that needs a second photograph asks for it."""
        page, desk = self._page, self._studio.store.get(key)
        state = desk.session.state
        if name in quick.FROM_ANOTHER and desk.source is None and not quick.is_on(name, state):
            desk.wish = name
            return {page.panel: "combine", page.wish: texts.FOR_WISH[name]}
        self._studio.apply(key, quick.switched(name, state, desk.source, strength / 100))
        return self._controls(desk)

    def shape(self, name: str, key: str, percent: float) -> dict:
        """The slider of a shape."""
        amounts = {**self._studio.store.get(key).session.state.amounts, name: percent / 100}
        return self._mask(self._studio.apply(key, Reshape(amounts, name)))

    def show_sliders(self, key: str) -> dict:
        """All sliders, or those that are in use."""
        return self._amounts(self._studio.store.get(key))

    def dye(self, key: str, colour: str, strength: float) -> dict:
        """Hair of a colour; "" for its own."""
        colour = hexadecimal(colour)
        self._studio.apply(key, Dye(colour, (strength or 100) / 100) if colour else Dye(quick.FIRST_COLOUR, 0.0))
        return {self._page.dyeing: gr.update(visible=True)}

    def dye_strongly(self, key: str, strength: float) -> dict:
        """How far hair is dyed."""
        dyed = self._studio.store.get(key).session.state.dyed
        if dyed:
            self._studio.apply(key, Dye(f"#{bytes(dyed.colour).hex()}", strength / 100))
        return {}

    # Combining with a second photograph

    def open_source(self, key: str, photo: dict | None, aligned: bool) -> dict | None:
        """Another second photograph."""
        return self._open_source(key, Path(photo["path"]), aligned) if photo else None

    def open_source_example(self, key: str, name: str) -> dict:
        """One of those that are offered."""
        return self._open_source(key, self._page.examples[name])

    def _open_source(self, key: str, path: Path, aligned: bool = False) -> dict:
        return self._another_source(key, self._studio.open_source(key, path, aligned))

    def choose_source_face(self, key: str, number: str) -> dict:
        """Another face of the second photograph."""
        return self._another_source(key, self._studio.choose_source_face(key, int(number)))

    def _another_source(self, key: str, desk: Desk) -> dict:
        """The page with another face to combine with; what was asked for before it was open is done."""
        page, wish = self._page, desk.wish
        desk.wish = ""
        if wish:
            self._studio.apply(key, quick.switched(wish, desk.session.state, desk.source))
        return {page.wish: "", **self._combining(desk), **self._controls(desk)}

    def take(self, key: str, components: list[str], strength: float) -> dict:
        """The appearances that are ticked; of skin and beard the last."""
        desk = self._studio.apply(key, TakeOnly(tuple(components), self._studio.source(key), strength / 100))
        return {self._page.components: list(self._taken(desk))}

    def keep_tone(self, key: str, tone: float) -> dict:
        """How much of the own skin tone stays."""
        self._studio.apply(key, Keep(tone / 100, self._studio.store.get(key).session.state.detail))
        return {}

    def keep_detail(self, key: str, detail: float) -> dict:
        """How much of the photographs' details stays."""
        self._studio.apply(key, Keep(self._studio.store.get(key).session.state.tone, detail / 100))
        return {}

    def carry(self, key: str, amount: float) -> dict:
        """How much of the photographs' own pixels is carried to where the mask has them."""
        self._studio.apply(key, Carry(amount / 100))
        return {}

    def replace(self, key: str, component: str) -> dict:
        """A part of the second photograph's mask."""
        return self._masked(key, Replace(component, self._studio.source(key)))

    # Painting

    def paint(self, key: str, painted: dict) -> dict:
        """A stroke."""
        desk = self._studio.apply(key, SetMask(from_runs(painted["mask"], self._studio.editor.resolution)))
        return self._amounts(desk)

    def mirror(self, key: str) -> dict:
        """The mask mirrored."""
        return self._masked(key, Mirror())

    def restore(self, key: str, component: str) -> dict:
        """A part of the mask as it was read."""
        return self._masked(key, Restore(component or None))

    def read_mask(self, key: str, path: str) -> dict:
        """A mask file."""
        return self._masked(key, SetMask(self._studio.read_mask(Path(path)), Path(path).name))

    # The result

    def undo(self, key: str) -> dict:
        """The last change taken back, with the controls as they were."""
        return self._controls(self._studio.undo(key))

    def redo(self, key: str) -> dict:
        """It made again."""
        return self._controls(self._studio.redo(key))

    def reset(self, key: str) -> dict:
        """All as at the beginning."""
        return self._controls(self._studio.start_over(key))

    def look(self, key: str) -> dict:
        """Another view: the drawing comes anew anyway."""
        return {}

    def load_recipe(self, key: str, path: str) -> dict:
        """The edits of a recipe."""
        return self._opened(key, self._studio.load_recipe(key, Path(path)))

    def draw_variety(self, key: str, paths: list[str] | None, aligned: bool) -> dict:
        """The mask in several appearances. Which photographs, and which of their faces, are left out is said beside."""
        picture, left_out, several = self._studio.write_variety(key, [Path(path) for path in paths or ()], aligned)
        return {self._page.variety: picture, self._page.variety_notice: texts.of_variety(left_out, several)}

    def download(self, key: str, ending: str, blend: str) -> dict:
        """The picture as a file."""
        ending = ending or self._ending(key)
        return {self._page.file: gr.update(value=self._studio.write_files(key, ending, blend)["picture"])}

    def copy(self, key: str, blend: str) -> dict:
        """The picture as clipboards take it."""
        return self.download(key, ".png", blend)

    def make_files(self, key: str, ending: str, blend: str) -> dict:
        """What experts take home."""
        paths = self._studio.write_files(key, ending or self._ending(key), blend)
        buttons = {button: gr.update(value=paths[what]) for what, button in self._page.downloads.items()}
        return {self._page.files: gr.update(visible=True), **buttons}

    def leave(self, request: gr.Request) -> None:
        """The page was left."""
        self._studio.store.close(str(request.session_hash))

    def thumbnails(self, key: str, names: Collection[str]) -> dict:
        """How edits look on this face; they come after the first result, which they do not delay, and all at once:
        what else is told waits while they are sent."""
        page, store = self._page, self._studio.store
        pictures = self._studio.thumbnails(key, names) if key in store else None
        if pictures is None:
            return {}
        desk, taken = store.get(key), {name: pictures[name] for name in quick.FROM_ANOTHER if name in pictures}
        return {page.edits: self._edits(desk, pictures), page.parts: self._parts(desk, taken)}

    # How all of these are connected, and what they show

    def _on(
        self,
        triggers: Any,
        act: Callable,
        inputs: list,
        beside: gr.Markdown,
        picks: Collection[str] | None = (),
        draws: bool = True,
        doing: str = texts.DRAWING,
        thumbs: Collection[str] = (),
        **options: Any,
    ) -> Any:
        """Calls ``act(key, *values of inputs)`` at some events, and shows what it gives.

        Args:
          triggers: the events.
          act: gives new values by part; None: nothing happened.
          inputs: parts whose values it gets.
          beside: where mistakes are told.
          picks: of tiles, the names that they may have, None: numbers; `act` gets the name before the values.
          draws: whether the drawing is shown anew after it.
          doing: what is said while it is drawn.
          thumbs: the edits whose thumbnails are drawn anew then.
          options: of ``gr.on``.
        """
        page = self._page
        looks = [page.view, page.blend, page.all_amounts]

        def handle(request: gr.Request, event: gr.EventData, *values: Any) -> dict:
            key = str(request.session_hash)
            try:
                names = [picked(event, picks)] if picks != () else []
                changed = act(key, *names, *values[: len(inputs)])
                if changed is None:
                    return {beside: ""}
                view, blend, everyone = (changed.get(part, value) for part, value in zip(looks, values[len(inputs) :]))
                drawing = self._drawing(key, view, blend) if draws else {}
                return self._finished(key, {beside: "", **drawing, **changed}, everyone)
            except Unreadable as error:
                return {beside: str(error), page.photo: None, page.source: None}
            except UserError as error:
                return {beside: str(error)}

        options = {"show_progress": "hidden", "api_visibility": "private", "concurrency_id": TOGETHER, **options}
        js = DOING.replace("@doing", doing) if draws else None
        done = gr.on(triggers, handle, [*inputs, *looks], self._everything(), js=js, **options)
        done.then(None, js=DONE, api_visibility="private")
        if thumbs:

            def follow(request: gr.Request) -> dict:
                return self.thumbnails(str(request.session_hash), thumbs)

            done.then(follow, [], [page.edits, page.parts], **{**options, "preprocess": True})
        return done

    def _everything(self) -> list:
        """All parts of the page that may change."""
        parts = vars(self._page).values()
        nested = [part for each in parts if isinstance(each, dict) for part in each.values()]
        return [part for part in (*parts, *nested) if isinstance(part, gr.blocks.Block)]

    def _finished(self, key: str, changed: dict, everyone: bool) -> dict:
        """New values, with the sliders in sight that are in use, or `everyone`, and the controls of a second photograph
        as usable as there is one."""
        page = self._page
        if page.components in changed:
            usable = key in self._studio.store and self._studio.store.get(key).source is not None
            for part in (page.components, page.strength, page.tone, page.replaced, page.replace):
                value = {"value": changed[part]} if part in changed else {}
                changed[part] = gr.update(interactive=usable, **value)
        amounts = {part: changed[part] for part in page.amounts.values() if part in changed}
        return {**changed, **{part: gr.update(value=n, visible=bool(everyone or n)) for part, n in amounts.items()}}

    def _ending(self, key: str) -> str:
        """That of a picture as the photograph's file is one."""
        return ".jpg" if Path(self._studio.store.get(key).target.input.file).suffix.lower() in JPEG else ".png"

    def _opened(self, key: str, desk: Desk) -> dict:
        """The page with another face."""
        page, session = self._page, desk.session
        unsure = self._studio.confidence(key) < painter.UNSURE
        return {
            **self._faces(page.face, desk.faces, desk.face),
            page.face_hint: texts.several_faces(desk.face, len(desk.faces.places), desk.edited_besides),
            **self._combining(desk),
            **self._controls(desk),
            page.edits: self._edits(desk, {}),
            page.painter: painter.whole(session.portrait.image, session.mask, session.portrait.mask, unsure),
        }

    def _faces(self, part: gr.HTML, faces: Faces, chosen: int, alone: bool = False) -> dict:
        """The faces of a photograph as tiles; one is shown `alone`, or not at all."""
        found = [Tile(str(number), f"Face {number}", number == chosen) for number in faces.places]
        pictures = {str(number): views.face(faces.photograph.image, place) for number, place in faces.places.items()}
        return {part: shown(found if alone or len(found) > 1 else [], pictures)}

    def _combining(self, desk: Desk) -> dict:
        """What is combined with."""
        page, parts = self._page, {self._page.parts: self._parts(desk, {})}
        if not (desk.source and desk.source_faces):
            place = gr.update(placeholder=texts.DROP_SECOND, height=HIGH)
            return {**parts, page.source_face: shown([]), page.source_hint: "", page.source: place}
        number, count = int(desk.source.face), len(desk.source_faces.places)
        return {
            **parts,
            **self._faces(page.source_face, desk.source_faces, number, alone=True),
            page.source_hint: texts.several_faces(number, count) or texts.TAKEN_FROM,
            page.source: gr.update(value=None, placeholder=texts.DROP_ANOTHER, height=LOW),
        }

    def _edits(self, desk: Desk, pictures: dict[str, np.ndarray] | None = None) -> dict:
        """The edits by one click."""
        return shown([self._tile(desk, name, label) for name, label in quick.LABELS.items()], pictures)

    def _parts(self, desk: Desk, pictures: dict[str, np.ndarray] | None = None) -> dict:
        """What is taken of a second photograph by one click."""
        return shown(
            [self._tile(desk, name, texts.PARTS[name], texts.NEEDS_SECOND) for name in quick.FROM_ANOTHER], pictures
        )

    def _tile(self, desk: Desk, name: str, label: str, needs: str = "") -> Tile:
        state, source = desk.session.state, desk.source
        on, reason = quick.is_on(name, state), quick.reason(name, state, source) or (needs if source is None else "")
        if on and name in quick.FROM_ANOTHER:
            reason = ""  # what was taken can be put back, whatever is open by now
        return Tile(name, label, on and not reason, reason, icon=quick.ICONS.get(name, ""))

    def _swatches(self, desk: Desk) -> dict:
        dyed = desk.session.state.dyed
        now = f"#{bytes(dyed.colour).hex()}" if dyed else ""
        found = [Tile(colour, name, colour == now, colour=colour) for colour, name in quick.HAIR_COLOURS.items()]
        return shown([Tile("", "Own", not dyed, colour="linear-gradient(135deg, #fff, #bbb)"), *found])

    def _masked(self, key: str, operation: Edit) -> dict:
        """The page after an operation from whose mask the sliders count anew."""
        desk = self._studio.apply(key, operation)
        return {**self._mask(desk), **self._amounts(desk)}

    def _mask(self, desk: Desk) -> dict:
        return {self._page.painter: painter.mask_alone(desk.session.mask)}

    def _amounts(self, desk: Desk) -> dict:
        """The sliders of shapes."""
        amounts = desk.session.state.amounts
        return {slider: round(100 * amounts.get(name, 0)) for name, slider in self._page.amounts.items()}

    def _controls(self, desk: Desk) -> dict:
        """The mask, and all that shows what the edit is."""
        page, state = self._page, desk.session.state
        taken = self._taken(desk)
        strength = {page.strength: round(100 * next(iter(taken.values())).strength)} if taken else {}
        dyed = {page.dye_strength: round(100 * state.dyed.strength)} if state.dyed else {}
        return {
            **self._mask(desk),
            **self._amounts(desk),
            page.components: list(taken),
            **strength,
            **dyed,
            page.dyeing: gr.update(visible=state.dyed is not None),
            page.tone: round(100 * state.tone),
            page.detail: round(100 * state.detail),
            page.carry: round(100 * state.carry),
        }

    def _taken(self, desk: Desk) -> dict[str, Taken]:
        """What is taken of the second photograph, by the names of ``texts.COMPONENTS``."""
        taken = desk.session.state.taken.items()
        return {each.part or name: each for name, each in taken if each.donor is desk.source}

    def _drawing(self, key: str, view: str, blend: str) -> dict:
        """The drawing, how long it took, and what can be done now; the files of the drawing before are out of date."""
        page, desk = self._page, self._studio.store.get(key)
        picture, seconds = self._studio.draw(key, blend)
        original = None
        if desk.original != (desk.session.portrait.face, view):
            desk.original = (desk.session.portrait.face, view)
            original = self._view(desk, desk.target.image, view)
        session = desk.session
        return {
            page.result: viewer.shown(self._view(desk, picture, view), original, desk.is_edited),
            page.said: texts.drawn(seconds, self._studio.told(key)),
            page.edits: self._edits(desk),
            page.parts: self._parts(desk),
            page.swatches: self._swatches(desk),
            page.undo: gr.update(interactive=session.can_undo),
            page.redo: gr.update(interactive=session.can_redo),
            page.reset: gr.update(interactive=session.can_undo),
            page.files: gr.update(visible=False),
        }

    @staticmethod
    def _view(desk: Desk, photo: np.ndarray, view: str) -> np.ndarray:
        """What the page shows of a photograph."""
        return views.close_up(photo, desk.session.portrait.alignment) if view == "face" else views.sized(photo)


def picked(event: gr.EventData, allowed: Collection[str] | None) -> str:
    """The name of the tile that was clicked, one of those that there are, or a number; it comes from strangers."""
    data = event._data
    name = data.get("name") if isinstance(data, dict) else None
    if not isinstance(name, str) or not (name in allowed if allowed is not None else re.fullmatch("[0-9]{1,4}", name)):
        raise UserError("that is not there any more; open the page anew")
    return name


def hexadecimal(colour: str) -> str:
    """A colour as "#rrggbb", of what Gradio's colour picker tells: that, or "rgba(1.5, 2, 3, 1)"."""
    numbers = re.findall(r"[\d.]+", colour) if colour.startswith("rgb") else []
    return "#" + "".join(f"{min(255, round(float(each))):02x}" for each in numbers[:3]) if numbers else colour
