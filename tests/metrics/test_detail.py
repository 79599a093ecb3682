"""Detail: energies by hand, and what blur and noise do to it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage import data

from mgpe_tf.metrics.detail import LEAST, detail, laplacian_energy

PHOTOGRAPH = data.astronaut()[::2, ::2]
REGION = np.zeros((256, 256), bool)
REGION[40:200, 60:180] = True


def test_by_hand():
    """On a checkerboard of 10 levels all four neighbours of a pixel differ from it by 10: (4 * 10)^2."""
    board = np.repeat(np.indices((256, 256)).sum(axis=0)[..., None] % 2 * 10, 3, axis=-1).astype(np.uint8)
    assert laplacian_energy(board, REGION) == 1600
    assert detail(2 * board, board, REGION) == 4
    assert detail(board, np.full_like(board, 90), REGION) == 1600 / LEAST


def test_the_photograph_itself_blur_and_noise():
    noise = np.random.default_rng(0).integers(-20, 21, PHOTOGRAPH.shape)
    noisy = np.clip(PHOTOGRAPH + noise, 0, 255).astype(np.uint8)
    assert detail(PHOTOGRAPH, PHOTOGRAPH, REGION) == pytest.approx(1)
    assert detail(cv2.GaussianBlur(PHOTOGRAPH, (0, 0), 1), PHOTOGRAPH, REGION) < 0.3
    assert detail(noisy, PHOTOGRAPH, REGION) > 1.1


def test_pixels_off_the_region_do_not_count():
    other = np.where(cv2.dilate(REGION.astype(np.uint8), np.ones((3, 3)))[..., None], PHOTOGRAPH, 0).astype(np.uint8)
    assert detail(other, PHOTOGRAPH, REGION) == 1
