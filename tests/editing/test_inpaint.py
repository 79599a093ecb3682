"""What an edit bares behind a face."""

from __future__ import annotations

import numpy as np
from small import face_mask

from mgpe_tf import labels
from mgpe_tf.editing.pixels.inpaint import bared, evenly_patched, patched_like, without_face

MASK = face_mask(128)
WALL = np.array((40, 90, 160), np.uint8)


def painted(mask: np.ndarray) -> np.ndarray:
    """A red head in front of a wall."""
    return np.where((mask == labels.BACKGROUND)[..., None], WALL, np.uint8((200, 30, 30)))


def test_nothing_is_bared_by_what_only_grows():
    grown = MASK.copy()
    grown[:10] = labels.HAIR
    assert not bared(MASK, MASK).any() and not bared(MASK, grown).any()


def test_what_is_bared_is_background_now_and_reaches_just_beyond_the_old_outline():
    smaller = np.where(np.arange(128)[:, None] > 80, labels.BACKGROUND, MASK)
    lost = (MASK != labels.BACKGROUND) & (smaller == labels.BACKGROUND)
    bare = bared(MASK, smaller)
    assert lost.any() and bare[lost].all() and not bare[smaller != labels.BACKGROUND].any()
    rows, columns = np.nonzero(bare)
    lost_rows, lost_columns = np.nonzero(lost)
    assert rows.max() == lost_rows.max() + 3 and columns.max() == lost_columns.max() + 3  # 128 / 40 pixels


def test_behind_a_head_goes_on_what_is_around_it():
    filled = without_face(painted(MASK), MASK)
    assert np.abs(filled.astype(int) - WALL).max() < 16  # roundings add up on the way to the middle


def test_the_rest_of_the_portrait_stays():
    noise = np.random.default_rng(0).integers(0, 256, (128, 128, 3), np.uint8)
    kept = ~bared(MASK, np.zeros_like(MASK))
    filled = without_face(noise, MASK)
    np.testing.assert_array_equal(filled[kept], noise[kept])
    assert (filled[~kept] != noise[~kept]).any()


def test_where_there_is_nothing_but_a_face_there_is_a_picture():
    filled = without_face(painted(np.ones_like(MASK)), np.ones_like(MASK))
    assert filled.shape == (128, 128, 3) and filled.dtype == np.uint8


def test_patches_are_as_bright_as_what_is_around_the_hole():
    """A wall that is darker on one side, and patches that can be taken from the other alone."""
    rows, columns = np.indices((256, 256))
    shade = np.where(columns < 128, 100, 114 + 0 * columns)
    grain = np.random.default_rng(0).normal(0, 3, (256, 256))
    wall = np.repeat((shade + grain)[..., None], 3, axis=-1).clip(0, 255).astype(np.uint8)
    hole = np.hypot(rows - 128, columns - 60) < 24
    source = ~hole & ((columns > 140) | (np.hypot(rows - 128, columns - 60) < 40))
    filled = evenly_patched(wall, hole, source)
    assert abs(filled[hole].mean() - 100) < 3
    np.testing.assert_array_equal(filled[~hole], wall[~hole])
    left_out = evenly_patched(wall, hole, np.zeros_like(hole))
    assert left_out.shape == wall.shape  # filled smoothly without any source


def test_patches_in_the_colours_of_a_guess_keep_their_texture():
    rows, columns = np.indices((256, 256))
    stripes = np.where(rows % 8 < 4, 90, 130)[..., None].repeat(3, axis=-1).astype(np.uint8)
    hole = (columns > 150) & (columns < 200) & (rows > 60) & (rows < 200)
    guess = np.full((256, 256, 3), (200, 60, 60), np.uint8)
    result = patched_like(stripes, hole, columns < 128, guess)
    within = (columns > 165) & (columns < 185) & (rows > 80) & (rows < 180)
    np.testing.assert_allclose(result[within].mean(axis=0), (200, 60, 60), atol=3)
    assert np.abs(result[within].astype(float).std(axis=0) - 20).max() < 6
    np.testing.assert_array_equal(result[~hole], stripes[~hole])
