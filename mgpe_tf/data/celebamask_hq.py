"""The official CelebAMask-HQ archive (Lee et al., "MaskGAN", CVPR 2020).

CelebA-HQ-img/0.jpg ... 29999.jpg                  1024 x 1024
CelebAMask-HQ-mask-anno/0/00000_skin.png ...       512 x 512, one file per part present, 2,000 portraits a folder
CelebA-HQ-to-CelebA-mapping.txt                    gives the split, which is CelebA's
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from mgpe_tf import labels
from mgpe_tf.data import images
from mgpe_tf.data.source import FileSource
from mgpe_tf.errors import UserError

PORTRAITS_PER_FOLDER = 2000

# CelebA's own partition by its picture numbers, which count from 0 in the mapping file.
_SPLIT_RANGES = {"train": range(162771), "validation": range(162771, 182638), "all": range(10**6)}


class CelebAMaskHQSource(FileSource):
    """The archive as unpacked. Part masks are composed by ``labels.celebamask_hq_from_parts``.

    Args:
      path: folder that holds ``CelebA-HQ-img``.
      resolution: size in pixels that ``load`` returns.
      split: "train" (24,183 portraits), "validation" (2,993) or "all" (30,000, the test portraits included).

    Raises:
      UserError: a folder or the mapping file is missing, or the split holds no image.
    """

    knows_parts = True

    def __init__(self, path: Path, resolution: int, split: str):
        self.resolution = resolution
        self._images, self._parts = path / "CelebA-HQ-img", path / "CelebAMask-HQ-mask-anno"
        for folder in (self._images, self._parts):
            if not folder.is_dir():
                raise UserError(f"{folder}: there is no such folder; unpack the whole CelebAMask-HQ archive")
        numbers = sorted(int(file[:-4]) for file in os.listdir(self._images) if _is_portrait(file))
        if split != "all":
            members = _members(path / "CelebA-HQ-to-CelebA-mapping.txt", split)
            numbers = [number for number in numbers if number in members]
        if not numbers:
            raise UserError(f"{self._images}: no portraits of split {split!r}; allowed: 0.jpg to 29999.jpg")
        self._numbers = numbers
        self.names = tuple(map(str, numbers))

    def read_image(self, index: int) -> np.ndarray:
        """See ``FileSource.read_image``."""
        return images.read_image(self._image(index))

    def stored_image(self, index: int) -> bytes:
        """See ``Source.stored_image``."""
        return self._image(index).read_bytes()

    def read_label(self, index: int) -> np.ndarray:
        """See ``FileSource.read_label``."""
        number = self._numbers[index]
        stem = self._parts / str(number // PORTRAITS_PER_FOLDER) / f"{number:05d}"
        files = {part: Path(f"{stem}_{part}.png") for part in labels.CELEBAMASK_HQ_NAMES[1:]}
        parts = {part: images.read_image(file)[..., 0] > 0 for part, file in files.items() if file.is_file()}
        if not parts:
            raise UserError(f"{stem}_skin.png: portrait {number} has no part masks; unpack the archive again")
        if len({mask.shape for mask in parts.values()}) > 1:
            raise UserError(f"{stem}_*.png: part masks of different sizes; allowed: one size, officially 512 x 512")
        return self.converted(labels.celebamask_hq_from_parts(parts), "celebamask_hq")

    def _image(self, index: int) -> Path:
        return self._images / f"{self.names[index]}.jpg"


def _is_portrait(file: str) -> bool:
    """Whether a file of CelebA-HQ-img is a numbered portrait."""
    return file.endswith(".jpg") and file[:-4].isdecimal()


def _members(mapping: Path, split: str) -> set[int]:
    """Numbers of the portraits of a split, from lines "idx orig_idx orig_file" after a heading."""
    if not mapping.is_file():
        raise UserError(f"{mapping}: there is no such file; it gives the split and is part of the archive")
    rows = (line.split() for line in mapping.read_text(encoding="utf-8").splitlines()[1:])
    try:
        return {int(row[0]) for row in rows if row and int(row[1]) in _SPLIT_RANGES[split]}
    except (IndexError, ValueError) as error:
        raise UserError(f"{mapping}: not the official file ({error}); lines are 'idx orig_idx orig_file'") from error
