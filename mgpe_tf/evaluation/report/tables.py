"""Parts that all reports share: numbers as text, rows of a table, and the files of --output."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from mgpe_tf.data.grids import save_picture
from mgpe_tf.evaluation.measure.score import Score
from mgpe_tf.storage.files import write_text


def write_files(folder: Path, document: dict, pictures: Mapping[str, np.ndarray]) -> None:
    """Writes scores.json, and pictures uint8 RGB by their file names.

    Raises:
      WriteError: a file cannot be written.
    """
    write_text(folder / "scores.json", json.dumps(document, indent=2, allow_nan=False) + "\n")
    for name, picture in pictures.items():
        save_picture(folder / name, picture)


def number_text(value: float | None) -> str:
    """A score as tables show it: a count as it is, else three decimals, or more where those would say too little."""
    if value is None:
        return "-"
    if isinstance(value, int):
        return str(value)
    if 0.9995 <= value < 1:
        return f"{value:.6f}"
    return f"{value:.3f}" if value == 0 or abs(value) >= 0.1 else f"{value:.3g}"


def score_rows(scores: Mapping[str, Score]) -> list[tuple[str, str, str]]:
    """Name, number and protocol of each score."""
    return [(name, number_text(score.value), score.protocol) for name, score in scores.items()]


def score_entries(scores: Mapping[str, Score]) -> dict[str, dict]:
    """The scores as they stand in scores.json: numbers and protocols by name."""
    return {
        "scores": {name: score.value for name, score in scores.items()},
        "protocols": {name: score.protocol for name, score in scores.items()},
    }


def aligned(rows: Sequence[tuple[str, ...]]) -> str:
    """Rows of cells as text in columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
