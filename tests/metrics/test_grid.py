"""Grids: found where they are, whatever else a picture shows."""

from __future__ import annotations

import numpy as np
import pytest
from keras import ops

from mgpe_tf.data.synthetic import SyntheticSource
from mgpe_tf.labels import HAIR
from mgpe_tf.metrics.grid import grid

SIZE = 64
RNG = np.random.default_rng(0)
EVERYWHERE = np.ones((1, SIZE, SIZE, 1), np.float32)


def found(image: np.ndarray, region: np.ndarray = EVERYWHERE) -> float:
    return float(ops.convert_to_numpy(grid(image.astype(np.float32), region))[0])


def wave(period: float) -> np.ndarray:
    """Waves down the rows times waves along the columns, [1, SIZE, SIZE, 3]."""
    line = np.cos(2 * np.pi * np.arange(SIZE) / period)
    return np.repeat((line[:, None] * line)[None, ..., None], 3, axis=-1)


@pytest.mark.parametrize("period", [2, 4, 8])
def test_a_grid_is_found_at_its_period(period):
    """In the closed form a peak of cos(2 pi k / P) is 1 - cos(2 pi / P) high."""
    assert found(wave(period)) == pytest.approx(1 - np.cos(2 * np.pi / period), abs=0.05)
    noisy = 0.3 * wave(period) + RNG.normal(0, 0.3, (1, SIZE, SIZE, 3))
    assert found(noisy) > 0.04


def test_what_does_not_repeat_is_none():
    noise = RNG.normal(0, 0.3, (1, SIZE, SIZE, 3))
    gradient = np.broadcast_to(np.linspace(-1, 1, SIZE)[None, :, None, None], (1, SIZE, SIZE, 3))
    assert found(noise) < 0.05 and found(gradient) < 0.05
    image, mask = SyntheticSource(1, SIZE).load(0)
    assert found(image[None] / 127.5 - 1, (mask == HAIR)[None, ..., None].astype(np.float32)) < 0.05


def test_only_the_region_counts():
    left = EVERYWHERE.copy()
    left[:, :, 32:] = 0
    half = np.where(left > 0, RNG.normal(0, 0.3, (1, SIZE, SIZE, 3)), wave(4))
    assert found(half, left) < 0.06 < 0.5 < found(half, 1 - left)
    assert found(wave(4), 0 * left) == 0
