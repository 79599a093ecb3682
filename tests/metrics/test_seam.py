"""The seam measure: closed forms, and pictures with and without a step at the border."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage import data

from mgpe_tf.metrics.seam import border_contrast, seam

PHOTOGRAPH = data.astronaut()[::2, ::2]
FACE = cv2.ellipse(np.zeros((256, 256), np.uint8), (112, 60), (40, 55), 0, 0, 360, 1, -1).astype(bool)


def stepped(picture: np.ndarray, levels: int) -> np.ndarray:
    """The picture with its foreground lighter: a seam."""
    return np.clip(picture + levels * FACE[..., None].astype(int), 0, 255).astype(np.uint8)


def test_a_step_between_flat_surroundings():
    """By hand: every pair across differs by 30 levels in one of three channels, every other pair by none."""
    flat = np.full((256, 256, 3), 100, np.uint8)
    drawn = flat.copy()
    drawn[FACE, 0] += 30
    assert border_contrast(drawn, FACE) == pytest.approx(10 + 1)
    assert seam(drawn, flat, FACE) == pytest.approx(11)


def test_steps_that_are_everywhere_are_no_seam():
    """A checkerboard of 20 levels steps across the border as beside it."""
    board = np.indices((256, 256)).sum(axis=0) % 2 * 20
    assert border_contrast(np.repeat(board[..., None], 3, axis=-1).astype(np.uint8), FACE) == pytest.approx(1)


def test_the_photograph_itself_and_pictures_without_a_seam():
    assert seam(PHOTOGRAPH, PHOTOGRAPH, FACE) == 1
    blurred, darker = cv2.GaussianBlur(PHOTOGRAPH, (5, 5), 1), (PHOTOGRAPH * 0.7).astype(np.uint8)
    assert seam(blurred, PHOTOGRAPH, FACE) == pytest.approx(1, abs=0.2)
    assert seam(darker, PHOTOGRAPH, FACE) == pytest.approx(1, abs=0.1)
    assert seam(255 - PHOTOGRAPH, PHOTOGRAPH, FACE) == pytest.approx(1)


def test_it_grows_with_the_step():
    found = [seam(stepped(PHOTOGRAPH // 2, levels), PHOTOGRAPH // 2, FACE) for levels in (0, 20, 40, 80)]
    assert found == sorted(found) and found[0] == 1 and found[1] > 1.2 and found[3] > 2.5


def test_a_mask_without_a_border():
    for everywhere in (np.zeros_like(FACE), np.ones_like(FACE)):
        assert np.isnan(seam(PHOTOGRAPH, PHOTOGRAPH, everywhere))
