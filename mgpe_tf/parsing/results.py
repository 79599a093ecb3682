"""The output folder of ``python -m mgpe_tf.parse``: masks, pictures to look at, and a line on every photograph."""

from __future__ import annotations

import dataclasses
import itertools
import os
from pathlib import Path
from typing import Any

import numpy as np

from mgpe_tf import labels
from mgpe_tf.data import images
from mgpe_tf.data.grids import legend_picture, save_picture
from mgpe_tf.data.label_sets import DEFAULT, describe_folder, stated
from mgpe_tf.errors import UserError
from mgpe_tf.parsing.photographs import AlignedPhotograph
from mgpe_tf.storage import files
from mgpe_tf.storage.lines import append_lines, read_lines, write_lines

PARTS = ("labels", "preview", "overlay")
"""Folders of the results."""


@dataclasses.dataclass(frozen=True)
class Writer:
    """Writes the pictures of parsed photographs; safe from several threads and processes.

    Attributes:
      folder: has the subfolders labels, preview and overlay.
      model: where the parser lies.
      min_confidence: photographs of a lower confidence get no label.
      found: whether faces were looked for.
      flip: whether predictions are averaged with those of mirror images.
      label_set: of the masks.
    """

    folder: Path
    model: str
    min_confidence: float = 0.0
    found: bool = False
    flip: bool = False
    label_set: str = "helen"

    def paths(self, name: str) -> tuple[Path, Path, Path]:
        """The label, preview and overlay of that name."""
        return (
            self.folder / "labels" / f"{name}.png",
            self.folder / "preview" / f"{name}.png",
            self.folder / "overlay" / f"{name}.jpg",
        )

    def write(self, photograph: AlignedPhotograph, name: str, probabilities: np.ndarray) -> dict[str, Any]:
        """Writes the pictures of a photograph.

        Args:
          photograph: what was read.
          name: of its pictures.
          probabilities: float32 [R, R, C], of the label set's classes.

        Returns:
          Its line, for ``Results.record``.
        """
        mask, confidence, shares = prediction(probabilities, self.label_set)
        label = photograph.label(mask)
        left_out = confidence < self.min_confidence
        label_path, preview_path, overlay_path = self.paths(name)
        images.write_preview(preview_path, label, self.label_set)
        files.write_bytes(overlay_path, images.encode_jpeg(overlay(photograph.image, label, self.label_set)))
        if left_out:
            label_path.unlink(missing_ok=True)
        else:
            images.write_label(label_path, label, self.label_set)
        return {
            "file": str(photograph.file),
            "name": name,
            "sha256": photograph.sha256,
            "model": self.model,
            "face_found": self.found or None,  # null: nobody looked
            "face": photograph.choice and photograph.choice.number,
            "other_faces": list(photograph.choice.others) if photograph.choice else [],
            "flip": self.flip,
            "label_set": self.label_set,
            "confidence": confidence,
            "left_out": left_out,
            "shares": shares,
        }


