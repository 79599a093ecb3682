"""Aligned portraits without labels."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from mgpe_tf import labels
from mgpe_tf.data.alignment import whole
from mgpe_tf.data.formats import SUFFIXES, is_picture_name
from mgpe_tf.data.images import read_image
from mgpe_tf.data.source import Source, resize_image
from mgpe_tf.errors import UserError


class UnlabelledSource(Source):
    """The pictures of a folder, or of its ``images/`` where it has such a one, for whatever reads masks itself: the
    masks that ``load`` gives are background all over. Labels and other files are left alone.

    Args:
      path: the folder.
      resolution: size in pixels that ``load`` returns.

    Raises:
      UserError: there is no such folder, or no picture in it.
    """

    def __init__(self, path: Path, resolution: int):
        self.resolution = resolution
        folder = path / "images" if (path / "images").is_dir() else path
        if not folder.is_dir():
            raise UserError(f"{folder}: there is no such folder; allowed: one of aligned portraits")
        self.names = tuple(sorted(filter(is_picture_name, os.listdir(folder))))
        if not self.names:
            raise UserError(f"{folder}: no pictures; allowed: {', '.join(SUFFIXES)}")
        self._files = [folder / name for name in self.names]

    def load(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """See ``Source.load``; UserError, too, for a picture that is not square."""
        image = read_image(self._files[index])
        whole(image.shape[:2], self.resolution, str(self._files[index]))
        mask = np.full((self.resolution, self.resolution), labels.BACKGROUND, np.uint8)
        return resize_image(image, self.resolution), mask
