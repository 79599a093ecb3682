"""Features of another's face are moved and scaled, never sheared, and alone."""

from __future__ import annotations

import cv2
import numpy as np
from small import face_mask

from mgpe_tf import labels
from mgpe_tf.editing.carry.features import FEATURES, FILLING, with_features
from mgpe_tf.ops import stretches

MASK = cv2.resize(face_mask(), (256, 256), interpolation=cv2.INTER_NEAREST)
LEFT = MASK == labels.LEFT_EYE


def placed(scale_x: float, scale_y: float, right: float, down: float) -> np.ndarray:
    """The mask of another face: MASK's pixels at p are this one's at (scale p + shift)."""
    matrix = np.array([(scale_x, 0, right), (0, scale_y, down)])
    return cv2.warpAffine(MASK, matrix, (256, 256), flags=cv2.INTER_NEAREST)


def test_features_are_found_where_the_other_has_them():
    other = placed(0.9, 0.9, 20, 5)
    flow = with_features(np.zeros((256, 256, 2), np.float32), other, MASK)
    for ids in FEATURES:
        rows, columns = np.nonzero(np.isin(MASK, ids))
        expected = np.stack([-0.1 * columns + 20, -0.1 * rows + 5], axis=-1)
        np.testing.assert_allclose(flow[rows, columns], expected, atol=2)
    assert not flow[:10].any() and not flow[:, :5].any()


def test_eyes_are_not_squeezed():
    """By no more than a third against their width, however the other's are."""
    flow = with_features(np.zeros((256, 256, 2), np.float32), placed(1.0, 0.4, 0, 60), MASK)
    inner = cv2.erode(LEFT.astype(np.uint8), np.ones((3, 3))) > 0
    stretched = np.stack([np.asarray(each)[0] for each in stretches(flow[None])])[:, inner[1:, 1:]]
    assert inner.any() and stretched.min() > 0.6 and stretched.max() < 1.4


def test_a_wide_mouth_fills_a_small_one_only_so_far():
    flow = with_features(np.zeros((256, 256, 2), np.float32), placed(2.0, 1.0, -128, 0), MASK)
    mouth = cv2.erode(np.isin(MASK, labels.MOUTH).astype(np.uint8), np.ones((3, 3))) > 0
    across = np.diff(flow[..., 0], axis=1)[mouth[:, 1:] & mouth[:, :-1]] + 1
    np.testing.assert_allclose(across, FILLING[1], atol=0.02)


def test_a_brow_is_no_thicker_above_an_eye_that_is_opened():
    flow = with_features(np.zeros((256, 256, 2), np.float32), placed(1.0, 0.6, 0, 40), MASK)
    rows = np.nonzero(MASK == labels.LEFT_BROW)[0]
    column = int(np.nonzero(LEFT)[1].mean())
    downwards = np.diff(flow[rows.min() : rows.max() + 1, column, 1]) + 1
    np.testing.assert_allclose(downwards, 1, atol=0.05)


def test_features_that_one_lacks_follow_the_face():
    flow = np.full((256, 256, 2), 3, np.float32)
    bare = np.where(np.isin(MASK, labels.FEATURES), labels.SKIN, MASK).astype(np.uint8)
    np.testing.assert_array_equal(with_features(flow, MASK, bare), flow)
    np.testing.assert_array_equal(with_features(flow, bare, MASK), flow)
