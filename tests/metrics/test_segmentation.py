"""F1 scores and the confusion matrix against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from keras import ops
from sklearn import metrics

from mgpe_tf import labels
from mgpe_tf.metrics.segmentation import class_f1, confusion_matrix, segmentation_scores

BROWS, EYES, NOSE, MOUTH = 1, 2, 3, 4
MERGED = np.array([0, 0, BROWS, BROWS, EYES, EYES, NOSE, MOUTH, MOUTH, MOUTH, 0])
"""The merged class of each Helen id; skin and hair count as background."""


def random_masks(classes: list[int], seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A mask of some classes and a reading that errs on a third of the pixels."""
    rng = np.random.default_rng(seed)
    mask = rng.choice(classes, (3, 20, 16)).astype(np.uint8)
    wrong = rng.random(mask.shape) < 1 / 3
    return mask, np.where(wrong, rng.choice(classes, mask.shape), mask).astype(np.int32)


def confusion(mask, reading) -> np.ndarray:
    return ops.convert_to_numpy(confusion_matrix(mask, reading))


def test_confusion_matrix_rows_are_labels():
    mask, reading = random_masks(list(range(11)))
    expected = metrics.confusion_matrix(mask.ravel(), reading.ravel(), labels=range(11))
    np.testing.assert_array_equal(confusion(mask, reading), expected)


@pytest.mark.parametrize("classes", [list(range(11)), [0, 1, 6, 10], [1, 2, 3, 7, 9]])
def test_scores_agree_with_scikit_learn(classes):
    mask, reading = random_masks(classes, seed=len(classes))
    scores = segmentation_scores(confusion(mask, reading))
    mask, reading = mask.ravel(), reading.ravel()
    present = [c for c in classes if c != labels.BACKGROUND]
    assert scores["pixel_accuracy"] == pytest.approx(metrics.accuracy_score(mask, reading))
    assert scores["f1_macro_foreground"] == pytest.approx(
        metrics.f1_score(mask, reading, labels=present, average="macro")
    )
    assert scores["f1_helen_overall"] == pytest.approx(
        metrics.f1_score(MERGED[mask], MERGED[reading], labels=[BROWS, EYES, NOSE, MOUTH], average="micro")
    )


def test_a_confused_left_and_right_costs_class_f1_but_not_the_merged_one():
    mask = np.array([labels.LEFT_EYE, labels.RIGHT_EYE, labels.UPPER_LIP, labels.LOWER_LIP])
    reading = np.array([labels.RIGHT_EYE, labels.LEFT_EYE, labels.LOWER_LIP, labels.UPPER_LIP])
    scores = segmentation_scores(confusion(mask, reading))
    assert scores == {"pixel_accuracy": 0, "f1_macro_foreground": 0, "f1_helen_overall": 1}


def test_absent_classes_have_no_f1():
    scores = class_f1(confusion(np.array([1, 1, 2]), np.array([1, 2, 2])))
    np.testing.assert_allclose(scores[[1, 2]], 2 / 3)
    assert np.isnan(np.delete(scores, [1, 2])).all()


def test_scores_without_a_face_are_numbers():
    nothing = np.zeros((2, 4, 4), np.uint8)
    expected = {"pixel_accuracy": 1, "f1_macro_foreground": 0, "f1_helen_overall": 0}
    assert segmentation_scores(confusion(nothing, nothing)) == expected
