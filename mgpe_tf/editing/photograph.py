"""A photograph that goes into an edit, with what a recipe says of it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from mgpe_tf.data.images import MAX_PIXELS, decode_picture
from mgpe_tf.data.picture import Picture
from mgpe_tf.provenance import marks
from mgpe_tf.provenance.recipe import Input


@dataclasses.dataclass(frozen=True, eq=False)
class Photograph:
    """A file that goes in: where it lies, its bytes, its picture, and what a recipe says of it."""

    path: Path
    data: bytes
    picture: Picture
    input: Input

    @classmethod
    def read(cls, path: Path, role: str, max_pixels: int = MAX_PIXELS, name: str | None = None) -> Photograph:
        """UserError naming the file (by `name` if there is one) if it is no picture or has more than `max_pixels`."""
        data = marks.read_file(path)
        picture = decode_picture(data, name or str(path), max_pixels)
        return cls(path, data, picture, Input.of(role, path.name, data, picture.pixels))

    @property
    def image(self) -> np.ndarray:
        """uint8 RGB [H, W, 3] in sRGB, laid over white."""
        return self.picture.image
