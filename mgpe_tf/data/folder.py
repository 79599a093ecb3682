"""The plain layout: images/NAME.jpg with labels/NAME.png."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from mgpe_tf import labels
from mgpe_tf.data import images, label_sets, masks
from mgpe_tf.data.formats import SUFFIXES, is_picture_name, is_seen
from mgpe_tf.data.source import FileSource
from mgpe_tf.errors import UserError


class FolderSource(FileSource):
    """A folder with ``images/`` and ``labels/``; files belong together by their names without the ending.

    Other files (text) are left alone, and named in ``others``. Images without label, labels without image and names
    that occur twice are ``problems``, as are labels that look like those of another label set if the folder does not
    name its own.

    Args:
      path: the folder.
      label_set: ids of the label files, a key of ``labels.LABEL_SETS``; "" for what the folder says
        (``label_sets.label_set_of``).
      resolution: size in pixels that ``load`` returns.

    Raises:
      UserError: a subfolder is missing, there is no image, or the folder names another label set.
    """

    def __init__(self, path: Path, label_set: str, resolution: int):
        self.label_set = label_sets.label_set_of("folder", path, label_set and labels.label_set(label_set).name)
        self.resolution = resolution
        self.knows_parts, self.unknown = labels.knows_parts(self.label_set), label_sets.has_unknown(path)
        image_files, image_problems, image_others = _by_stem(path / "images")
        label_files, label_problems, label_others = _by_stem(path / "labels")
        if not image_files:
            raise UserError(f"{path / 'images'}: {_none_there(path)}")
        self.names = tuple(sorted(image_files.keys() & label_files.keys()))
        self.others = (*image_others, *label_others)
        self._images = [path / "images" / image_files[name] for name in self.names]
        self._labels = [path / "labels" / label_files[name] for name in self.names]
        self.problems = (
            *self._misfit(path),
            *image_problems,
            *label_problems,
            *_alone(image_files, label_files, "image without a label: add labels/{}.png or remove it"),
            *_alone(label_files, image_files, "label without an image: add images/{}.jpg or remove it"),
        )

    def _misfit(self, path: Path) -> list[str]:
        """A line if the folder does not name its label set and its labels look like those of another one."""
        if label_sets.stated(path):
            return []
        line = label_sets.misfit(path, self.label_set, len(self), self._ids)
        return [line] if line else []

    def read_image(self, index: int) -> np.ndarray:
        """See ``FileSource.read_image``."""
        return images.read_image(self._images[index])

    def read_label(self, index: int) -> np.ndarray:
        """See ``FileSource.read_label``."""
        return self.converted(self._ids(index), self.label_set, str(self._labels[index]))

    def _ids(self, index: int) -> np.ndarray:
        """A label's ids, uint8 [H, W], in its own label set."""
        return masks.read_label(self._labels[index], labels.legend(self.label_set))

    def stored_image(self, index: int) -> bytes:
        """See ``Source.stored_image``."""
        return self._images[index].read_bytes()

    def frame(self, index: int, image: np.ndarray, label: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """See ``FileSource.frame``; image and label must also have one size."""
        if image.shape[:2] != label.shape:
            height, width = label.shape
            raise UserError(
                f"{self._labels[index]}: {width} x {height} pixels; allowed: {image.shape[1]} x {image.shape[0]} as"
                f" {self._images[index].name}; resize the label with nearest neighbour"
            )
        return super().frame(index, image, label)


def _by_stem(folder: Path) -> tuple[dict[str, str], list[str], list[str]]:
    """File names of the pictures in a folder by name without ending, a line for each name that occurs twice, and the
    paths of the other files."""
    if not folder.is_dir():
        raise UserError(f"{folder}: there is no such folder; the layout 'folder' has images/ and labels/")
    files: dict[str, str] = {}
    problems, others = [], []
    for file in sorted(filter(is_seen, os.listdir(folder))):
        stem = os.path.splitext(file)[0]
        if not is_picture_name(file):
            others.append(str(folder / file))
        elif stem in files:
            problems.append(f"{folder / file}: has the name of {files[stem]}; allowed: one file per name")
        else:
            files[stem] = file
    return files, problems, others


def _none_there(path: Path) -> str:
    """What to say of a data set without images: a part of a small one that ``prepare`` made may be empty."""
    if (path.parent / "prepare.json").is_file():
        share = "larger --val_share; 0.4 suits a dozen photographs" if path.name == "val" else "smaller --val_share"
        return f"prepare put no portraits there; prepare into another folder with a {share}"
    return f"no images; allowed: {', '.join(SUFFIXES)}"


def _alone(files: dict[str, str], partners: dict[str, str], problem: str) -> list[str]:
    """A line for each file that has no partner; `problem` has a place for its name."""
    return [f"{file}: {problem.format(stem)}" for stem, file in files.items() if stem not in partners]
