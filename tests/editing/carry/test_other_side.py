"""Eyes and brows that hair hides come from the other side of a face that looks straight ahead."""

from __future__ import annotations

import numpy as np
import pytest

from mgpe_tf import labels
from mgpe_tf.editing.carry.other_side import other_side
from mgpe_tf.editing.carry.sampling import moved_mask

ROWS, COLUMNS = np.indices((256, 256))


def disc(row: float, column: float, down: float, across: float) -> np.ndarray:
    return np.hypot((ROWS - row) / down, (COLUMNS - column) / across) < 1


def face(axis: int = 120, nose: int = 0) -> np.ndarray:
    """A face about a column, not the frame's middle; its nose so many pixels beside that."""
    mask = np.where(disc(140, axis, 90, 70), labels.SKIN, labels.BACKGROUND).astype(np.uint8)
    for eye, brow, aside in ((labels.LEFT_EYE, labels.LEFT_BROW, -30), (labels.RIGHT_EYE, labels.RIGHT_BROW, 30)):
        mask[disc(118, axis + aside, 5, 12)] = eye
        mask[disc(102, axis + aside, 3, 15)] = brow
    mask[disc(145, axis + nose, 16, 10)] = labels.NOSE
    mask[disc(182, axis, 8, 22)] = labels.UPPER_LIP
    return mask


def hidden_from(column: int, mask: np.ndarray) -> np.ndarray:
    """The mask with hair from the frame's left to a column."""
    return np.where((column > COLUMNS) & (mask != labels.BACKGROUND), labels.HAIR, mask).astype(np.uint8)


@pytest.mark.parametrize("column", [95, 110], ids=["half an eye", "the whole eye"])
def test_what_is_hidden_is_shown_where_it_lay(column):
    """By the corner of the eye that is seen, or else by the nose."""
    bald = face()
    own = hidden_from(column, bald)
    found = other_side(bald, own, bald, labels.mirrored(own))
    carried = moved_mask(labels.mirrored(own), found.flow)
    features = np.isin(bald, [labels.LEFT_EYE, labels.LEFT_BROW]) & (own == labels.HAIR)
    assert (carried == bald)[features].mean() > 0.93 and found.share[features].min() > 0.5
    assert (carried == bald)[found.share > 0.5].mean() > 0.95
    assert found.share[:, column + 16 :].max() < 0.02


def test_where_hair_stays_nothing_is_shown():
    bald = face()
    own = hidden_from(95, bald)
    assert other_side(own, own, bald, labels.mirrored(own)) is None


def test_what_is_seen_needs_no_other_side():
    bald = face()
    own = hidden_from(60, bald)
    assert (own == labels.HAIR).any() and other_side(bald, own, bald, labels.mirrored(own)) is None


def test_the_sides_of_a_turned_face_are_not_alike():
    bald = face(nose=14)
    own = hidden_from(95, bald)
    assert other_side(bald, own, bald, labels.mirrored(own)) is None


def test_what_is_hidden_on_both_sides_comes_from_neither():
    bald = face()
    own = np.where((ROWS < 126) & (bald != labels.BACKGROUND), labels.HAIR, bald).astype(np.uint8)
    assert other_side(bald, own, bald, labels.mirrored(own)) is None
