"""The scores of an editor, with their protocols."""

from __future__ import annotations

import numpy as np

from mgpe_tf.evaluation.measure.editor_evaluation import KINDS, EditorEvaluation
from mgpe_tf.evaluation.measure.quality import PROTOCOLS
from mgpe_tf.evaluation.measure.score import Score, or_none
from mgpe_tf.labels import HELEN_NAMES
from mgpe_tf.metrics.segmentation import class_f1, macro_f1

READINGS = {
    "photographs": "m_t as P_F reads it off x_t: mean F1 of ten classes, pixels pooled",
    "reconstructions": "m_t as P_F reads it off reconstructions: mean F1, pooled",
    "swaps": "m_t as P_F reads it off swaps: mean F1 of ten classes, pooled",
}
"""Descriptions of each f1_macro_foreground, by the pictures that are parsed."""


def editor_scores(evaluation: EditorEvaluation) -> dict[str, Score]:
    """Every score: means over the portraits, predictions, then what is measured of sets."""
    quality = {}
    for name, protocol in PROTOCOLS.items():
        values = evaluation.values[name]
        quality[name] = Score(float(np.nanmean(values)) if not np.isnan(values).all() else None, protocol)
    predictions = {
        f"f1_macro_foreground_{kind}": Score(macro_f1(evaluation.confusions[kind]), protocol)
        for kind, protocol in READINGS.items()
    }
    return {**quality, **predictions, **evaluation.set_scores}


def editor_classes(evaluation: EditorEvaluation) -> dict[str, dict[str, float | None]]:
    """By class name: the F1 of the prediction for each kind of picture; None where a class neither occurs nor is
    read."""
    columns = {kind: class_f1(evaluation.confusions[kind]).tolist() for kind in KINDS}
    return {
        name: {f"f1_{kind}": or_none(column[number]) for kind, column in columns.items()}
        for number, name in enumerate(HELEN_NAMES)
    }
