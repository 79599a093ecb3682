"""The Helen face parsing archive (Smith et al., "Exemplar-Based Face Parsing", CVPR 2013).

exemplars.txt, tuning.txt, testing.txt     lines "number , name"
images/NAME.jpg                            photographs of any shape, around one face
labels/NAME/NAME_lbl00.png ... lbl10.png   how surely a pixel is of each class, 0 to 255, in the order of ``labels``
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mgpe_tf import labels
from mgpe_tf.data import images
from mgpe_tf.data.source import FileSource
from mgpe_tf.errors import UserError
from mgpe_tf.geometry import bounding_box

LISTS = {
    "train": ("exemplars.txt", "tuning.txt"),
    "validation": ("testing.txt",),
    "all": ("exemplars.txt", "tuning.txt", "testing.txt"),
}
"""The lists that make up each split: 2,000 and 330 portraits, as in the paper."""

_FACE = tuple(range(labels.SKIN, labels.HAIR))


class HelenSource(FileSource):
    """The archive as unpacked. Of a photograph the largest square is used, moved as near to the face as it goes.

    Args:
      path: folder that holds ``images``, ``labels`` and the lists.
      resolution: size in pixels that ``load`` returns.
      split: "train" (exemplars and tuning), "validation" (testing) or "all".

    Raises:
      UserError: a list is missing, empty or holds a line of another form.
    """

    def __init__(self, path: Path, resolution: int, split: str):
        self.resolution = resolution
        self._path = path
        self.names = tuple(name for file in LISTS[split] for name in _listed(path / file))

    def read_image(self, index: int) -> np.ndarray:
        """See ``FileSource.read_image``."""
        return images.read_image(self._path / "images" / f"{self.names[index]}.jpg")

    def read_label(self, index: int) -> np.ndarray:
        """See ``FileSource.read_label``; the surest class of each pixel, the smaller id where two are equal."""
        name = self.names[index]
        stem = self._path / "labels" / name / name
        channels = [images.read_label(f"{stem}_lbl{i:02d}.png") for i in range(labels.NUM_CLASSES)]
        if len({channel.shape for channel in channels}) > 1:
            raise UserError(f"{stem}_lbl*.png: channels of different sizes; allowed: the size of {name}.jpg")
        return self.converted(np.argmax(channels, axis=0).astype(np.uint8), "helen")

    def frame(self, index: int, image: np.ndarray, label: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The largest square of the photograph, as near to the face as the frame allows."""
        if image.shape[:2] != label.shape:
            raise UserError(f"{self.names[index]}: image {image.shape[:2]} and label {label.shape} differ in size")
        top, left = _square_corner(label, labels.PARTIAL_HELEN if self.partial else 0)
        side = min(label.shape)
        window = np.s_[top : top + side, left : left + side]
        return np.ascontiguousarray(image[window]), np.ascontiguousarray(label[window])


def _square_corner(label: np.ndarray, first: int) -> tuple[int, int]:
    """(top, left) of the largest square in the frame whose middle is nearest to the middle of the face; `first` is the
    label's id of Helen's first class."""
    height, width = label.shape
    side = min(height, width)
    top, bottom, left, right = bounding_box(label, tuple(first + value for value in _FACE)) or (0, height, 0, width)
    corner_row, corner_column = (top + bottom - side) // 2, (left + right - side) // 2
    return min(max(corner_row, 0), height - side), min(max(corner_column, 0), width - side)


def _listed(file: Path) -> list[str]:
    """The names in a list file."""
    if not file.is_file():
        raise UserError(f"{file}: there is no such file; unpack the whole archive (SmithCVPR2013_dataset)")
    names = []
    for line in filter(str.strip, file.read_text(encoding="utf-8").splitlines()):
        name = line.partition(",")[2].strip()
        if not name or Path(name).name != name:
            raise UserError(f"{file}: the line {line.strip()!r}; allowed: 'number , name'")
        names.append(name)
    if not names:
        raise UserError(f"{file}: empty; allowed: lines 'number , name'")
    return names
