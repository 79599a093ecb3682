"""The report of a parser's evaluation: scores as text and JSON, and the pictures beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from mgpe_tf.data.grids import save_picture
from mgpe_tf.errors import UserError
from mgpe_tf.evaluation.parser import ParserEvaluation
from mgpe_tf.evaluation.pictures import confusion_picture, worst_picture
from mgpe_tf.labels import HELEN_NAMES
from mgpe_tf.metrics.segmentation import class_f1, class_iou, mean_iou, segmentation_scores

PROTOCOLS = {
    "f1_macro_foreground": "mean F1 of the ten foreground classes; pixels pooled over the set",
    "f1_macro_foreground_per_image": "f1_macro_foreground of each image by itself, then the mean over the images",
    "f1_helen_overall": "F1 of brows, eyes, nose and mouth, each merged; their pixels over the set pooled",
    "miou_11_classes": "mean IoU of the eleven classes, background included; pixels pooled over the set",
    "pixel_accuracy": "share of all pixels of the set that are read as labelled",
}
"""What each score is. A mean over classes leaves out those that neither occur nor are read."""


def parser_scores(evaluation: ParserEvaluation) -> dict[str, float]:
    """Every score of ``PROTOCOLS``, in its order."""
    found = {
        **segmentation_scores(evaluation.pooled),
        "f1_macro_foreground_per_image": float(evaluation.image_f1.mean()),
        "miou_11_classes": mean_iou(evaluation.pooled),
    }
    return {name: found[name] for name in PROTOCOLS}


def class_scores(confusion: np.ndarray) -> dict[str, dict[str, float | None]]:
    """By class name: F1, IoU (None where the class neither occurs nor is read) and the share of pixels labelled so."""
    shares = confusion.sum(axis=1) / max(confusion.sum(), 1)
    columns = (class_f1(confusion), class_iou(confusion), shares)
    rows = zip(HELEN_NAMES, *(column.tolist() for column in columns), strict=True)
    return {
        name: {"f1": or_none(f1), "iou": or_none(iou), "share_of_pixels": share} for name, f1, iou, share in rows
    }


def parser_table(evaluation: ParserEvaluation) -> str:
    """The scores as text: a line per class, then a line per score with its protocol."""
    classes = [("class", "F1", "IoU", "share of pixels")]
    for name, values in class_scores(evaluation.pooled).items():
        f1, iou, share = values.values()
        classes.append((name, three_digits(f1), three_digits(iou), f"{share:15.1%}"))
    scores = [(name, three_digits(value), PROTOCOLS[name]) for name, value in parser_scores(evaluation).items()]
    return f"{aligned(classes)}\n\n{aligned(scores)}"


def parser_document(evaluation: ParserEvaluation, about: dict) -> dict:
    """All that is known, as JSON holds it.

    Args:
      evaluation: the counts.
      about: what was evaluated on what; its entries come first.
    """
    return {
        **about,
        "images": len(evaluation.names),
        "scores": parser_scores(evaluation),
        "protocols": PROTOCOLS,
        "classes": class_scores(evaluation.pooled),
        "confusion": {"rows": "label", "columns": "reading", "pixels": evaluation.pooled.tolist()},
        "f1_macro_foreground_of_images": dict(zip(evaluation.names, evaluation.image_f1.tolist(), strict=True)),
    }


def write_report(folder: Path, evaluation: ParserEvaluation, about: dict, worst: list) -> None:
    """Writes scores.json, confusion.png and worst.png.

    Args:
      folder: where to.
      evaluation: the counts.
      about: see ``parser_document``.
      worst: (image, label, reading) of the worst portraits, in the order of ``evaluation.worst``.

    Raises:
      UserError: a file cannot be written.
    """
    captions = [
        f"{rank}. {evaluation.names[index]}\nmacro F1 {evaluation.image_f1[index]:.3f}"
        for rank, index in enumerate(evaluation.worst(len(worst)), start=1)
    ]
    write_files(folder, parser_document(evaluation, about), {
        "confusion.png": confusion_picture(evaluation.pooled), "worst.png": worst_picture(captions, worst)})


def write_files(folder: Path, document: dict, pictures: Mapping[str, np.ndarray]) -> None:
    """Writes scores.json, and pictures uint8 RGB by their file names.

    Raises:
      UserError: a file cannot be written.
    """
    text = json.dumps(document, indent=2, allow_nan=False)
    try:
        (folder / "scores.json").write_text(text + "\n", encoding="utf-8")
        for name, picture in pictures.items():
            save_picture(folder / name, picture)
    except OSError as error:
        raise UserError(f"{error.filename or folder} cannot be written: {error.strerror or error}") from error


def or_none(value: float) -> float | None:
    """A score as JSON holds it: None for nan."""
    return None if np.isnan(value) else value


def three_digits(value: float | None) -> str:
    """A score as the tables show it."""
    return "-" if value is None else f"{value:.3f}"


def aligned(rows: list[tuple[str, ...]]) -> str:
    """Rows of cells as text in columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
