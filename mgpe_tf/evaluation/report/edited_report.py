"""The report of how good edits of photographs look: scores with their protocols, as text and JSON."""

from __future__ import annotations

from mgpe_tf.evaluation.measure.edited import EditsEvaluation
from mgpe_tf.evaluation.measure.edited_scores import edit_scores, edits_scores
from mgpe_tf.evaluation.measure.score import or_none
from mgpe_tf.evaluation.report.tables import aligned, number_text, score_entries, score_rows


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
