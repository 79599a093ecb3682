"""Measures of a parse against its label, from the confusion matrix."""

from __future__ import annotations

import numpy as np
from keras import ops

from mgpe_tf import labels
from mgpe_tf.ops.tensor import Tensor

HELEN_OVERALL = (
    (labels.LEFT_BROW, labels.RIGHT_BROW),
    (labels.LEFT_EYE, labels.RIGHT_EYE),
    (labels.NOSE,),
    (labels.UPPER_LIP, labels.INNER_MOUTH, labels.LOWER_LIP),
)
"""The merged classes of the Helen benchmark's "overall" F1: brows, eyes, nose, mouth. Skin and hair are left out."""


def confusion_matrix(mask: Tensor, prediction: Tensor, classes: int = labels.NUM_CLASSES) -> Tensor:
    """Pixel counts, float32 [classes, classes]: row = label in ``mask``, column = class in ``prediction`` (integers
    of one shape). Pixels of other ids are not counted."""
    mask, prediction = (ops.one_hot(ops.reshape(ops.cast(m, "int32"), (-1,)), classes) for m in (mask, prediction))
    return ops.matmul(ops.transpose(mask), prediction)


def class_f1(confusion: np.ndarray) -> np.ndarray:
    """F1 of each class, 2 TP / (2 TP + FP + FN), float64 [n]; nan where a class neither occurs nor is read."""
    hits = np.diag(confusion).astype(np.float64)
    total = confusion.sum(axis=0, dtype=np.float64) + confusion.sum(axis=1, dtype=np.float64)
    return np.divide(2 * hits, total, out=np.full_like(hits, np.nan), where=total > 0)


def class_iou(confusion: np.ndarray) -> np.ndarray:
    """Intersection over union of each class, TP / (TP + FP + FN), float64 [n]; nan as in ``class_f1``."""
    f1 = class_f1(confusion)
    return f1 / (2 - f1)


def mean_iou(confusion: np.ndarray) -> float:
    """mIoU: mean over those of the eleven classes, background included, that occur or are read; 0 if there are none."""
    scores = class_iou(confusion)
    return float(np.nanmean(scores)) if not np.isnan(scores).all() else 0.0


def macro_f1(confusion: np.ndarray) -> float:
    """Mean F1 over those of the foreground classes, all but the first, that occur or are read; 0 if there are none."""
    scores = class_f1(confusion)[1:]
    return float(np.mean(scores[~np.isnan(scores)])) if not np.isnan(scores).all() else 0.0


def helen_overall_f1(confusion: np.ndarray) -> float:
    """F1 over brows, eyes, nose and mouth, each merged, their counts pooled (micro average)."""
    merged = np.zeros(labels.NUM_CLASSES, int)
    for group, ids in enumerate(HELEN_OVERALL, start=1):
        merged[list(ids)] = group
    pooled = np.zeros((len(HELEN_OVERALL) + 1,) * 2)
    np.add.at(pooled, (merged[:, None], merged[None, :]), confusion)
    hits, read, labelled = np.diag(pooled)[1:].sum(), pooled[:, 1:].sum(), pooled[1:].sum()
    return float(2 * hits / max(read + labelled, 1))


def segmentation_scores(confusion: np.ndarray) -> dict[str, float]:
    """Scores by the name of their protocol: pixel accuracy, macro F1 (ten foreground classes), Helen overall F1."""
    return {
        "pixel_accuracy": float(np.trace(confusion) / max(confusion.sum(), 1)),
        "f1_macro_foreground": macro_f1(confusion),
        "f1_helen_overall": helen_overall_f1(confusion),
    }