class Results:
    """The files of one folder: labels/NAME.png, preview/NAME.png, overlay/NAME.jpg, parse.jsonl, left_out.txt,
    legend.png and dataset.json.

    A picture appears whole or not at all, and a line of parse.jsonl after its pictures: so whatever has a line is
    finished. NAME is the photograph's name without ending; where two share it, the later one gets "-2" and so on.

    Args:
      writer: its folder is made if it is missing; what was read by another parser, with faces looked for or not, or
        with another `flip` or label set, is not finished.
      overwrite: nothing is finished.

    Raises:
      UserError: the folder has masks but no parse.jsonl, or masks of another label set.
      WriteError: it cannot be written, as from any method that writes.
    """

    def __init__(self, writer: Writer, overwrite: bool = False):
        self.writer, self.folder, self.overwrite = writer, writer.folder, overwrite
        folder = self.folder
        self._record = folder / "parse.jsonl"
        if (folder / "labels").exists() and not self._record.exists():
            raise UserError(
                f"--output={folder} has labels/ but no parse.jsonl: these masks are not replaced; choose another folder"
            )
        files.make_folder(folder)
        files.append_text(self._record, "")  # first of all: from now on the masks here are of this kind
        for part in PARTS:
            files.make_folder(folder / part)
        self._describe()
        self._lines = {line["file"]: line for line in read_lines(self._record)}
        self._names = {file: line["name"] for file, line in self._lines.items()}

    def _describe(self) -> None:
        """Says whose ids the masks are; UserError where there are some of another label set."""
        folder, label_set = self.folder, self.writer.label_set
        there = stated(folder) or DEFAULT  # earlier versions did not say it
        if there != label_set and any((folder / "labels").iterdir()):
            raise UserError(f"--output={folder} has masks of label set {there}, not {label_set}; choose another folder")
        describe_folder(folder, label_set)
        save_picture(folder / "legend.png", legend_picture(label_set))

    def unfinished(self, files: list[Path]) -> dict[Path, str]:
        """The names of those of the `files` that must be read."""
        found = [file for file in files if self.overwrite or not self._is_finished(file)]
        taken = {name.casefold() for name in self._names.values()}
        for file in map(str, found):
            self._lines.pop(file, None)
            if file not in self._names:
                self._names[file] = _free_name(Path(file).stem, taken)
                taken.add(self._names[file].casefold())
        write_lines(self._record, self._lines.values())
        return {file: self._names[str(file)] for file in found}

    def _is_finished(self, file: Path) -> bool:
        line, writer = self._lines.get(str(file)), self.writer
        if line is None:
            return False
        # Lines of older versions have no flip and no label set.
        way = line["model"], bool(line["face_found"]), line.get("flip", False), line.get("label_set", DEFAULT)
        if way != (writer.model, writer.found, writer.flip, writer.label_set):
            return False
        left_out = line["confidence"] < self.writer.min_confidence
        return line["left_out"] == left_out and all(
            path.exists() for path in self.writer.paths(line["name"])[left_out:]
        )

    def record(self, lines: list[dict[str, Any]]) -> None:
        """Appends lines to parse.jsonl."""
        append_lines(self._record, lines)
        self._lines.update({line["file"]: line for line in lines})

    def write_left_out(self) -> int:
        """Lists the photographs that were left out in left_out.txt; returns their number."""
        photographs = sorted(line["file"] for line in self._lines.values() if line["left_out"])
        files.write_text(self.folder / "left_out.txt", "".join(f"{photo}\n" for photo in photographs))
        return len(photographs)


def prediction(probabilities: np.ndarray, label_set: str = "helen") -> tuple[np.ndarray, float, dict[str, float]]:
    """The prediction for a portrait, from the probabilities float32 [R, R, C] of a label set's classes.

    Returns:
      The mask, uint8 [R, R]; the confidence, which is the mean over the pixels of the largest class
      probability; and each class's share of the pixels by its name. Both are rounded to 6 decimals.
    """
    mask = probabilities.argmax(axis=-1).astype(np.uint8)
    names = labels.label_set(label_set).names
    shares = np.bincount(mask.ravel(), minlength=len(names)) / mask.size
    confidence = round(float(probabilities.max(axis=-1).mean()), 6)
    return mask, confidence, {name: round(float(share), 6) for name, share in zip(names, shares, strict=True)}


def face_share(line: dict[str, Any]) -> float:
    """The share of the pixels of a photograph's line that are face, without hair."""
    known = labels.label_set(line["label_set"])
    shares: list[float] = [line["shares"][name] for name, own in zip(known.names, known.to_helen) if own in labels.FACE]
    return sum(shares)


def overlay(image: np.ndarray, label: np.ndarray, label_set: str) -> np.ndarray:
    """uint8 RGB [H, W, 3]: the image, half covered by the colours of all classes but the background."""
    mixed = image // 2 + labels.colourise(label, label_set) // 2
    return np.where((label == labels.BACKGROUND)[..., None], image, mixed)


def _fitting(stem: str, ending: str) -> str:
    while len(os.fsencode(stem + ending)) > 251:
        stem = stem[:-1]
    return stem + ending


def _free_name(stem: str, taken: set[str]) -> str:
    """`stem`, or the first of stem-2, stem-3, ... that is not `taken` (in lower case, as some file systems compare).

    A long stem is cut, for the name and an ending of four characters to fit into a file's 255 bytes.
    """
    names = (_fitting(stem, ending) for ending in itertools.chain([""], (f"-{i}" for i in itertools.count(2))))
    return next(name for name in names if name.casefold() not in taken)
