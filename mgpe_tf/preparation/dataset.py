"""The output folder of ``python -m mgpe_tf.prepare``: files of the faces, and a line on every photograph."""

from __future__ import annotations

import collections
import dataclasses
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from mgpe_tf.data import images
from mgpe_tf.data.label_sets import DEFAULT, describe_folder
from mgpe_tf.errors import UserError
from mgpe_tf.preparation.photographs import NAME, SPLITS
from mgpe_tf.preparation.sample import DUPLICATE, FAILED, UNREADABLE, Prepared, SampleSettings
from mgpe_tf.storage import files
from mgpe_tf.storage.lines import append_lines, read_lines, write_lines
from mgpe_tf.storage.locks import NAME as LOCK

SETTINGS = "prepare.json"
"""File of what determines a data set: the settings, and where the photographs lie."""

NOT_FINAL = (UNREADABLE, FAILED, DUPLICATE)
"""Kinds of photographs that are looked at again the next time: the file, or the one that it repeats, may be another."""


@dataclasses.dataclass(frozen=True)
class Writer:
    """Writes the files of faces; safe from several processes.

    Attributes:
      folder: of the data set.
      image_format: "jpeg" of quality 95, or "png".
      label_set: of the labels.
      unknown: whether these may have pixels of ``labels.UNKNOWN``.
    """

    folder: Path
    image_format: str
    label_set: str = DEFAULT
    unknown: bool = False

    def paths(self, split: str, name: str) -> tuple[Path, Path, Path]:
        """A face's image, label and preview."""
        suffix = ".png" if self.image_format == "png" else ".jpg"
        part = self.folder / split
        return part / "images" / f"{name}{suffix}", part / "labels" / f"{name}.png", part / "preview" / f"{name}.png"

    def write(self, prepared: Prepared) -> dict:
        """Writes the faces of a photograph; returns its line, for ``Dataset.record``."""
        encode = encoder(self.image_format)
        for sample in prepared.samples:
            image, label, preview = self.paths(sample.line["split"], sample.name)
            files.write_bytes(image, encode(sample.image))
            images.write_label(label, sample.label, self.label_set, self.unknown)
            images.write_preview(preview, sample.label, self.label_set, self.unknown)
        return prepared.record()


class Dataset:
    """A data set that grows: {train,val}/{images,labels,preview}/NAME, manifest.jsonl and rejected.jsonl.

    What is done is kept in photographs.jsonl, a line per photograph, which is appended after its files are whole.

    Args:
      folder: made if it is missing.
      settings: must be those with which the folder was begun.
      root: folder of the photographs; must be the same, too.

    Raises:
      UserError: the folder was begun otherwise, or is no folder of this kind.
    """

    def __init__(self, folder: Path, settings: SampleSettings, root: Path):
        self.folder = folder
        self.writer = Writer(folder, settings.image_format, settings.label_set, settings.unknown_below > 0)
        self._journal = folder / "photographs.jsonl"
        about = described(settings, input=str(root))
        begin(folder, SETTINGS, about, SPLITS, self.writer.label_set, self.writer.unknown)
        self._lines = {line["file"]: line for line in read_lines(self._journal)}

    def unfinished(self, files: Iterable[str]) -> list[str]:
        """The photographs among `files` that must be prepared; files that belong to none of the others are removed."""
        files = list(files)
        self._lines = {file: self._lines[file] for file in files if self._is_finished(file)}
        write_lines(self._journal, self._lines.values())
        self._sweep()
        return [file for file in files if file not in self._lines]

    def _is_finished(self, file: str) -> bool:
        line = self._lines.get(file)
        return (
            line is not None
            and not any(reason["kind"] in NOT_FINAL for reason in line["left_out"])
            and all(path.exists() for face in line["faces"] for path in self.writer.paths(face["split"], face["name"]))
        )

    def _sweep(self) -> None:
        """Removes files of faces that no line speaks of: left by a crash, or of photographs that are gone."""
        known = {
            path
            for line in self._lines.values()
            for face in line["faces"]
            for path in self.writer.paths(face["split"], face["name"])
        }
        for part in parts(SPLITS):
            for path in map(Path, os.scandir(self.folder / part)):
                if path not in known and NAME.fullmatch(path.stem):
                    path.unlink()

    def first_files(self) -> dict[str, str]:
        """The files that are finished, by their SHA-256."""
        return {line["sha256"]: file for file, line in self._lines.items()}

    def record(self, lines: Iterable[dict]) -> None:
        """Appends lines of photographs that are done."""
        lines = list(lines)
        append_lines(self._journal, lines)
        self._lines.update({line["file"]: line for line in lines})

    def finish(self) -> str:
        """Writes manifest.jsonl and rejected.jsonl, both in the order of the files; returns the summary."""
        lines = [self._lines[file] for file in sorted(self._lines)]
        for name, part in (("manifest.jsonl", "faces"), ("rejected.jsonl", "left_out")):
            write_lines(self.folder / name, (entry for line in lines for entry in line[part]))
        return summary(lines)


