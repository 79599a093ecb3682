"""Another's closed mouth, opened as far as the mouth is whose place it takes."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mgpe_tf import labels
from mgpe_tf.editing.carry.opening import ALIKE, opened_as, openness
from mgpe_tf.editing.carry.sampling import moved_mask
from mgpe_tf.editing.masks import edits

ROWS, COLUMNS = np.indices((256, 256))


def disc(row: float, column: float, down: float, across: float) -> np.ndarray:
    return np.hypot((ROWS - row) / down, (COLUMNS - column) / across) < 1


def face(inner: float, column: int = 128) -> np.ndarray:
    """A face whose lips are so many pixels apart, in the middle twice as many."""
    mask = np.where(disc(140, column, 90, 65), labels.SKIN, labels.BACKGROUND).astype(np.uint8)
    for eye, aside in ((labels.LEFT_EYE, -28), (labels.RIGHT_EYE, 28)):
        mask[disc(118, column + aside, 5, 11)] = eye
    mask[disc(145, column, 16, 10)] = labels.NOSE
    lips = disc(182, column, 8 + inner, 26)
    mask[lips & (ROWS < 182)] = labels.UPPER_LIP
    mask[lips & (ROWS >= 182)] = labels.LOWER_LIP
    if inner:
        mask[disc(182, column, inner, 22)] = labels.INNER_MOUTH
    return mask


def test_openness_is_an_area_by_the_width_squared():
    assert openness(face(0)) == 0 and openness(np.zeros((256, 256), np.uint8)) == 0
    assert openness(face(8)) == pytest.approx(np.pi * 8 * 22 / 52**2, rel=0.06)
    smaller = cv2.resize(face(8), (128, 128), interpolation=cv2.INTER_NEAREST)
    assert openness(smaller) == pytest.approx(openness(face(8)), rel=0.1)


@pytest.mark.parametrize("inner", [4, 8, 12])
def test_a_closed_mouth_is_opened_as_far(inner):
    opened = opened_as(face(0, 120), face(inner))
    assert openness(opened.mask) == pytest.approx(openness(face(inner)), rel=0.25)
    brought = moved_mask(face(0, 120), opened.flow)
    shown = opened.gap < 0.5
    assert (brought == opened.mask)[shown].mean() > 0.98
    inside = opened.mask == labels.INNER_MOUTH
    assert (~shown)[inside].mean() > 0.8 and opened.gap[~np.isin(opened.mask, labels.MOUTH)].max() < 0.2


def test_it_is_one_of_the_edits_of_a_mask():
    opened = opened_as(face(0), face(8))
    amounts = np.arange(1, 33) / 32
    assert any((edits.apply(face(0), {"open_mouth": amount}) == opened.mask).all() for amount in amounts)


def test_the_widest_mouth_is_as_wide_as_edits_open_one():
    most = edits.apply(face(0), {"open_mouth": edits.EDITS["open_mouth"].high})
    np.testing.assert_array_equal(opened_as(face(0), face(40)).mask, most)


def test_none_is_opened_that_is_open_enough_or_is_not_there():
    assert opened_as(face(8), face(8)) is None and opened_as(face(12), face(4)) is None
    assert opened_as(np.where(np.isin(face(0), labels.MOUTH), labels.SKIN, face(0)), face(8)) is None
    nearly = face(8.5)
    assert 0 < openness(nearly) - openness(face(8)) < ALIKE and opened_as(face(8), nearly) is None
