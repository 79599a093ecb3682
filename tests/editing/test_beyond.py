"""Hair beyond a portrait, which goes with what hangs above it."""

from __future__ import annotations

import editors
import numpy as np
import pytest
from small import SIZE, coloured
from test_session import MASK, Finder

from mgpe_tf import labels
from mgpe_tf.data.alignment import Alignment
from mgpe_tf.editing.pixels.beyond import gone, without_hair
from mgpe_tf.editing.session import Session

LEFT, RIGHT = slice(2, 10), slice(54, 62)
"""Columns of strands of a portrait."""

DOWN, ACROSS = 20, 30
"""Where the portrait begins in the photograph."""

LONG = MASK.copy()
LONG[30:, LEFT] = LONG[30:, RIGHT] = labels.HAIR

CUT = LONG.copy()
CUT[44:, LEFT] = labels.BACKGROUND

PHOTO_MASK = np.zeros((120, 130), np.uint8)
PHOTO_MASK[DOWN : DOWN + SIZE, ACROSS : ACROSS + SIZE] = LONG
for strand in (LEFT, RIGHT):
    PHOTO_MASK[DOWN + SIZE : DOWN + SIZE + 12, ACROSS + strand.start : ACROSS + strand.stop] = labels.HAIR
PHOTO = coloured(PHOTO_MASK, 3)

BELOW = np.zeros(PHOTO_MASK.shape, bool)
BELOW[DOWN + SIZE :] = True


ALIGNMENT = Alignment(np.float64([[1, 0, -ACROSS], [0, 1, -DOWN]]), SIZE, PHOTO.shape[:2])


@pytest.fixture
def session():
    editor = editors.by_colours(Finder())
    return Session(editor, editor.read(PHOTO, alignment=ALIGNMENT))


def near(photo_columns: slice, reach: int) -> np.ndarray:
    """Below the portrait about a strand, bool as the photograph."""
    where = np.zeros(PHOTO_MASK.shape, bool)
    where[DOWN + SIZE :, ACROSS + photo_columns.start - reach : ACROSS + photo_columns.stop + reach] = True
    return where


def test_a_strand_that_is_cut_goes_below_the_portrait_too_and_another_stays(session):
    np.testing.assert_array_equal(session.mask, LONG)
    session.set_mask(CUT)
    edited = session.render().astype(int)
    strand = near(LEFT, 0) & (PHOTO_MASK == labels.HAIR)
    wall = PHOTO[PHOTO_MASK == labels.BACKGROUND].mean(axis=0)
    assert np.abs(edited[strand] - wall).mean() < 0.2 * np.abs(PHOTO[strand] - wall).mean()
    np.testing.assert_array_equal(edited[BELOW & ~near(LEFT, 8)], PHOTO[BELOW & ~near(LEFT, 8)])


def test_hair_that_is_cut_nowhere_at_the_border_stays_below_it(session):
    upper = LONG.copy()
    upper[30:36, LEFT] = labels.BACKGROUND
    session.set_mask(upper)
    edited = session.render()
    assert (edited != PHOTO).any()
    np.testing.assert_array_equal(edited[BELOW], PHOTO[BELOW])


def test_what_goes_is_what_is_nearest_to_hair_that_has_gone():
    pad = SIZE // 4
    around = np.pad(LONG == labels.HAIR, pad)
    for strand in (LEFT, RIGHT):
        around[pad + SIZE : pad + SIZE + 9, pad + strand.start : pad + strand.stop] = True
    drawn = np.ones((SIZE, SIZE), np.float32)
    drawn[-2:] = 0.5
    share = gone(around, LONG == labels.HAIR, CUT == labels.HAIR, drawn)
    below = share[pad + SIZE :, pad:-pad]
    assert below[2:6, LEFT].min() > 0.9 and below[:, RIGHT].max() == 0
    assert share[pad + SIZE - 1, pad + LEFT.start + 3] > 0.9  # at the border what is drawn fades
    assert not share[pad : pad + SIZE - 2, pad:-pad].any()
    assert not gone(around, LONG == labels.HAIR, LONG == labels.HAIR, drawn).any()


def test_the_surroundings_are_filled_from_what_is_there():
    pad = SIZE // 4
    size = SIZE + 2 * pad
    stripes = np.broadcast_to(np.where(np.arange(size) // 4 % 2, 200, 90)[:, None, None], (size, size, 3))
    around = np.zeros((size, size), bool)
    around[pad:, 20:28] = True
    image = np.where(around[..., None], 20, stripes).astype(np.uint8)
    within = stripes[pad:-pad, pad:-pad].astype(np.uint8)
    result = without_hair(image, within, around, np.zeros((SIZE, SIZE), bool)).astype(int)
    np.testing.assert_array_equal(result[pad:-pad, pad:-pad], within)
    below = np.abs(result - stripes)[-pad + 2 :, 20:28].mean()
    assert below < 0.25 * np.abs(image.astype(int) - stripes)[-pad + 2 :, 20:28].mean()
    far = np.ones((size, size), bool)
    far[:, 14:34] = False
    np.testing.assert_array_equal(result[far], stripes[far])
