"""The inside of an opened mouth: teeth over dark, in the light of the face."""

from __future__ import annotations

import numpy as np
import pytest
from test_shapes import BALD, LONG_HAIR, OPEN, drawn

from mgpe_tf import labels
from mgpe_tf.editing.masks.edits import apply
from mgpe_tf.editing.pixels.mouth import with_open_mouth

GRAY = np.full((256, 256, 3), 120, np.uint8)


def closed(seed: int) -> np.ndarray:
    return np.where(drawn(seed) == labels.INNER_MOUTH, labels.LOWER_LIP, drawn(seed)).astype(np.uint8)


def lit(mask: np.ndarray, white: tuple[int, int, int]) -> np.ndarray:
    """A gray portrait with white in its eyes."""
    return np.where(np.isin(mask, (labels.LEFT_EYE, labels.RIGHT_EYE))[..., None], np.uint8(white), GRAY)


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("seed", [LONG_HAIR, BALD])
def test_teeth_hang_over_the_dark(seed, times):
    own = closed(seed)
    mask = apply(own, {"open_mouth": 0.8})
    canvas = np.repeat(np.repeat(GRAY, times, 0), times, 1)
    result = with_open_mouth(canvas, mask, lit(own, (220, 220, 220)), own)
    rows, columns = np.nonzero(mask == labels.INNER_MOUTH)
    middle = times * round(columns.mean()) + 2 * times
    column = result[times * rows.min() : times * (rows.max() + 1), middle].mean(axis=-1)
    upper, lower = column[len(column) // 10 : len(column) // 3], column[-len(column) // 3 : -times]
    assert upper.max() > 130 and lower.max() < 100 < upper.mean()


def test_nothing_else_changes():
    own = closed(LONG_HAIR)
    mask = apply(own, {"open_mouth": 0.8})
    result = with_open_mouth(GRAY, mask, lit(own, (220, 220, 220)), own)
    rows, columns = np.nonzero(mask == labels.INNER_MOUTH)
    around = np.ones(mask.shape, bool)
    around[rows.min() - 3 : rows.max() + 4, columns.min() - 3 : columns.max() + 4] = False
    assert (result[around] == 120).all()


@pytest.mark.parametrize("mask", [drawn(OPEN), closed(LONG_HAIR), np.zeros((256, 256), np.uint8)])
def test_a_mouth_that_was_not_opened_stays(mask):
    np.testing.assert_array_equal(with_open_mouth(GRAY, mask, GRAY, mask), GRAY)


def test_under_warm_light_teeth_are_warm():
    own = closed(LONG_HAIR)
    mask = apply(own, {"open_mouth": 0.8})
    warm, cold = (with_open_mouth(GRAY, mask, lit(own, white), own) for white in ((240, 200, 140), (140, 200, 240)))
    inside = mask == labels.INNER_MOUTH
    red_less_blue = [(each[inside].astype(int)[:, 0] - each[inside][:, 2]).mean() for each in (warm, cold)]
    assert red_less_blue[0] > red_less_blue[1] + 10


def test_glasses_that_shine_blue_before_the_eyes_do_not_make_teeth_blue():
    own = closed(LONG_HAIR)
    mask = apply(own, {"open_mouth": 0.8})
    shining = lit(own, (140, 200, 220))
    shining[own == labels.SKIN] = (190, 140, 115)
    inside = mask == labels.INNER_MOUTH
    teeth = with_open_mouth(GRAY, mask, shining, own)[inside].astype(int)
    brightest = teeth[teeth.sum(axis=1) >= np.percentile(teeth.sum(axis=1), 90)].mean(axis=0)
    assert brightest[0] >= brightest[1] >= brightest[2]
