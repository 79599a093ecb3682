"""The report of a parser's evaluation, scores as text and JSON, and what all reports share."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from mgpe_tf import labels
from mgpe_tf.data.grids import save_picture
from mgpe_tf.evaluation.parser import ParserEvaluation
from mgpe_tf.evaluation.score import Score
from mgpe_tf.metrics.segmentation import class_f1, class_iou, macro_f1, mean_iou, segmentation_scores
from mgpe_tf.storage.files import write_text

PROTOCOLS = {
    "f1_macro_foreground": "mean F1 of the ten foreground classes; pixels pooled over the set",
    "f1_macro_foreground_per_image": "f1_macro_foreground of each image by itself, then the mean over the images",
    "f1_helen_overall": "F1 of brows, eyes, nose and mouth, each merged; their pixels over the set pooled",
    "miou_11_classes": "mean IoU of the eleven classes, background included; pixels pooled over the set",
    "pixel_accuracy": "share of all pixels of the set that are read as labelled",
}
"""What each score is. A mean over classes leaves out those that neither occur nor are read."""

PARTS = "celebamask_hq"
"""The label set of a parser of nineteen classes: where its classes stand in scores.json."""

PARTS_PROTOCOLS = {"f1_macro_parts": "mean F1 of CelebAMask-HQ's 18 foreground classes; pixels pooled over the set"}
"""What the score of these is, where parser and labels know them."""


def parser_scores(evaluation: ParserEvaluation) -> dict[str, Score]:
    """Every score of ``PROTOCOLS``, in its order, and those of ``PARTS_PROTOCOLS`` where the parts were counted."""
    protocols, found = (
        PROTOCOLS,
        {
            **segmentation_scores(evaluation.pooled),
            "f1_macro_foreground_per_image": float(evaluation.image_f1.mean()),
            "miou_11_classes": mean_iou(evaluation.pooled),
        },
    )
    if evaluation.parts is not None:
        protocols, found["f1_macro_parts"] = {**PROTOCOLS, **PARTS_PROTOCOLS}, macro_f1(evaluation.parts)
    return {name: Score(found[name], protocol) for name, protocol in protocols.items()}


def counts(evaluation: ParserEvaluation) -> dict[str, np.ndarray]:
    """The counts of all portraits together by label set: Helen's, and those of the parts where they were counted."""
    return {"helen": evaluation.pooled} | ({} if evaluation.parts is None else {PARTS: evaluation.parts})


def class_scores(confusion: np.ndarray, label_set: str = "helen") -> dict[str, dict[str, float | None]]:
    """By class name: F1, IoU (None where the class neither occurs nor is read) and the share of pixels labelled so."""
    shares = confusion.sum(axis=1) / max(confusion.sum(), 1)
    columns = (class_f1(confusion), class_iou(confusion), shares)
    rows = zip(labels.label_set(label_set).names, *(column.tolist() for column in columns), strict=True)
    return {name: {"f1": or_none(f1), "iou": or_none(iou), "share_of_pixels": share} for name, f1, iou, share in rows}


def class_rows(confusion: np.ndarray, label_set: str) -> list[tuple[str, str, str, str]]:
    """A header and a row for each class of a label set: name, F1, IoU, share of the pixels."""
    rows = [("class", "F1", "IoU", "share of pixels")]
    for name, values in class_scores(confusion, label_set).items():
        rows.append((name, number_text(values["f1"]), number_text(values["iou"]), f"{values['share_of_pixels']:.1%}"))
    return rows


def parser_table(evaluation: ParserEvaluation) -> str:
    """The scores as text: a line per class, then a line per score with its protocol."""
    tables = [
        aligned([(*row[:3], f"{row[3]:>15}") for row in class_rows(confusion, label_set)])
        for label_set, confusion in counts(evaluation).items()
    ]
    return "\n\n".join([*tables, aligned(score_rows(parser_scores(evaluation)))])


def parser_document(evaluation: ParserEvaluation, about: dict) -> dict:
    """All that is known, as JSON holds it.

    Args:
      evaluation: the counts.
      about: what was evaluated on what; its entries come first.
    """
    return {
        **about,
        "images": len(evaluation.names),
        **score_entries(parser_scores(evaluation)),
        **class_entries(evaluation.pooled),
        **({PARTS: class_entries(evaluation.parts, PARTS)} if evaluation.parts is not None else {}),
        "f1_macro_foreground_of_images": dict(zip(evaluation.names, evaluation.image_f1.tolist(), strict=True)),
    }


def class_entries(confusion: np.ndarray, label_set: str = "helen") -> dict[str, dict]:
    """What scores.json says of the classes of a label set."""
    return {
        "classes": class_scores(confusion, label_set),
        "confusion": {"rows": "label", "columns": "reading", "pixels": confusion.tolist()},
    }


def write_files(folder: Path, document: dict, pictures: Mapping[str, np.ndarray]) -> None:
    """Writes scores.json, and pictures uint8 RGB by their file names.

    Raises:
      WriteError: a file cannot be written.
    """
    write_text(folder / "scores.json", json.dumps(document, indent=2, allow_nan=False) + "\n")
    for name, picture in pictures.items():
        save_picture(folder / name, picture)


def or_none(value: float) -> float | None:
    """A score as JSON holds it: None for nan."""
    return None if np.isnan(value) else value


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
