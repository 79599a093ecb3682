"""The report of how good edits of photographs look: scores with their protocols, as text and JSON."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mgpe_tf.evaluation.edited import EditsEvaluation
from mgpe_tf.evaluation.report import aligned, number_text, or_none, score_entries, score_rows
from mgpe_tf.evaluation.score import Score

REALISM = "realism_auc"
"""The score that needs a probe."""

PROTOCOLS = {
    REALISM: "AUC of a linear probe that tells what has changed from photographs; 0.5: it cannot",
    "detail": "fine structure where pixels changed, by the photograph's there; 1: as much; median",
    "seam": "steps across the border of what changed by those beside it; 1: as in the photograph; median",
    "unchanged": "share of pixels off the edited region that stay bit for bit; must be 1",
    "seconds": "time of an edit and its rendering, of a portrait that was drawn before; median",
    "refused": "portraits of which an edit was refused",
    "no_change": "portraits in which an edit changed next to nothing",
}
"""What each score is. That of the editor is the mean over its edits, of counts the sum."""

COUNTS = ("refused", "no_change")
"""Those that count portraits."""


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


def edit_rows(evaluation: EditsEvaluation) -> list[tuple[str, ...]]:
    """A header and a row for each edit: its name and its scores."""
    edits = edit_scores(evaluation)
    header = ("edit", *next(iter(edits.values())))
    return [header, *((edit, *map(number_text, scores.values())) for edit, scores in edits.items())]


def edits_table(evaluation: EditsEvaluation) -> str:
    """The scores as text: a line per edit, then a line per score over all edits with its protocol."""
    return f"{aligned(edit_rows(evaluation))}\n\n{aligned(score_rows(edits_scores(evaluation)))}"


def edits_document(evaluation: EditsEvaluation, about: dict) -> dict:
    """All that is known, as JSON holds it.

    Args:
      evaluation: what was measured.
      about: what was evaluated on what; its entries come first.
    """
    portraits = {
        name: {
            "other": evaluation.names[evaluation.others[number]],
            **{
                edit: {measure: or_none(float(of_all[number])) for measure, of_all in values.items()}
                for edit, values in evaluation.values.items()
            },
        }
        for number, name in enumerate(evaluation.names)
    }
    return {
        **about,
        "images": len(evaluation.names),
        **score_entries(edits_scores(evaluation)),
        "edits": edit_scores(evaluation),
        "portraits": portraits,
    }
