"""The scores of a parser, with their protocols."""

from __future__ import annotations

import numpy as np

from mgpe_tf import labels
from mgpe_tf.evaluation.measure.parser_evaluation import ParserEvaluation
from mgpe_tf.evaluation.measure.score import Score, or_none
from mgpe_tf.metrics.segmentation import class_f1, class_iou, macro_f1, mean_iou, segmentation_scores

PROTOCOLS = {
    "f1_macro_foreground": "mean F1 of the ten foreground classes; pixels pooled over the set",
    "f1_macro_foreground_per_image": "f1_macro_foreground of each image by itself, then the mean over the images",
    "f1_helen_overall": "F1 of brows, eyes, nose and mouth, each merged; their pixels over the set pooled",
    "miou_11_classes": "mean IoU of the eleven classes, background included; pixels pooled over the set",
    "pixel_accuracy": "share of all pixels of the set that are read as labelled",
}
"""Descriptions of the scores. A mean over classes leaves out those that neither occur nor are read."""

PARTS = "celebamask_hq"
"""The label set of a parser of nineteen classes: where its classes stand in scores.json."""

PARTS_PROTOCOLS = {"f1_macro_parts": "mean F1 of CelebAMask-HQ's 18 foreground classes; pixels pooled over the set"}
"""Descriptions of the scores of nineteen classes, where parser and labels know them."""


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
