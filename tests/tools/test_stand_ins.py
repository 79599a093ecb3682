"""Photographs in the place of edits."""

from __future__ import annotations

import numpy as np
import pytest

from tools.stand_ins import SIDE, nearest

POOL = np.random.default_rng(0).integers(0, 11, (5, SIDE, SIDE), np.uint8)
LARGE = POOL.repeat(2, axis=1).repeat(2, axis=2)


def test_the_mask_that_is_most_like_another_where_it_counts_is_found():
    region = np.zeros((2 * SIDE, 2 * SIDE), bool)
    region[40:90, 60:200] = True
    mask = np.where(np.arange(2 * SIDE)[:, None] < 120, LARGE[3], LARGE[1])
    assert nearest(mask, region, POOL) == (3, pytest.approx(1))
    assert nearest(mask, region[::-1], POOL) == (1, pytest.approx(1))
    assert nearest(mask, np.ones_like(region), POOL)[0] == 1


def test_half_of_what_is_compared_may_be_the_same():
    region = np.ones((2 * SIDE, 2 * SIDE), bool)
    mask = np.where(np.arange(2 * SIDE)[:, None] < SIDE, LARGE[2], np.uint8(200))
    assert nearest(mask, region, POOL) == (2, pytest.approx(0.5, abs=0.01))
