"""What users can do, whether by the page or by the HTTP API. Faces are drawn by one editor, one request at a time."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np

from mgpe_tf.data import masks
from mgpe_tf.data.detection import check_size
from mgpe_tf.data.images import write_label, write_preview
from mgpe_tf.editing import files
from mgpe_tf.editing.faces import Faces
from mgpe_tf.editing.operations import SWAPPED, Edit, Operation, Render, StartOver, parse
from mgpe_tf.editing.photograph import Photograph
from mgpe_tf.editing.portrait import Portrait
from mgpe_tf.editing.portrait_editor import PortraitEditor
from mgpe_tf.editing.recipes import Inputs, located, reopened
from mgpe_tf.editing.session import Session
from mgpe_tf.editing.several import read_fit
from mgpe_tf.errors import UserError
from mgpe_tf.provenance import encoding
from mgpe_tf.provenance.marks import read_file, recipe_path
from mgpe_tf.provenance.recipe import Model
from mgpe_tf.storage.files import write_bytes, write_text
from mgpe_tf.webapp import quick, texts
from mgpe_tf.webapp.limits import Limits
from mgpe_tf.webapp.store import Desk, Store, has_edits

MAX_SOURCES = 16
"""Largest number of photographs whose appearances are drawn side by side."""


class Unreadable(UserError):
    """A file that is no photograph, or a larger one than is granted."""


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
        portrait = self.editor.open(blank, aligned=True)
        portrait.render_portrait()
        if registering := self.editor.networks.registering:
            for stiff in (False, True):
                registering.flow(portrait.mask, portrait.mask, stiff)
        if behind_hair := self.editor.networks.behind_hair:
            parts = behind_hair.parts(portrait.mask)
            behind_hair.pixels(blank, parts > 0, parts)
        if opened_mouths := self.editor.networks.opened_mouths:
            opened_mouths.completed(blank, portrait.mask, portrait.mask > 0)
        with contextlib.suppress(UserError):  # without a detector aligned portraits can be edited
            self.editor.detector.detect(blank)

    def open(self, key: str, path: Path, face: int | None = None, aligned: bool = False) -> Desk:
        """Puts a photograph on a user's desk, in the place of what was there.

        Args:
          key: of the user.
          path: of the file.
          face: number from left to right; None for the largest.
          aligned: see ``Faces.find``.
        """
        self.store.check_room(key)
        photo = self._read(path, "target")
        with self._lock:
            faces = self._find(photo, aligned)
            session = self._begun(faces.read(self.editor, face))
        return self.store.put(key, session, faces)

    def choose_face(self, key: str, number: int) -> Desk:
        """Goes on with another face of the photograph, where its edits were left."""
        desk = self.store.get(key)
        with self._lock:
            if number != desk.face:
                desk.go_on(desk.others.get(number) or self._begun(desk.faces.read(self.editor, number)))
        return desk

    def apply(self, key: str, operation: Edit) -> Desk:
        """Does an operation."""
        desk = self.store.get(key)
        with self._lock:
            desk.session.apply(operation)
        return desk

    def undo(self, key: str) -> Desk:
        """Takes the last operation back."""
        desk = self.store.get(key)
        with self._lock:
            desk.session.undo()
        return desk

    def redo(self, key: str) -> Desk:
        """Does again what was taken back last."""
        desk = self.store.get(key)
        with self._lock:
            desk.session.redo()
        return desk

    def start_over(self, key: str) -> Desk:
        """All as at the beginning, which can be undone."""
        desk = self.store.get(key)
        with self._lock:
            desk.session.apply(StartOver(self._begun(desk.session.portrait).state))
        return desk

    def thumbnails(self, key: str, names: Collection[str]) -> dict[str, np.ndarray] | None:
        """How edits by one click look on the face without edits, by name (``quick.thumbnails``): those of some names
        are drawn, the others as before. What users do meanwhile is done between them; None: another face was opened
        then, or others are drawn."""
        desk = self.store.get(key)
        if desk.thumbnails_of is not desk.session.portrait:
            desk.thumbnails, desk.thumbnails_of, names = {}, desk.session.portrait, quick.LABELS
        found = {name: each for name, each in desk.thumbnails.items() if name not in names}
        desk.thumbnails, portrait = found, desk.session.portrait
        for name in quick.SHARED:
            with self._lock:
                getattr(portrait, name)
        drawing = quick.thumbnails(self._begun(portrait).state, desk.source, tuple(names))
        while True:
            with self._lock:
                drawn = next(drawing, None)
            if desk.thumbnails is not found or desk.session.portrait is not portrait:
                return None
            if drawn is None:
                return found
            found[drawn[0]] = drawn[1]

    def read_mask(self, path: Path) -> np.ndarray:
        """A mask from a file, as ``masks.read_mask`` takes it, of any size: uint8 [R, R] ids."""
        mask = masks.decode_mask(read_file(path), path.name)
        return masks.fitted(mask, self.editor.resolution, path.name)

    def open_source(self, key: str, path: Path, aligned: bool = False, face: int | None = None) -> Desk:
        """Reads the face whose appearance is taken next; `face` as in ``open``."""
        desk = self.store.get(key)
        desk.source, desk.source_faces = self._read_source(path, aligned, face)
        return desk

    def choose_source_face(self, key: str, number: int) -> Desk:
        """Reads another face of the photograph whose appearance is taken next."""
        desk = self.store.get(key)
        self.source(key)
        assert desk.source_faces  # there is a source
        with self._lock:
            desk.source = desk.source_faces.read(self.editor, number)
        return desk

    def confidence(self, key: str) -> np.ndarray:
        """How sure the parser was of each pixel of the mask that it read, float32 [R, R] in [0, 1]."""
        portrait = self.store.get(key).session.portrait
        with self._lock:
            return self.editor.parser.confidence(portrait.image)

    def source(self, key: str) -> Portrait:
        """The face whose appearance is taken next; UserError if there is none."""
        source = self.store.get(key).source
        if source is None:
            raise UserError("no second photograph is open: open the one whose appearance is taken")
        return source

    def draw(self, key: str, blend: str = Render.blend) -> tuple[np.ndarray, float]:
        """The edited photograph, uint8 RGB as large as the target, and the seconds that drawing it took."""
        desk = self.store.get(key)
        with self._lock:
            begin = time.perf_counter()
            picture = desk.session.render(blend)
            return picture, time.perf_counter() - begin

    def told(self, key: str) -> list[str]:
        """What the user should know of the edits; that nothing is changed, too."""
        session = self.store.get(key).session
        with self._lock:
            if session.region().any():
                return session.notices
            return [*session.notices, texts.UNCHANGED if has_edits(session.state) else texts.NOT_EDITED]

    def load_recipe(self, key: str, path: Path) -> Desk:
        """Does again what a recipe says; its photographs must be open."""
        desk = self.store.get(key)
        recipe = files.read_recipe(path)
        known = located(desk.session.recipe())[0] + ([desk.source.file] if desk.source and desk.source.file else [])
        photographs = files.matched(recipe, known, "the photographs that are open: open it, then load the recipe again")
        if photographs and photographs[0].input.sha256 != desk.target.input.sha256:
            raise UserError(
                f"the recipe edits {photographs[0].input.file}: open it in the place of {desk.target.input.file}"
            )
        with self._lock:
            files.check_models(recipe, self._models)
            inputs = Inputs(self.editor, dict(enumerate(photographs)))
            desk.go_on(reopened(parse(recipe.operations), inputs))
        return desk

    def write_files(self, key: str, ending: str = ".png", blend: str = Render.blend) -> dict[str, Path]:
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
            mask = desk.session.mask
            made = self._made(desk.session.recipe(blend), format)
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
        write_label(path, desk.session.mask)
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
            made = self._made(desk.session.variety([face for face, _ in found]), "PNG")
        path = desk.new_file(f"{Path(desk.target.input.file).stem}_variety.png")
        write_bytes(path, made.data)
        several = (faces.choice(face).taken(faces.photograph.input.file) for face, faces in found)
        return path, left_out, list(filter(None, several))

    def _read(self, path: Path, role: str) -> Photograph:
        """Unreadable if the file is too large, or is no photograph of at most so many pixels."""
        size = path.stat().st_size
        if size > self.limits.max_bytes:
            raise Unreadable(f"{path.name}: {size} bytes; allowed: {self.limits.max_megabytes} MB; scale it down")
        try:
            return Photograph.read(path, role, self.limits.max_pixels, path.name)
        except UserError as error:
            raise Unreadable(str(error)) from error

    def _read_source(self, path: Path, aligned: bool, face: int | None = None) -> tuple[Portrait, Faces]:
        """A face of a second photograph, and all that could be taken."""
        photo = self._read(path, "source")
        with self._lock:
            faces = self._find(photo, aligned)
            return faces.read(self.editor, face), faces

    def _find(self, photo: Photograph, aligned: bool) -> Faces:
        """The faces of a photograph; UserError if there are none, or it is too small for any."""
        if not aligned:
            check_size(photo.image, photo.input.file)
        return Faces.find(self.editor, photo, aligned)

    def _begun(self, portrait: Portrait) -> Session:
        """A session as the page begins it: with what is kept where a face is swapped."""
        begun = Session(self.editor, portrait, strict=True)
        return Session(self.editor, portrait, begun=SWAPPED.apply(begun.state))

    def _made(self, operations: Sequence[Operation], format: str) -> encoding.Marked:
        """What operations on the photographs of their faces draw, with marks and recipe."""
        photographs, placed = located(operations)
        return files.make(self.editor, self._models, photographs, placed, format)
