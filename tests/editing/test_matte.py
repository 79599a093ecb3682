"""How far pixels are hair: by their colours, where these tell."""

from __future__ import annotations

import numpy as np
import pytest

from mgpe_tf.editing.pixels.matte import matte

ROWS, COLUMNS = np.indices((256, 256))
HAIR, WALL = np.array((40, 30, 25)), np.array((200, 210, 220))


def picture(share: np.ndarray) -> np.ndarray:
    return np.round(share[..., None] * HAIR + (1 - share[..., None]) * WALL).astype(np.uint8)


@pytest.mark.parametrize("off", [-2, 0, 2])
def test_the_border_is_that_of_the_colours(off):
    """Though the mask's lies two pixels beside it."""
    share = matte(picture((COLUMNS < 128).astype(float)), 128 + off > COLUMNS)
    np.testing.assert_array_equal(share > 0.5, COLUMNS < 128)
    np.testing.assert_allclose(share, COLUMNS < 128, atol=0.05 if off == 0 else 0.45)


def test_strands_beyond_the_mask_are_hair_as_far_as_they_cover():
    there = np.where(COLUMNS < 128, 1.0, 0.0)
    there[100:103, 128:134], there[140:143, 128:134] = 1.0, 0.5
    share = matte(picture(there), COLUMNS < 128)
    assert share[101, 128:132].min() > 0.5 and 0.2 < share[141, 129] < 0.6 * share[101, 129]
    assert share[120, 130:].max() < 0.1


def test_where_nothing_tells_the_masks_border_is_soft():
    share = matte(np.full((256, 256, 3), 90, np.uint8), COLUMNS < 128)
    assert (np.diff(share[128]) <= 1e-5).all() and share[128, 100] == pytest.approx(1) and share[128, 156] < 1e-5
    assert share[128, 127] + share[128, 128] == pytest.approx(1, abs=1e-4)
