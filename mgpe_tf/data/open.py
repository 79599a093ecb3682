"""Sources opened by the layout of their files, as a config or a command line names it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

from absl import logging

from mgpe_tf.config import DataConfig, config_from_dict
from mgpe_tf.config_check import check_field, check_label_sets
from mgpe_tf.data.celebamask_hq import CelebAMaskHQSource
from mgpe_tf.data.formats import left_alone
from mgpe_tf.data.helen import HelenSource
from mgpe_tf.data.joined import JoinedSource
from mgpe_tf.data.label_sets import label_set_of, require_known
from mgpe_tf.data.packed import PackedSource
from mgpe_tf.data.source import FileSource, Source
from mgpe_tf.errors import UserError
from mgpe_tf.labels import knows_parts

SPLITS = ("train", "validation", "all")
"""Parts of an official archive. A folder or a set of records is one part: there all three mean the whole."""

VALIDATION_SEED = 10**9
"""Seed of the first synthetic validation portrait, beyond those of any training set."""


# What imports OpenCV or TensorFlow is imported when it is opened: training on packed sets does without them.


def _folder(path: Path, label_set: str, resolution: int, split: str) -> FileSource:
    from mgpe_tf.data.folder import FolderSource

    return FolderSource(path, label_set, resolution)


def _records(path: Path, label_set: str, resolution: int, split: str) -> FileSource:
    from mgpe_tf.data.tfrecord import TFRecordSource

    return TFRecordSource(path, resolution)


LAYOUTS: dict[str, Callable[[Path, str, int, str], FileSource]] = {
    "folder": _folder,
    "celebamask_hq": lambda path, label_set, resolution, split: CelebAMaskHQSource(path, resolution, split),
    "helen": lambda path, label_set, resolution, split: HelenSource(path, resolution, split),
    "tfrecord": _records,
    "packed": lambda path, label_set, resolution, split: PackedSource(path, resolution),
}
"""Layouts on disk: what opens a folder, from (path, label set, resolution, split). ``open_source`` knows "synthetic"
besides."""


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


def merging(data: DataConfig) -> list[str]:
    """The folders of the training set, once each, whose labels merge parts that CelebAMask-HQ's tell apart; of layouts
    that name no label set none."""
    pairs = zip(data.path, _one_for_each(data.label_set, data.path) if data.label_set else ())
    return list(dict.fromkeys(folder for folder, label_set in pairs if not knows_parts(label_set)))


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
    return LAYOUTS[layout](path, label_set, resolution, split)


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