def parts(splits: Iterable[str]) -> list[str]:
    """The folders of a data set with these splits."""
    return [f"{split}/{part}" for split in splits for part in ("images", "labels", "preview")]


def begin(
    folder: Path, name: str, settings: dict, splits: Iterable[str], label_set: str = DEFAULT, unknown: bool = False
) -> None:
    """Makes the folder of a data set with these splits, whose labels are of a label set and may have unknown pixels,
    and writes its settings to the file `name`.

    Raises:
      UserError: the folder was begun with other settings, or is no folder of this kind.
    """
    path = folder / name
    if path.exists():
        require_same(json.loads(path.read_text(encoding="utf-8")), settings, folder)
    elif folder.exists() and any(path.name != LOCK for path in folder.iterdir()):
        raise UserError(f"--output={folder}: not empty, and without {name}; choose a new folder")
    files.make_folder(folder)
    files.write_text(path, json.dumps(settings, indent=2) + "\n")
    for part in parts(splits):
        files.make_folder(folder / part)
    for split in splits:
        describe_folder(folder / split, label_set, unknown)


def encoder(image_format: str) -> Callable[[np.ndarray], bytes]:
    """The encoder of an image's file, from uint8 RGB [R, R, 3]: JPEG of quality 95, or PNG."""
    return images.encode_png if image_format == "png" else images.encode_jpeg


def described(settings: Any, **more: object) -> dict:
    """Settings, a dataclass, as JSON holds them."""
    return json.loads(json.dumps({"format": 1, **more, **dataclasses.asdict(settings)}))


def require_same(found: dict, wanted: dict, folder: Path | str) -> None:
    """UserError naming the first setting in which a folder that was begun differs from what is wanted."""
    found, wanted = ({**values, **values.get("filters", {}), "filters": None} for values in (found, wanted))
    found.setdefault("label_set", DEFAULT)  # there was no other one
    for name in wanted:
        # What an earlier version did not know is missing, and now empty.
        if (found.get(name) or None) != (wanted[name] or None):
            raise UserError(
                f"--output={folder} was begun with {name} {found.get(name)!r}, not {wanted[name]!r}; give "
                "the same, or choose another folder"
            )


def summary(lines: Iterable[dict]) -> str:
    """How many faces there are, and how many were left out for what."""
    faces: collections.Counter[str] = collections.Counter()
    kinds: collections.Counter[str] = collections.Counter()
    photographs = 0
    for line in lines:
        photographs += 1
        faces.update(face["split"] for face in line["faces"])
        kinds.update(entry["kind"] for entry in line["left_out"])
    return summary_text(photographs, faces, kinds)


def summary_text(photographs: int, faces: collections.Counter, kinds: collections.Counter) -> str:
    """Counts by split and by kind of flaw, in words."""
    counted = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    return (
        f"{faces.total()} faces ({', '.join(f'{faces[split]} {split}' for split in SPLITS)}) of {photographs} "
        f"photographs; left out: {counted or 'none'}"
    )
