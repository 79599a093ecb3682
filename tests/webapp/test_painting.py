"""Masks between page and server."""

from __future__ import annotations

import numpy as np
import pytest
from small import face_mask

from mgpe_tf.errors import UserError
from mgpe_tf.webapp.painting import from_runs, to_runs

MASK = face_mask()


def test_runs_are_the_mask():
    assert to_runs(np.array([[4, 4], [4, 0]], np.uint8)) == [4, 3, 0, 1]
    for mask in (MASK, np.zeros((64, 64), np.uint8), np.arange(4096).reshape(64, 64).astype(np.uint8) % 11):
        np.testing.assert_array_equal(from_runs(to_runs(mask), 64), mask)
    assert len(to_runs(MASK)) < 0.2 * MASK.size


@pytest.mark.parametrize(
    "runs",
    [
        None,
        "4096",
        {"mask": []},
        [],
        [0],
        [0, 4095],
        [0, 4097],
        [11, 4096],
        [-1, 4096],
        [0, 5000, 1, -904],
        [0, 0, 1, 4096],
        [0.0, 4096],
        [True, 4096],
        [0, 2**62, 1, 2**62],
        [0, 1] * 5000,
    ],
)
def test_what_is_no_mask(runs):
    with pytest.raises(UserError, match="^mask: .*; allowed: "):
        from_runs(runs, 64)
