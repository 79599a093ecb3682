"""Where an opened mouth is torn: one gap with an even outline, whatever teeth were carried into it."""

from __future__ import annotations

import cv2
import numpy as np

from mgpe_tf import labels
from mgpe_tf.editing.carry.own import _bared_features, torn

ROWS, COLUMNS = np.indices((256, 256))
STILL = np.zeros((256, 256, 2), np.float32)


def test_a_streak_of_teeth_does_not_part_it():
    """Teeth lie at its top, and one streak of them hangs down into it."""
    inside = np.hypot((ROWS - 170) / 18, (COLUMNS - 128) / 30) < 1
    mask = np.where(inside, labels.INNER_MOUTH, labels.LOWER_LIP).astype(np.uint8)
    teeth = inside & ((ROWS < 164) | ((COLUMNS > 115) & (COLUMNS < 118)))
    moved = np.where(teeth, labels.INNER_MOUTH, labels.LOWER_LIP).astype(np.uint8)
    gap = torn(STILL, moved, mask)
    assert not gap[ROWS < 160].any() and gap[~inside].max() < 0.6
    assert cv2.connectedComponents((gap > 0.5).astype(np.uint8))[0] == 2
    assert gap[168:182, 112:122].min() > 0.9


def test_a_closed_mouth_is_not_torn():
    mask = np.where(np.hypot((ROWS - 170) / 18, (COLUMNS - 128) / 30) < 1, labels.INNER_MOUTH, labels.SKIN)
    assert not torn(STILL, mask.astype(np.uint8), mask.astype(np.uint8)).any()


def test_teeth_are_not_drawn_out():
    """From row 160 on each row shows half a row, as in the corners of a mouth that is opened."""
    inside = np.hypot((ROWS - 170) / 18, (COLUMNS - 128) / 30) < 1
    mask = np.where(inside, labels.INNER_MOUTH, labels.LOWER_LIP).astype(np.uint8)
    flow = STILL.copy()
    flow[..., 1] = -np.maximum(ROWS - 160, 0) / 2
    gap = torn(flow, mask, mask)
    assert gap[164:184, 120:136].min() == 1 and not gap[:157].any()
    assert not torn(0.4 * flow, mask, mask).any()  # by a quarter they may be


def test_what_hair_hid_of_a_feature_is_left_to_others():
    mask = np.full((256, 256), labels.SKIN, np.uint8)
    mask[100:106, 60:100] = labels.LEFT_BROW
    moved = mask.copy()
    assert not _bared_features(moved, mask).any()
    moved[:, 80:] = labels.HAIR
    left = _bared_features(moved, mask)
    assert (left[101:105, 82:98] == 1).all() and not left[:, :70].any() and not left[:90].any()
