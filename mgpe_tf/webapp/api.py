"""The HTTP API: what the page does, for other programs. See docs/how-to/app.md."""

from __future__ import annotations

import functools
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr

from mgpe_tf.editing.faces import Faces
from mgpe_tf.editing.operations import (
    SWAPPED,
    Carry,
    Dye,
    Edit,
    Keep,
    Mirror,
    PutBack,
    Render,
    Replace,
    Reshape,
    Restore,
    SetMask,
    Take,
    TakeOnly,
)
from mgpe_tf.editing.portrait import Portrait
from mgpe_tf.errors import UserError
from mgpe_tf.webapp.limits import TOGETHER
from mgpe_tf.webapp.studio import Studio


class Api:
    """The endpoints of a studio, declared inside of ``gr.Blocks``; each is named as its method.

    Files are given as ``gradio_client.handle_file(PATH)``. A session is the text that ``open`` gives; whoever has it
    can use it.
    """

    def __init__(self, studio: Studio):
        self._studio = studio
        endpoints = (
            self.open,
            self.set_mask,
            self.shape,
            self.mirror,
            self.reset_mask,
            self.open_source,
            self.take,
            self.replace,
            self.keep,
            self.carry,
            self.dye,
            self.reset_appearance,
            self.undo,
            self.redo,
            self.render,
            self.variety,
            self.load_recipe,
            self.close,
        )
        for endpoint in endpoints:
            gr.api(_said(endpoint), api_name=endpoint.__name__, concurrency_id=TOGETHER)

    def open(self, photo: dict, face: int = 0, aligned: bool = False) -> dict:
        """Opens a photograph for editing.

        face: number from left to right, 0 for the largest. aligned: it is a square portrait framed as the training
        data.
        Returns session, face, faces (numbers of those that can be edited), notice (that there are others, if none was
        chosen, else "") and mask (a PNG of ids).
        """
        key = secrets.token_urlsafe(16)
        desk = self._studio.open(key, _path(photo), face or None, aligned)
        return {
            "session": key,
            **_faces(desk.session.portrait, desk.faces, face),
            "mask": _file(self._studio.write_mask(key)),
        }

    def set_mask(self, session: str, mask: dict) -> dict:
        """Replaces the mask by a picture in the legend's colours, or of ids as gray levels. Returns the mask, a PNG."""
        path = _path(mask)
        return self._changed(session, SetMask(self._studio.read_mask(path), path.name))

    def shape(self, session: str, amounts: dict) -> dict:
        """Changes shapes by amounts from -1 to 1, e.g. {"smile": 0.5}, which replace those given before.

        Returns the mask.
        """
        return self._changed(session, Reshape(amounts))

    def mirror(self, session: str) -> dict:
        """Mirrors the mask. Returns it."""
        return self._changed(session, Mirror())

    def reset_mask(self, session: str, component: str = "") -> dict:
        """Gives back a component of the mask as it was read, "" for all of it. Returns the mask."""
        return self._changed(session, Restore(component or None))

    def open_source(self, session: str, photo: dict, aligned: bool = False, face: int = 0) -> dict:
        """Opens the photograph whose appearance is taken; face as in open. Returns face, faces and notice, likewise."""
        desk = self._studio.open_source(session, _path(photo), aligned, face or None)
        assert desk.source and desk.source_faces  # they have just been opened
        return _faces(desk.source, desk.source_faces, face)

    def take(self, session: str, components: list[str], strength: float = Take.strength) -> None:
        """Takes the appearance of these components, and of no others, from the photograph of open_source.

        components: of left_eye, right_eye, eyes, mouth, skin, beard, hair, face, all. strength: 0 (as it is) to 1 (as
        there).
        """
        self._studio.apply(session, TakeOnly(tuple(components), self._studio.source(session), strength))

    def replace(self, session: str, component: str) -> dict:
        """Gives the mask a component of the mask of open_source's photograph. Returns the mask.

        component: eyes, left_eye, brows, nose, mouth, hair or face (its outline).
        """
        return self._changed(session, Replace(component, self._studio.source(session)))

    def keep(self, session: str, tone: float = SWAPPED.tone, detail: float = Keep.detail) -> None:
        """Says how much of the photographs stays, each from 0 to 1.

        tone: of the own skin tone and light, when the skin is another's. detail: of strands of hair, irises and teeth.
        """
        self._studio.apply(session, Keep(tone, detail))

    def carry(self, session: str, amount: float = Carry.amount) -> None:
        """Says how much of the photographs' own pixels is carried to where the mask has them, from 0 to 1."""
        self._studio.apply(session, Carry(amount))

    def dye(self, session: str, colour: str, strength: float = Dye.strength) -> None:
        """Dyes the hair, whosever it is, in a colour as #7a2e1a. strength: 0 (hair as it is) to 1."""
        self._studio.apply(session, Dye(colour, strength))

    def reset_appearance(self, session: str, component: str = PutBack.component) -> None:
        """Gives a component its own appearance again."""
        self._studio.apply(session, PutBack(component))

    def undo(self, session: str) -> dict:
        """Takes the last change of the mask or of an appearance back. Returns the mask."""
        self._studio.undo(session)
        return self._mask(session)

    def redo(self, session: str) -> dict:
        """Does again what undo took back last, unless something else was done since. Returns the mask."""
        self._studio.redo(session)
        return self._mask(session)

    def render(self, session: str, format: str = "png", blend: str = Render.blend) -> dict:
        """Draws the edited photograph.

        Returns picture (png or jpg, with marks), mask, preview and recipe, as files, and notices: what to know of the
        edits, a list of lines.
        """
        files = {what: _file(path) for what, path in self._studio.write_files(session, f".{format}", blend).items()}
        return {**files, "notices": self._studio.told(session)}

    def variety(self, session: str, photos: list[dict], aligned: bool = False) -> dict:
        """Draws the mask in the appearances of several photographs.

        Returns picture, left_out (what is wrong with each photograph that is not in it) and notices (which face was
        taken of those with several).
        """
        picture, left_out, notices = self._studio.write_variety(session, [_path(photo) for photo in photos], aligned)
        return {"picture": _file(picture), "left_out": left_out, "notices": notices}

    def load_recipe(self, session: str, recipe: dict) -> dict:
        """Does again what a recipe (a JSON file, or a picture with one) says. Returns the mask."""
        self._studio.load_recipe(session, _path(recipe))
        return self._mask(session)

    def close(self, session: str) -> None:
        """Ends the session and deletes its files."""
        self._studio.store.close(session)

    def _changed(self, session: str, operation: Edit) -> dict:
        """Does an operation; the mask after it."""
        self._studio.apply(session, operation)
        return self._mask(session)

    def _mask(self, session: str) -> dict:
        return _file(self._studio.write_mask(session))


def _said(endpoint: Callable) -> Callable:
    """The endpoint, its UserErrors told to the caller."""

    @functools.wraps(endpoint)
    def call(*arguments: Any) -> Any:
        try:
            return endpoint(*arguments)
        except UserError as error:
            raise gr.Error(str(error), print_exception=False) from error

    return call


def _faces(read: Portrait, faces: Faces, asked: int) -> dict:
    """Which face was read of those that could be, and what is said of the others if none was asked for."""
    choice = faces.choice(read)
    notice = None if asked else choice.told(faces.photograph.input.file, "face=")
    return {"face": choice.number, "faces": list(faces.places), "notice": notice or ""}


def _path(file: Any) -> Path:
    """Where an uploaded file lies; UserError if it is none. Gradio has checked that it was uploaded."""
    if not isinstance(file, dict) or not isinstance(file.get("path"), str) or "meta" not in file:
        raise UserError(f"{str(file)[:80]!r}; allowed: a file, by gradio_client.handle_file(PATH)")
    return Path(file["path"])


def _file(path: Path) -> dict:
    """A file as a client downloads it."""
    return gr.FileData(path=str(path), orig_name=path.name).model_dump()
