"""Eyes and teeth in a face that gets the tone of another skin."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from small import face_mask

from mgpe_tf import labels
from mgpe_tf.editing.pixels.whites import LEAST_SHARE, with_whites

MASK = face_mask(256)
MASK[170:190, 110:146] = labels.INNER_MOUTH
WHITE = np.isin(MASK, (labels.LEFT_EYE, labels.RIGHT_EYE, labels.INNER_MOUTH))
TEETH = cv2.erode((MASK == labels.INNER_MOUTH).astype(np.uint8), np.ones((9, 9))) > 0


def face(skin: float, white: float, redder: float = 0.0) -> np.ndarray:
    """A face of such L* of its skin and its whites, and such an a* of both."""
    lab = np.zeros((256, 256, 3), np.float32)
    lab[..., 0] = np.where(WHITE, white, skin)
    lab[..., 1] = redder
    return np.round(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB) * 255).astype(np.uint8)


def of_teeth(picture: np.ndarray) -> np.ndarray:
    """Their mean L*, a*, b*."""
    lab = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    return lab[TEETH].mean(axis=0)


@pytest.mark.parametrize(
    ("own_white", "wanted"),
    [(90, 90 - LEAST_SHARE * 40), (70, 70), (30, 50), (99, 90 - LEAST_SHARE * 40)],
    ids=["as bright", "darker", "darker by more than skin", "brighter"],
)
def test_teeth_change_as_the_whites_of_the_eyes_tell_within_what_skin_does(own_white, wanted):
    carried, toned, own = face(80, 90), face(40, 50), face(40, own_white)
    assert of_teeth(with_whites(toned, carried, MASK, own, MASK))[0] == pytest.approx(wanted, abs=1)


def test_the_hue_of_skin_is_not_that_of_teeth():
    carried, toned, own = face(80, 90), face(60, 70, 20), face(60, 90)
    result = with_whites(toned, carried, MASK, own, MASK)
    assert of_teeth(result)[1] == pytest.approx(0, abs=1)
    outside = cv2.dilate(WHITE.astype(np.uint8), np.ones((13, 13))) == 0
    np.testing.assert_array_equal(result[outside], toned[outside])


def test_eyes_that_are_not_seen_tell_nothing():
    closed = np.where(WHITE & (MASK != labels.INNER_MOUTH), np.uint8(labels.SKIN), MASK)
    carried, toned, own = face(80, 90), face(40, 50, 20), face(40, 60)
    found = of_teeth(with_whites(toned, carried, MASK, own, closed))
    np.testing.assert_allclose(found, (90 - LEAST_SHARE * 40, 0, 0), atol=1.5)


def test_without_skin_or_whites_all_stays_toned():
    for mask in (np.where(MASK == labels.SKIN, np.uint8(labels.HAIR), MASK), np.full_like(MASK, labels.SKIN)):
        np.testing.assert_array_equal(with_whites(face(40, 50), face(80, 90), mask, face(40, 60), MASK), face(40, 50))
