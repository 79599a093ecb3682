"""Sources: numbered portraits with masks, whatever the layout on disk."""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from absl import logging

from mgpe_tf.config import DataConfig, config_from_dict
from mgpe_tf.config_check import check_field, check_label_sets, names_of
from mgpe_tf.data.formats import left_alone
from mgpe_tf.data.label_sets import label_set_of, require_known
from mgpe_tf.errors import UserError
from mgpe_tf.labels import order_left_right, to_helen, to_partial

LAYOUTS = tuple(name for name in names_of("data.layout") if name != "synthetic")
"""Layouts on disk; ``open_source`` knows "synthetic" besides."""

SPLITS = ("train", "validation", "all")
"""Parts of an official archive. A folder or a set of records is one part: there all three mean the whole."""

VALIDATION_SEED = 10**9
"""Seed of the first synthetic validation portrait, beyond those of any training set."""


class Source(abc.ABC):
    """Portraits with masks, by number. Reading is safe from several threads.

    Attributes:
      names: one name per portrait.
      resolution: height and width in pixels of what ``load`` returns.
      problems: what is wrong with the listing, or with the label set of a sample, one line each; known at once.
      others: files beside the portraits' that are left alone, since they are no pictures by their endings.
      partial: whether masks are of partial ids (``labels.PARTIAL_PARTS``), by which a parser of nineteen classes is
        trained.
      knows_parts: whether labels tell all parts of a portrait apart, of some portraits at least; masks do if `partial`.
      unknown: whether masks may have pixels of ``labels.UNKNOWN``, of partial ids ``labels.UNLABELLED``.
    """

    names: tuple[str, ...]
    resolution: int
    problems: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    partial = False
    knows_parts = False
    unknown = False

    def __len__(self) -> int:
        return len(self.names)

    @abc.abstractmethod
    def load(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Portrait number `index`: (image uint8 RGB [R, R, 3], mask uint8 [R, R]), R = ``resolution``. The mask is one
        of Helen ids, or of partial ones.

        Left and right ids are in order. Raises UserError naming the file if a file of the portrait is unfit.
        """

    def stored_image(self, index: int) -> bytes | None:
        """The file of the image as stored, whatever its size; None where there is no file of it."""
        return None


class FileSource(Source):
    """A source of files as they are: a layout says how to read them, this class brings them into shape."""

    @abc.abstractmethod
    def read_image(self, index: int) -> np.ndarray:
        """The image as stored, uint8 RGB [H, W, 3]. Raises UserError naming an unfit file."""

    @abc.abstractmethod
    def read_label(self, index: int) -> np.ndarray:
        """The label as stored, uint8 [H, W], converted to Helen ids, or partial ones. Raises UserError naming an unfit
        file."""

    def converted(self, label: np.ndarray, label_set: str, name: str = "label") -> np.ndarray:
        """Ids of a label set as the source gives them; `name` is for the error."""
        return (to_partial if self.partial else to_helen)(label, label_set, name, self.unknown)

    def frame(self, index: int, image: np.ndarray, label: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The square part of image and label that is used: all, or a UserError if they are not square."""
        for what, array in (("image", image), ("label", label)):
            height, width = array.shape[:2]
            if height != width:
                raise UserError(
                    f"{self.names[index]}: {what} of {width} x {height} pixels; allowed: squares; align photographs"
                    " with python -m mgpe_tf.prepare"
                )
        return image, label

    def load(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """See ``Source.load``."""
        image, label = self.frame(index, self.read_image(index), self.read_label(index))
        label = order_left_right(label, self.partial)
        return resize_image(image, self.resolution), resize_label(label, self.resolution)


def resize_image(image: np.ndarray, resolution: int) -> np.ndarray:
    """Resizes a square uint8 image [H, H, 3]: area means down, cubic up."""
    if image.shape[0] == resolution:
        return image
    import cv2

    method = cv2.INTER_AREA if image.shape[0] > resolution else cv2.INTER_CUBIC
    return cv2.resize(image, (resolution, resolution), interpolation=method)


def resize_label(label: np.ndarray, resolution: int) -> np.ndarray:
    """Resizes a square label [H, H] to the nearest pixel centre, so it keeps its place under a resized image."""
    if label.shape[0] == resolution:
        return label
    import cv2

    return cv2.resize(label, (resolution, resolution), interpolation=cv2.INTER_NEAREST_EXACT)


def open_source(data: DataConfig, split: str, partial: bool = False, unknown: bool = False) -> Source:
    """The source that a config describes.

    Args:
      data: the ``data`` part of a config.
      partial: see ``Source``.
      unknown: whether labels may have unknown pixels (see ``Source``).
      split: "train" or "validation". Official archives hold both: without ``validation_path`` their own validation
        part of ``path`` is used.

    Raises:
      UserError: names the config field, or the first file that has no partner.
    """
    data = config_from_dict(dataclasses.asdict(data), DataConfig, "data")  # a folder that was set as text becomes one
    check_field("data.layout", data.layout)
    if data.layout == "synthetic":
        from mgpe_tf.data.synthetic import SyntheticSource

        if split == "train":
            return SyntheticSource(data.synthetic_size, data.resolution, partial=partial)
        return SyntheticSource(data.validation_size, data.resolution, first_seed=VALIDATION_SEED, partial=partial)
    return open_joined(data.layout, folders_of(data, split), data.label_set, data.resolution, split, partial, unknown)


def open_joined(
    layout: str,
    folders: Sequence[str | Path],
    label_sets: Sequence[str],
    resolution: int,
    split: str = "all",
    partial: bool = False,
    unknown: bool = False,
) -> Source:
    """One or more data sets of one layout as one source without problems.

    Args:
      layout: see ``open_layout``.
      folders: at least one.
      label_sets: one for all folders or one for each; none for what each folder says.
      resolution: see ``open_layout``.
      split: see ``open_layout``.
      partial: see ``Source``.
      unknown: whether labels may have unknown pixels (see ``Source``).

    Raises:
      UserError: names the first bad file or folder, or the wrong number of label sets.
    """
    sources = [
        open_layout(layout, folder, label_set, resolution, split)
        for folder, label_set in zip(folders, _one_for_each(label_sets, folders))
    ]
    for folder, one in zip(folders, sources):
        require_known(one.unknown and not unknown, folder)
        one.partial = partial
    if len(sources) == 1:
        source: Source = sources[0]
    else:
        from mgpe_tf.data.joined import JoinedSource

        source = JoinedSource(sources, [str(folder) for folder in folders])
        source.partial = partial
    require_sound(source)
    return source


def _one_for_each(label_sets: Sequence[str], folders: Sequence[str | Path]) -> list[str]:
    """The label set of each folder; "" where none is named."""
    check_label_sets(label_sets, folders)
    return [*(label_sets or [""])] * (len(folders) if len(label_sets) < 2 else 1)


def with_label_sets(data: DataConfig) -> DataConfig:
    """The same with the label sets by which the folders of the training set are read; UserError as ``label_set_of``."""
    if data.layout != "folder" or not data.path:
        return data
    folders = [Path(folder) for folder in data.path]
    named = tuple(
        label_set_of(data.layout, folder, label_set)
        for folder, label_set in zip(folders, _one_for_each(data.label_set, folders))
    )
    return dataclasses.replace(data, label_set=named[:1] if len(set(named)) == 1 else named)


def require_sound(source: Source) -> None:
    """Raises UserError with the first of the source's ``problems``, if it has any; says which files are left alone."""
    if source.problems:
        more = f" (and {len(source.problems) - 1} more)" if len(source.problems) > 1 else ""
        raise UserError(f"{source.problems[0]}{more}; python -m mgpe_tf.check_data lists every bad file")
    if source.others:
        logging.warning(left_alone(source.others))


def open_layout(layout: str, path: str | Path, label_set: str, resolution: int, split: str = "all") -> FileSource:
    """The files under `path` as a source.

    Args:
      layout: one of ``LAYOUTS``.
      path: folder of the data set.
      label_set: ids of the label files of a "folder"; "" for what the folder says. The other layouts know theirs, and
        allow no other one.
      resolution: size in pixels that ``load`` returns.
      split: one of ``SPLITS``.
    """
    path = Path(path)
    if not path.is_dir():
        raise UserError(f"{path}: there is no such folder")
    label_set_of(layout, path, label_set)
    if layout == "folder":
        from mgpe_tf.data.folder import FolderSource

        return FolderSource(path, label_set, resolution)
    if layout == "celebamask_hq":
        from mgpe_tf.data.celebamask_hq import CelebAMaskHQSource

        return CelebAMaskHQSource(path, resolution, split)
    if layout == "helen":
        from mgpe_tf.data.helen import HelenSource

        return HelenSource(path, resolution, split)
    if layout == "tfrecord":
        from mgpe_tf.data.tfrecord import TFRecordSource

        return TFRecordSource(path, resolution)
    assert layout == "packed", layout
    from mgpe_tf.data.packed import PackedSource

    return PackedSource(path, resolution)


def folders_of(data: DataConfig, split: str) -> list[Path]:
    """The folders of a split; UserError naming the config field that is empty or wrong."""
    own_split = data.layout in ("celebamask_hq", "helen")
    field = "path" if split == "train" or (own_split and not data.validation_path) else "validation_path"
    folders = [Path(folder) for folder in getattr(data, field)]
    if not folders:
        raise UserError(f"data.{field}: empty; layout {data.layout!r} needs a folder: set --config.data.{field}=FOLDER")
    for folder in folders:
        if not folder.is_dir():
            raise UserError(f"data.{field}: there is no folder {folder}")
    return folders
