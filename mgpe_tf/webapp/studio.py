"""What users can do, whether by the page or by the HTTP API. Faces are drawn by one editor, one request at a time."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from mgpe_tf import labels
from mgpe_tf.data import masks
from mgpe_tf.data.images import write_label, write_preview
from mgpe_tf.editing import files, shapes
from mgpe_tf.editing.operations import FaceOf
from mgpe_tf.editing.photograph import Photograph
from mgpe_tf.editing.portrait_editor import PortraitEditor
from mgpe_tf.editing.presence import notices_of
from mgpe_tf.editing.recorded import ReadFace, RecordedSession, choice_of, chosen, find_faces, read_face
from mgpe_tf.editing.replace import restore_component
from mgpe_tf.editing.several import read_fit
from mgpe_tf.errors import UserError
from mgpe_tf.provenance import encoding
from mgpe_tf.provenance.marks import read_file, recipe_path
from mgpe_tf.provenance.recipe import Model
from mgpe_tf.storage.files import write_bytes, write_text
from mgpe_tf.webapp import texts
from mgpe_tf.webapp.limits import Limits
from mgpe_tf.webapp.store import Desk, Store

MAX_SOURCES = 16
"""Largest number of photographs whose appearances are drawn side by side."""


class Studio:
    """The editor and its users.

    Args:
      editor: edits.
      models: what recipes say of it.
      limits: what users are granted.
      folder: private, for all that is written.

    Attributes:
      editor, limits: as above.
      store: the users' desks.
    """

    def __init__(self, editor: PortraitEditor, models: Sequence[Model], limits: Limits, folder: Path):
        self.editor, self.limits, self.store = editor, limits, Store(limits, folder)
        self._models = models
        self._lock = threading.Lock()  # neither the networks nor a desk may be used by several threads

    def warm_up(self) -> None:
        """Compiles the networks, so that the first user need not wait for it."""
        blank = np.full((self.editor.resolution, self.editor.resolution, 3), 127, np.uint8)
        self.editor.open(blank, aligned=True).render_portrait()
        with contextlib.suppress(UserError):  # without a detector aligned portraits can be edited
            self.editor.detector.detect(blank)

    def open(self, key: str, path: Path, face: int | None = None, aligned: bool = False) -> Desk:
        """Puts a photograph on a user's desk, in the place of what was there.

        Args:
          key: of the user.
          path: of the file.
          face: number from left to right; None for the largest.
          aligned: see ``find_faces``.
        """
        self.store.check_room(key)
        photo = self._read(path, "target")
        with self._lock:
            faces = find_faces(self.editor, photo, aligned)
            edits = RecordedSession(self.editor, read_face(self.editor, photo, chosen(faces, face, photo)))
        return self.store.put(key, edits, faces)

    def choose_face(self, key: str, number: int) -> Desk:
        """Starts anew with another face of the photograph."""
        desk = self.store.get(key)
        place = chosen(desk.faces, number, desk.target)
        with self._lock:
            self._restart(desk, RecordedSession(self.editor, read_face(self.editor, desk.target, place)))
        return desk

    def set_mask(self, key: str, mask: np.ndarray, name: str = "mask") -> Desk:
        """The mask as it was painted, [R, R] ids; `name` stands for it in errors."""
        desk = self.store.get(key)
        with self._lock:
            desk.edits.session.set_mask(mask, name)
            desk.unshaped = desk.edits.session.mask
        return desk

    def read_mask(self, key: str, path: Path) -> Desk:
        """A mask from a file, as ``masks.read_mask`` takes it, of any size."""
        mask = masks.decode_mask(read_file(path), path.name)
        return self.set_mask(key, masks.fitted(mask, self.editor.resolution, path.name), path.name)

    def shape(self, key: str, amounts: Mapping[str, float]) -> Desk:
        """Scripted edits of the mask as it was before the first of them: amounts replace those given before."""
        desk = self.store.get(key)
        with self._lock:
            session = desk.edits.session
            session.set_mask(shapes.apply(desk.unshaped, amounts))
            session.tell(notices_of(desk.unshaped, session.portrait.mask, amounts))
        return desk

    def mirror(self, key: str) -> Desk:
        """The mask mirrored, left for right."""
        return self.set_mask(key, labels.mirrored(self.store.get(key).edits.session.mask))

    def reset_mask(self, key: str, component: str | None = None) -> Desk:
        """A component of the mask as it was read (``replace.RESTORABLE``); without one, all of it."""
        edits = self.store.get(key).edits
        original = edits.target.portrait.mask
        mask = restore_component(edits.session.mask, original, component) if component else original
        return self.set_mask(key, mask)

    def open_source(self, key: str, path: Path, aligned: bool = False, face: int | None = None) -> Desk:
        """Reads the face whose appearance is taken next; `face` as in ``open``."""
        desk = self.store.get(key)
        desk.source, desk.source_faces = self._read_source(path, aligned, face)
        return desk

    def choose_source_face(self, key: str, number: int) -> Desk:
        """Reads another face of the photograph whose appearance is taken next."""
        desk = self.store.get(key)
        source = self._source(desk)
        with self._lock:
            place = chosen(desk.source_faces, number, source.photograph)
            desk.source = read_face(self.editor, source.photograph, place)
        return desk

    def take(self, key: str, components: Sequence[str], strength: float = 1.0) -> Desk:
        """Takes the appearance of these components (``session.APPEARANCES``) and no others from the open source."""
        desk = self.store.get(key)
        source = self._source(desk)
        with self._lock:
            for component in components if strength else ():
                desk.edits.session.shown(component, source.portrait)
            for component in desk.edits.taken_from(source):
                desk.edits.reset(component)
            for component in components:
                desk.edits.take(component, source, strength)
        return desk

    def replace(self, key: str, component: str) -> Desk:
        """Gives the mask a component of the open source's mask (``replace.REPLACEABLE``)."""
        desk = self.store.get(key)
        source = self._source(desk)
        with self._lock:
            desk.edits.session.replace(component, source.portrait)
            desk.unshaped = desk.edits.session.mask
        return desk

    def keep(self, key: str, tone: float | None = None, detail: float | None = None) -> Desk:
        """How much of the photographs stays (``Session.keep``)."""
        desk = self.store.get(key)
        with self._lock:
            desk.edits.session.keep(tone, detail)
        return desk

    def reset_appearance(self, key: str, component: str = "all") -> Desk:
        """Gives a component its own appearance again."""
        desk = self.store.get(key)
        with self._lock:
            desk.edits.reset(component)
        return desk

    def draw(self, key: str, blend: str = "feather") -> tuple[np.ndarray, float]:
        """The edited photograph, uint8 RGB as large as the target, and the seconds that drawing it took."""
        desk = self.store.get(key)
        with self._lock:
            begin = time.perf_counter()
            picture = desk.edits.session.render(blend)
            return picture, time.perf_counter() - begin

    def told(self, key: str) -> list[str]:
        """What the user should know of the edits since this was last asked; that nothing is changed, too."""
        session = self.store.get(key).edits.session
        with self._lock:
            told, session.notices = session.notices, []
            return told if session.region().any() else [*told, texts.NOT_EDITED]

    def load_recipe(self, key: str, path: Path) -> Desk:
        """Does again what a recipe says; its photographs must be open."""
        desk = self.store.get(key)
        recipe = files.read_recipe(path)
        known = desk.edits.photographs + ([desk.source.photograph] if desk.source else [])
        photographs = files.matched(recipe, known, "the photographs that are open: open it, then load the recipe again")
        if photographs and photographs[0].input.sha256 != desk.target.input.sha256:
            raise UserError(
                f"the recipe edits {photographs[0].input.file}: open it in the place of {desk.target.input.file}"
            )
        with self._lock:
            files.check_models(recipe, self._models)
            self._restart(desk, RecordedSession.of_recipe(self.editor, recipe, photographs))
        return desk

    def write_files(self, key: str, ending: str = ".png", blend: str = "feather") -> dict[str, Path]:
        """Writes what a user takes home.

        Args:
          key: of the user.
          ending: ".png" or ".jpg", of the picture.
          blend: one of ``paste.BLENDS``.

        Returns:
          Paths by "picture" (with marks and recipe), "mask" (ids), "preview" (the mask in colours, its indices the ids)
          and "recipe".
        """
        desk = self.store.get(key)
        stem = Path(desk.target.input.file).stem
        picture = f"{stem}_edited{ending}"
        format = encoding.format_for(picture)
        with self._lock:
            edits, mask = desk.edits, desk.edits.session.mask
            made = files.make(self.editor, self._models, edits.photographs, edits.operations(blend), format)
        names = {
            "picture": picture,
            "mask": f"{stem}_mask.png",
            "preview": f"{stem}_preview.png",
            "recipe": recipe_path(picture).name,
        }
        paths = {what: desk.new_file(name) for what, name in names.items()}
        write_bytes(paths["picture"], made.data)
        write_label(paths["mask"], mask)
        write_preview(paths["preview"], mask)
        assert made.recipe  # all but unmarked pictures have one
        write_text(paths["recipe"], made.recipe.to_json())
        return paths

    def write_mask(self, key: str) -> Path:
        """Writes the mask as it is now, a PNG of ids."""
        desk = self.store.get(key)
        path = desk.new_file("mask.png")
        write_label(path, desk.edits.session.mask)
        return path

    def write_variety(
        self, key: str, sources: Sequence[Path], aligned: bool = False
    ) -> tuple[Path, list[str], list[str]]:
        """Writes a picture of the mask in several appearances, side by side, with marks and recipe.

        Returns:
          Its path, what is wrong with each photograph that is left out, and which face was taken of those with several.
        """
        if not 1 <= len(sources) <= MAX_SOURCES:
            raise UserError(f"{len(sources)} photographs; allowed: 1 to {MAX_SOURCES}")
        desk = self.store.get(key)
        found, left_out = read_fit(sources, lambda path: self._read_source(path, aligned))
        with self._lock:
            made = files.make(self.editor, self._models, *desk.edits.variety([face for face, _ in found]), "PNG")
        path = desk.new_file(f"{Path(desk.target.input.file).stem}_variety.png")
        write_bytes(path, made.data)
        several = (choice_of(faces, face.place).taken(face.photograph.input.file) for face, faces in found)
        return path, left_out, list(filter(None, several))

    def _read(self, path: Path, role: str) -> Photograph:
        """UserError if the file is too large, or is no photograph of at most so many pixels."""
        size = path.stat().st_size
        if size > self.limits.max_bytes:
            raise UserError(f"{path.name}: {size} bytes; allowed: {self.limits.max_megabytes} MB; scale it down")
        return Photograph.read(path, role, self.limits.max_pixels, path.name)

    def _read_source(self, path: Path, aligned: bool, face: int | None = None) -> tuple[ReadFace, dict[int, FaceOf]]:
        """A face of a second photograph, and all that could be taken."""
        photo = self._read(path, "source")
        with self._lock:
            faces = find_faces(self.editor, photo, aligned)
            return read_face(self.editor, photo, chosen(faces, face, photo)), faces

    @staticmethod
    def _source(desk: Desk) -> ReadFace:
        if desk.source is None:
            raise UserError("no second photograph is open: open the one whose appearance is taken")
        return desk.source

    @staticmethod
    def _restart(desk: Desk, edits: RecordedSession) -> None:
        desk.edits, desk.unshaped = edits, edits.session.mask
