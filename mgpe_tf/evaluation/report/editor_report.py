"""The report of an editor's evaluation: scores with their protocols, as text and JSON."""

from __future__ import annotations

from mgpe_tf.evaluation.measure.editor_evaluation import KINDS, EditorEvaluation
from mgpe_tf.evaluation.measure.editor_scores import editor_classes, editor_scores
from mgpe_tf.evaluation.measure.score import or_none
from mgpe_tf.evaluation.report.tables import aligned, number_text, score_entries, score_rows


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
        portraits[name] = {"x_s": evaluation.names[evaluation.references[number]], **values}
    return {
        **about,
        "images": len(evaluation.names),
        **score_entries(editor_scores(evaluation)),
        "classes": editor_classes(evaluation),
        "portraits": portraits,
    }
