"""The editor as users hold it: photographs in, edited photographs out."""

from __future__ import annotations

import functools
import os

import numpy as np

from mgpe_tf import labels
from mgpe_tf.data.alignment import Alignment, whole
from mgpe_tf.data.detection import Detector, locate
from mgpe_tf.editing.masks.one_face import others_faces
from mgpe_tf.editing.photograph import Photograph
from mgpe_tf.editing.pixels.exposure import exposed, gain_of
from mgpe_tf.editing.portrait import Portrait
from mgpe_tf.editing.session import Session
from mgpe_tf.errors import UserError
from mgpe_tf.labels import PARTS
from mgpe_tf.models.editor_networks import EditorNetworks
from mgpe_tf.models.face_parser import FaceParser
from mgpe_tf.models.load import load
from mgpe_tf.parsing.faces import FaceFinder


class PortraitEditor:
    """Edits portraits by their masks and by the appearance of others (paper section 4). Not for use by several threads.

    Args:
      networks: the trained editor.
      parser: reads masks.
      detector: finds faces; None for a ``FaceFinder``, loaded when it is first needed.

    Examples:
      >>> editor = PortraitEditor.load("runs/editor")
      >>> session = editor.open(photo)                       # uint8 RGB [H, W, 3] of any size
      >>> session.take("hair", other_photo)
      >>> edited = session.render()                          # as large as the photo
    """

    def __init__(self, networks: EditorNetworks, parser: FaceParser, detector: Detector | None = None):
        self.networks, self.parser = networks, parser
        self._given_detector = detector

    @classmethod
    def load(
        cls, path: str | os.PathLike[str] | None = None, parser: str | os.PathLike[str] | None = None
    ) -> PortraitEditor:
        """The editor stored at `path`.

        Args:
          path: run folder of an editor; None for the one that comes with the package.
          parser: of a parser, see ``FaceParser.load``; None for the one that comes with the package.

        Raises:
          UserError: names the path at which there is none.
        """
        return cls(load("editor", path), load("parser", parser))

    @property
    def resolution(self) -> int:
        """Side R in pixels of the portraits that are edited."""
        return self.networks.resolution

    @functools.cached_property
    def detector(self) -> Detector:
        """The detector of faces."""
        return self._given_detector or FaceFinder()

    def edit(
        self,
        source: np.ndarray,
        target: np.ndarray,
        source_mask: np.ndarray | None = None,
        target_mask: np.ndarray | None = None,
    ) -> np.ndarray:
        """G(x_s, m_s, x_t, m_t): the appearance of `source` on the mask and the background of `target`.

        An editor that carries (``EditorNetworks.carries``) shows photographs' own pixels where they are what the mask
        says, and leaves what an edit is not about as it was, if source and target are the same portrait; another one
        generates all.

        Args:
          source, target: aligned portraits, uint8 RGB [R, R, 3].
          source_mask, target_mask: uint8 [R, R] Helen ids; None to have them parsed.

        Returns:
          uint8 RGB [R, R, 3].
        """
        for image, name in ((source, "source"), (target, "target")):
            self._check(image, (self.resolution, self.resolution, 3), name)
        source_mask = self.parse(source) if source_mask is None else self.checked_mask(source_mask, "source_mask")
        target_mask = self.parse(target) if target_mask is None else self.checked_mask(target_mask, "target_mask")
        return self.networks.edit(source, source_mask, target, target_mask)

    def open(
        self, photo: np.ndarray, face: str | int = "largest", aligned: bool = False, name: str = "photo"
    ) -> Session:
        """A photograph, uint8 RGB [H, W, 3], opened for editing; arguments as for ``read``."""
        return Session(self, self.read(photo, face, aligned, name), strict=True)

    def read(
        self,
        photo: np.ndarray | Photograph,
        face: str | int = "largest",
        aligned: bool = False,
        name: str = "photo",
        alignment: Alignment | None = None,
    ) -> Portrait:
        """Finds, aligns, parses and embeds a face.

        Args:
          photo: uint8 RGB [H, W, 3], whichever way up, or a file of one, which recipes then name.
          face: "largest", or a number from 1, counted from left to right.
          aligned: the photo is a square portrait framed as the training data already; no face is looked for.
          name: stands for the photo in errors.
          alignment: where the face lies, if it is known.

        Raises:
          UserError: no such face, or one that is too small or turned away.
        """
        file, photo = (photo, photo.image) if isinstance(photo, Photograph) else (None, photo)
        if not isinstance(photo, np.ndarray):
            raise UserError(
                f"{name}: {type(photo).__name__}; allowed: uint8 RGB [H, W, 3], "
                'as np.array(Image.open("me.jpg").convert("RGB")) of Pillow gives it'
            )
        if photo.dtype != np.uint8 or photo.ndim != 3 or photo.shape[2] != 3:
            raise UserError(f"{name}: {photo.dtype} of shape {photo.shape}; allowed: uint8 RGB [H, W, 3]")
        choice = None
        if alignment is None and aligned:
            alignment = whole(photo.shape[:2], self.resolution, name)
        elif alignment is None:
            alignment, choice = locate(self.detector, photo, face, self.resolution, name)
        crop = alignment.crop(photo)
        gain = gain_of(crop)
        image = exposed(crop, gain)
        mask, parts = self._masks(image)
        embeddings = self.networks.embed(image, mask)
        return Portrait(
            self.networks, photo, alignment, image, mask, embeddings, parts, gain, choice, str(face), aligned, file
        )

    def _masks(self, image: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Those of the parser; other people's faces are background."""
        mask, parts = self.parser.masks(image)
        others = others_faces(mask)
        parts = parts if parts is None else np.where(others, np.uint8(PARTS["background"]), parts)
        return np.where(others, np.uint8(labels.BACKGROUND), mask), parts

    def parse(self, image: np.ndarray) -> np.ndarray:
        """The mask of an aligned portrait, uint8 RGB [R, R, 3] -> uint8 [R, R] Helen ids."""
        return self.parser.parse(image)

    def checked_mask(self, mask: np.ndarray, name: str) -> np.ndarray:
        """`mask` as uint8; UserError naming it if it is no [R, R] array of Helen ids."""
        mask = np.asarray(mask)
        self._check(mask, (self.resolution, self.resolution), name, "ids")
        labels.validate(mask, "helen", name)
        return mask.astype(np.uint8)

    def _check(self, array: np.ndarray, shape: tuple[int, ...], name: str, what: str = "uint8 RGB") -> None:
        if np.shape(array) != shape or (what != "ids" and getattr(array, "dtype", None) != np.uint8):
            raise UserError(
                f"{name}: {getattr(array, 'dtype', type(array).__name__)} of shape {np.shape(array)}; "
                f"allowed: {what} {list(shape)}"
            )
