"""The faces of a photograph that can be edited."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from mgpe_tf.data.alignment import Alignment, align, whole
from mgpe_tf.data.detection import Choice, choose
from mgpe_tf.editing.photograph import Photograph
from mgpe_tf.editing.portrait import Portrait
from mgpe_tf.errors import UserError

if TYPE_CHECKING:
    from mgpe_tf.editing.portrait_editor import PortraitEditor


@dataclasses.dataclass(frozen=True, eq=False)
class Faces:
    """The faces of a photograph.

    Attributes:
      photograph: the file.
      places: where they are, by their numbers from left to right.
      aligned: whether the photograph is an aligned portrait; it has one face then.
    """

    photograph: Photograph
    places: Mapping[int, Alignment]
    aligned: bool

    @classmethod
    def find(cls, editor: PortraitEditor, photo: Photograph, aligned: bool = False) -> Faces:
        """Looks for them, unless the photograph is a square portrait framed as the training data already.

        Raises:
          UserError: there is none.
        """
        size, name = photo.image.shape[:2], photo.input.file
        if aligned:
            return cls(photo, {1: whole(size, editor.resolution, name)}, True)
        fit = choose(editor.detector.detect(photo.image), "all", name)
        places = {number: align(face.landmarks, size, editor.resolution) for number, face in fit.items()}
        return cls(photo, places, False)

    def read(self, editor: PortraitEditor, number: int | None = None) -> Portrait:
        """Aligns, parses and embeds the face of a number; None: the largest. UserError if there is none."""
        if number is None:
            number = min(self.places, key=self._enlarged)
        if number not in self.places:
            allowed = ", ".join(map(str, self.places))
            raise UserError(f"face: {number}; allowed for {self.photograph.input.file}: {allowed}")
        name = self.photograph.input.file
        return editor.read(self.photograph, number, self.aligned, name, self.places[number])

    def choice(self, portrait: Portrait) -> Choice:
        """Which of them a portrait is."""
        number = int(portrait.face)
        return Choice(number, tuple(other for other in self.places if other != number))

    def _enlarged(self, number: int) -> float:
        """By how much a face is enlarged to become a portrait: the largest is so least."""
        return math.hypot(*self.places[number].matrix[0, :2])
