"""The report of a parser's evaluation: scores with their protocols, as text and JSON."""

from __future__ import annotations

import numpy as np

from mgpe_tf.evaluation.measure.parser_evaluation import ParserEvaluation
from mgpe_tf.evaluation.measure.parser_scores import PARTS, class_scores, counts, parser_scores
from mgpe_tf.evaluation.report.tables import aligned, number_text, score_entries, score_rows


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
    """The entries of scores.json for the classes of a label set."""
    return {
        "classes": class_scores(confusion, label_set),
        "confusion": {"rows": "label", "columns": "reading", "pixels": confusion.tolist()},
    }
