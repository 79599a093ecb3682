"""Where hair is cut off, strands end one by one."""

from __future__ import annotations

import numpy as np
import pytest

from mgpe_tf.editing.pixels.strand_ends import SHORTER, TIP, strand_ends

ROWS, COLUMNS = np.indices((256, 256))
CUT = 128
HAIR, BEYOND = ROWS < CUT, ROWS >= CUT


def strands(along: np.ndarray) -> np.ndarray:
    """Lines of random brightness, each the same for an index `along` which it runs."""
    bright = np.random.default_rng(1).integers(20, 200, 512)
    return np.repeat(bright[along][..., None], 3, axis=-1).astype(np.uint8)


def ends_of(shares: np.ndarray) -> np.ndarray:
    """In each column the last row, from above, in which hair is shown more than not."""
    return np.where(shares > 0.5, ROWS, 0).max(axis=0)


def test_hanging_strands_end_at_different_heights_above_the_cut():
    shares = strand_ends(strands(COLUMNS), HAIR, BEYOND)
    ends = ends_of(shares)
    assert shares[CUT:].max() == 0 and shares[: CUT - round(SHORTER + TIP) - 1].min() == 1
    assert np.ptp(ends) > SHORTER / 2 and ends.std() > 1.5
    assert (np.diff(shares[:CUT], axis=0) <= 1e-6).mean() > 0.99  # down a strand there is ever less of it


def test_a_strand_is_wider_than_a_pixel_and_narrower_than_a_lock():
    ends = ends_of(strand_ends(strands(COLUMNS), HAIR, BEYOND)).astype(float)
    ends -= ends.mean()
    alike = [np.mean(ends[lag:] * ends[:-lag]) / np.mean(ends * ends) for lag in (1, 12)]
    assert alike[0] > 0.3 and abs(alike[1]) < 0.3


def test_strands_along_the_cut_leave_it_straight():
    assert np.ptp(ends_of(strand_ends(strands(ROWS), HAIR, BEYOND))) <= 2


def test_a_larger_portrait_has_the_same_strands_enlarged():
    rows = np.indices((512, 512))[0]
    large = strand_ends(strands(COLUMNS).repeat(2, 0).repeat(2, 1), rows < 2 * CUT, rows >= 2 * CUT)
    shown = np.where(large > 0.5, rows, 0).max(axis=0)
    assert np.ptp(shown) == pytest.approx(2 * np.ptp(ends_of(strand_ends(strands(COLUMNS), HAIR, BEYOND))), abs=5)


def test_hair_of_which_nothing_is_cut_off_is_shown_whole():
    assert strand_ends(strands(COLUMNS), HAIR, np.zeros_like(HAIR)).min() == 1


def test_every_call_gives_the_same():
    first, second = (strand_ends(strands(COLUMNS), HAIR, BEYOND) for _ in range(2))
    np.testing.assert_array_equal(first, second)
