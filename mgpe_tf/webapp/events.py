"""What happens when the parts of the page are used.

A user is known by the random name of the browser tab's session, by which Gradio keeps its own state, too.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from mgpe_tf.data.images import encode_jpeg
from mgpe_tf.editing.operations import (
    Carry,
    Edit,
    Keep,
    Mirror,
    PutBack,
    Replace,
    Reshape,
    Restore,
    SetMask,
    TakeOnly,
)
from mgpe_tf.editing.state import APPEARANCES
from mgpe_tf.errors import UserError
from mgpe_tf.webapp import painter, texts, views
from mgpe_tf.webapp.limits import TOGETHER
from mgpe_tf.webapp.page import Page
from mgpe_tf.webapp.painting import from_runs
from mgpe_tf.webapp.store import Desk
from mgpe_tf.webapp.studio import Studio

LIVE: dict[str, Any] = {"trigger_mode": "always_last", "show_progress": "hidden"}
"""Options of events that come faster than they are answered: only the last of those that wait counts."""

RAW: dict[str, Any] = {"preprocess": False}
"""Option of events that get an uploaded file as Gradio describes it, {"path": ...}; else Gradio opens photographs
itself, before we can say what is wrong with them."""


class Events:
    """Connects a page with a studio.

    Methods get the user's key and the values of some parts of the page, and return new values by part.
    """

    def __init__(self, page: Page, studio: Studio, blocks: gr.Blocks):
        self._page, self._studio = page, studio
        sliders = list(page.amounts.values())
        drawing = [page.result, page.said, page.files]
        masked = [page.painter, *sliders, *drawing]
        kept = [page.tone, page.detail]
        controls = [page.components, page.strength, *kept, page.carry, *masked]
        opened = [page.notice, page.face, *controls]
        photo = [page.photo, page.aligned, page.source]
        source = [page.source_notice, page.source_face]

        self._on([page.photo.change, page.aligned.input], self.open, photo, [*opened, *source], **RAW)
        self._on(page.face.input, self.choose_face, [page.face], opened)
        self._on(page.painter.input, self.paint, [page.painter], [*sliders, *drawing], **LIVE)
        self._on([each.input for each in sliders], self.shape, sliders, [page.painter, *drawing], **LIVE)
        self._on(page.mirror.click, self.mirror, [], masked)
        self._on(page.restore.click, self.restore, [page.restored], masked)
        self._on(page.mask_file.upload, self.read_mask, [page.mask_file], masked)
        self._on(
            page.source.change,
            self.open_source,
            [page.source, page.aligned],
            [*source, page.components, *drawing],
            **RAW,
        )
        another = [*source, page.components, *drawing]
        self._on(page.source_face.input, self.choose_source_face, [page.source_face], another)
        taken = [page.components, page.strength]
        self._on([page.components.input, page.strength.input], self.take, taken, drawing, **LIVE)
        for button, names in ((page.swap_face, APPEARANCES["face"]), (page.swap_all, APPEARANCES["all"])):
            self._on(button.click, functools.partial(self.swap, names), [page.strength], [page.components, *drawing])
        self._on([each.input for each in kept], self.keep, kept, drawing, **LIVE)
        self._on(page.carry.input, self.carry, [page.carry], drawing, **LIVE)
        self._on(page.replace.click, self.replace, [page.replaced], masked)
        self._on(page.own.click, self.take_nothing, [], [page.components, *drawing])
        self._on(page.undo.click, self.undo, [], controls)
        self._on(page.redo.click, self.redo, [], controls)
        self._on([page.view.input, page.blend.input], self.look, [], drawing, **LIVE)
        self._on(page.recipe.upload, self.load_recipe, [page.recipe], opened)
        several = [page.variety, page.variety_notice]
        self._on(page.draw_variety.click, self.draw_variety, [page.sources, page.aligned], several, draws=False)
        self._on(
            page.make_files.click,
            self.make_files,
            [page.format, page.blend],
            [page.files, *page.downloads.values()],
            draws=False,
        )
        blocks.unload(self.leave)

    def open(self, key: str, photo: dict | None, aligned: bool, source: dict | None) -> dict:
        """Another photograph, or none. What is wrong with it is said beside it."""
        page, store = self._page, self._studio.store
        if photo is None:
            store.close(key)
            return self._nothing("")
        try:
            desk = self._studio.open(key, Path(photo["path"]), aligned=aligned)
        except UserError as error:
            store.close(key)
            return self._nothing(str(error))
        seen = {page.source_notice: ""} if desk.source or not source else self.open_source(key, source, aligned)
        notice = texts.several_faces(desk.faces.choice(desk.session.portrait))
        return {**seen, **self._opened(key, desk), page.notice: notice}

    def choose_face(self, key: str, number: str) -> dict:
        """Another face of the photograph."""
        return self._opened(key, self._studio.choose_face(key, int(number)))

    def paint(self, key: str, painted: dict) -> dict:
        """A stroke, or one taken back."""
        self._studio.apply(key, SetMask(from_runs(painted["mask"], self._studio.editor.resolution)))
        return self._unmoved()

    def shape(self, key: str, *amounts: float) -> dict:
        """The sliders of shapes."""
        return self._mask(self._studio.apply(key, Reshape(dict(zip(self._page.amounts, amounts)))))

    def mirror(self, key: str) -> dict:
        """The mask mirrored."""
        return self._masked(key, Mirror())

    def restore(self, key: str, component: str) -> dict:
        """A part of the mask as it was read."""
        return self._masked(key, Restore(component or None))

    def read_mask(self, key: str, path: str) -> dict:
        """A mask file."""
        return self._masked(key, SetMask(self._studio.read_mask(Path(path)), Path(path).name))

    def open_source(self, key: str, photo: dict | None, aligned: bool) -> dict:
        """Another second photograph, or none. What is wrong with it is said beside it."""
        page = self._page
        nothing = {page.source_notice: "", page.source_face: gr.update(choices=[], visible=False), page.components: []}
        try:
            if photo is None or key not in self._studio.store:
                return nothing
            return self._opened_source(self._studio.open_source(key, Path(photo["path"]), aligned), chosen=False)
        except UserError as error:
            return {**nothing, page.source_notice: str(error)}

    def choose_source_face(self, key: str, number: str) -> dict:
        """Another face of the second photograph."""
        return self._opened_source(self._studio.choose_source_face(key, int(number)), chosen=True)

    def take(self, key: str, components: list[str], strength: float) -> dict:
        """The appearances that are ticked."""
        self._studio.apply(key, TakeOnly(tuple(components), self._studio.source(key), strength))
        return {}

    def swap(self, components: tuple[str, ...], key: str, strength: float) -> dict:
        """Several appearances at once."""
        self._studio.apply(key, TakeOnly(components, self._studio.source(key), strength))
        return {self._page.components: list(components)}

    def keep(self, key: str, tone: float, detail: float) -> dict:
        """How much of the photographs stays."""
        self._studio.apply(key, Keep(tone, detail))
        return {}

    def carry(self, key: str, amount: float) -> dict:
        """How much of the photographs' own pixels is carried to where the mask has them."""
        self._studio.apply(key, Carry(amount))
        return {}

    def replace(self, key: str, component: str) -> dict:
        """A part of the second photograph's mask."""
        return self._masked(key, Replace(component, self._studio.source(key)))

    def take_nothing(self, key: str) -> dict:
        """All appearances as they were."""
        self._studio.apply(key, PutBack())
        return {self._page.components: []}

    def undo(self, key: str) -> dict:
        """The last change taken back, with the controls as they were."""
        return self._controls(self._studio.undo(key))

    def redo(self, key: str) -> dict:
        """It made again."""
        return self._controls(self._studio.redo(key))

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

    def make_files(self, key: str, ending: str, blend: str) -> dict:
        """What a user takes home."""
        paths = self._studio.write_files(key, ending, blend)
        buttons = {self._page.downloads[what]: gr.update(value=path) for what, path in paths.items()}
        return {self._page.files: gr.update(visible=True), **buttons}

    def leave(self, request: gr.Request) -> None:
        """The page was left."""
        self._studio.store.close(str(request.session_hash))

    def _on(
        self, triggers: Any, act: Callable, inputs: list, outputs: list, draws: bool = True, **options: Any
    ) -> None:
        """Calls ``act(key, *values of inputs)`` at some events; with `draws` the drawing is shown anew after it."""
        looks = [self._page.view, self._page.blend] if draws else []

        def handle(request: gr.Request, *values: Any) -> dict:
            key = str(request.session_hash)
            try:
                changed = act(key, *values[: len(inputs)])
                return {**changed, **self._drawing(key, *values[len(inputs) :])} if draws else changed
            except UserError as error:
                raise gr.Error(str(error), title="That did not work", print_exception=False) from error

        gr.on(
            triggers, handle, [*inputs, *looks], outputs, api_visibility="private", concurrency_id=TOGETHER, **options
        )

    def _nothing(self, notice: str) -> dict:
        """The page without a photograph."""
        page = self._page
        face = gr.update(choices=[], visible=False)
        return {page.notice: notice, page.painter: None, page.face: face, page.components: [], **self._unmoved()}

    def _opened(self, key: str, desk: Desk) -> dict:
        """The page with another face."""
        page, session, numbers = self._page, desk.session, list(map(str, desk.faces.places))
        unsure = self._studio.confidence(key) < painter.UNSURE
        number = str(desk.faces.choice(session.portrait).number)
        return {
            page.notice: "",
            page.face: gr.update(choices=numbers, value=number, visible=len(numbers) > 1),
            **self._controls(desk),
            page.painter: painter.whole(session.portrait.image, session.mask, session.portrait.mask, unsure),
        }

    def _opened_source(self, desk: Desk, chosen: bool) -> dict:
        """The page with another face whose appearance is taken; whether it was chosen among several."""
        assert desk.source and desk.source_faces  # they have just been opened
        page, numbers = self._page, list(map(str, desk.source_faces.places))
        choice = desk.source_faces.choice(desk.source)
        return {
            page.source_notice: "" if chosen else texts.several_faces(choice),
            page.source_face: gr.update(choices=numbers, value=str(choice.number), visible=len(numbers) > 1),
            page.components: [],
        }

    def _masked(self, key: str, operation: Edit) -> dict:
        """The page after an operation from whose mask the sliders count anew."""
        return {**self._mask(self._studio.apply(key, operation)), **self._unmoved()}

    def _mask(self, desk: Desk) -> dict:
        return {self._page.painter: painter.mask_alone(desk.session.mask)}

    def _controls(self, desk: Desk) -> dict:
        """The mask, and all that shows what the edit is."""
        page, state = self._page, desk.session.state
        taken = {name: taken for name, taken in state.taken.items() if taken.donor is desk.source}
        strength = {page.strength: next(iter(taken.values())).strength} if taken else {}
        return {
            **self._mask(desk),
            **{slider: state.amounts.get(name, 0) for name, slider in page.amounts.items()},
            page.components: list(taken),
            **strength,
            page.tone: state.tone,
            page.detail: state.detail,
            page.carry: state.carry,
        }

    def _unmoved(self) -> dict:
        """The sliders of shapes in the middle: they count from the mask as it is now."""
        return dict.fromkeys(self._page.amounts.values(), 0)

    def _drawing(self, key: str, view: str, blend: str) -> dict:
        """The drawing beside the original, and how long it took; the files of the drawing before are out of date."""
        page, no_files = self._page, gr.update(visible=False)
        if key not in self._studio.store:
            return {page.result: None, page.said: texts.NO_RESULT, page.files: no_files}
        desk = self._studio.store.get(key)
        picture, seconds = self._studio.draw(key, blend)
        pictures = tuple(self._shown(desk, each, view) for each in (desk.target.image, picture))
        return {page.result: pictures, page.said: texts.drawn(seconds, self._studio.told(key)), page.files: no_files}

    @staticmethod
    def _shown(desk: Desk, photo: np.ndarray, view: str) -> Path:
        """A file with what the page shows of a photograph."""
        alignment = desk.session.portrait.alignment
        shown = views.close_up(photo, alignment) if view == "face" else views.sized(photo)
        return desk.show(encode_jpeg(shown))
