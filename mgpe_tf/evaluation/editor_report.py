"""The report of an editor's evaluation: scores with their protocols, as text and JSON."""

from __future__ import annotations

import numpy as np

from mgpe_tf.evaluation.editor import KINDS, EditorEvaluation
from mgpe_tf.evaluation.quality import PROTOCOLS
from mgpe_tf.evaluation.report import aligned, number_text, or_none, score_entries, score_rows
from mgpe_tf.evaluation.score import Score
from mgpe_tf.labels import HELEN_NAMES
from mgpe_tf.metrics.segmentation import class_f1, macro_f1

READINGS = {
    "photographs": "m_t as P_F reads it off x_t: mean F1 of ten classes, pixels pooled",
    "reconstructions": "m_t as P_F reads it off reconstructions: mean F1, pooled",
    "swaps": "m_t as P_F reads it off swaps: mean F1 of ten classes, pooled",
}
"""What each f1_macro_foreground is, by what is read."""


def editor_scores(evaluation: EditorEvaluation) -> dict[str, Score]:
    """Every score: means over the portraits, readings, then what is measured of sets."""
    quality = {}
    for name, protocol in PROTOCOLS.items():
        values = evaluation.values[name]
        quality[name] = Score(float(np.nanmean(values)) if not np.isnan(values).all() else None, protocol)
    readings = {
        f"f1_macro_foreground_{kind}": Score(macro_f1(evaluation.confusions[kind]), protocol)
        for kind, protocol in READINGS.items()
    }
    return {**quality, **readings, **evaluation.set_scores}


def editor_classes(evaluation: EditorEvaluation) -> dict[str, dict[str, float | None]]:
    """By class name: the F1 of the reading of each kind of picture; None where a class neither occurs nor is read."""
    columns = {kind: class_f1(evaluation.confusions[kind]).tolist() for kind in KINDS}
    return {
        name: {f"f1_{kind}": or_none(column[number]) for kind, column in columns.items()}
        for number, name in enumerate(HELEN_NAMES)
    }


def editor_table(evaluation: EditorEvaluation) -> str:
    """The scores as text: a line per class, then a line per score with its protocol."""
    classes: list[tuple[str, ...]] = [("F1 as P_F reads", *KINDS)]
    for name, values in editor_classes(evaluation).items():
        classes.append((name, *map(number_text, values.values())))
    return f"{aligned(classes)}\n\n{aligned(score_rows(editor_scores(evaluation)))}"


def editor_document(evaluation: EditorEvaluation, about: dict) -> dict:
    """All that is known, as JSON holds it.

    Args:
      evaluation: what was measured.
      about: what was evaluated on what; its entries come first.
    """
    portraits = {}
    for number, name in enumerate(evaluation.names):
        values = {score: or_none(float(of_all[number])) for score, of_all in evaluation.values.items()}
        portraits[name] = {"x_s": evaluation.names[evaluation.lenders[number]], **values}
    return {
        **about,
        "images": len(evaluation.names),
        **score_entries(editor_scores(evaluation)),
        "classes": editor_classes(evaluation),
        "portraits": portraits,
    }
