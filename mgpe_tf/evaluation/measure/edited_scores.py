"""The scores of edits, with their protocols."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mgpe_tf.evaluation.measure.edited import EditsEvaluation
from mgpe_tf.evaluation.measure.score import Score

REALISM = "realism_auc"
"""The score that needs a probe."""

PROTOCOLS = {
    REALISM: "AUC of a linear probe that tells what has changed from photographs; 0.5: it cannot",
    "detail": "fine structure where pixels changed, by the photograph's there; 1: as much; median",
    "seam": "steps across the border of what changed by those beside it; 1: as in the photograph; median",
    "unchanged": "share of pixels off the edited region that stay bit for bit; must be 1",
    "seconds": "time of an edit and its rendering, of a portrait that was opened before; median",
    "refused": "portraits of which an edit was refused",
    "no_change": "portraits in which an edit changed next to nothing",
}
"""Descriptions of the scores. An editor's score is the mean over its edits, of counts the sum."""

COUNTS = ("refused", "no_change")
"""The scores that count portraits."""


def edit_scores(evaluation: EditsEvaluation) -> dict[str, dict[str, float | None]]:
    """By edit, its scores over the portraits; None where it can be measured on none. Counts are integers."""
    found: dict[str, dict[str, float | None]] = {}
    for edit, values in evaluation.values.items():
        found[edit] = {} if evaluation.realism is None else {REALISM: evaluation.realism[edit]}
        for name, of_portraits in values.items():
            known = of_portraits[~np.isnan(of_portraits)]
            mean: Callable = np.mean if name == "unchanged" else np.median
            found[edit][name] = int(known.sum()) if name in COUNTS else float(mean(known)) if known.size else None
    return found


def edits_scores(evaluation: EditsEvaluation) -> dict[str, Score]:
    """Every score over all edits."""
    edits, scores = edit_scores(evaluation).values(), {}
    for name in next(iter(edits)):
        known = [value for edit in edits if (value := edit[name]) is not None]
        value = sum(known) if name in COUNTS else float(np.mean(known)) if known else None
        scores[name] = Score(value, PROTOCOLS[name])
    return scores
