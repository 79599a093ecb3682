"""MS-SSIM against TensorFlow's, and what regions count."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from skimage import data

from mgpe_tf.metrics.image import LUMINANCE, ssim_map
from mgpe_tf.metrics.multiscale import EXPONENTS, ms_ssim, scale_count

RNG = np.random.default_rng(0)
PHOTOGRAPH = data.astronaut()[:256, 100:356]
NOISY = np.clip(PHOTOGRAPH + RNG.normal(0, 15, PHOTOGRAPH.shape), 0, 255).astype(np.uint8)


def by_tensorflow(image: np.ndarray, original: np.ndarray) -> float:
    weights = np.array(EXPONENTS[: scale_count(min(image.shape[:2]))])
    gray = [tf.constant((picture @ LUMINANCE)[..., None], tf.float32) for picture in (image, original)]
    return float(tf.image.ssim_multiscale(*gray, 255, power_factors=weights / weights.sum()))


@pytest.mark.parametrize("crop", [np.s_[:], np.s_[:199, :181], np.s_[:90, :100], np.s_[:16, :30]])
def test_the_whole_picture_agrees_with_tensorflow(crop):
    """Five scales, five of odd sizes, four, and one."""
    image, original = NOISY[crop], PHOTOGRAPH[crop]
    found = ms_ssim(image, original, np.ones((1, *image.shape[:2]), bool))
    assert found == pytest.approx([by_tensorflow(image, original)], abs=1e-5) and 0.3 < found[0] < 0.995


def test_scales_that_fit():
    assert [scale_count(side) for side in (5, 11, 20, 21, 64, 128, 160, 161, 256, 512)] == [
        1,
        1,
        1,
        2,
        3,
        4,
        4,
        5,
        5,
        5,
    ]


def test_a_region_is_judged_by_its_own_pixels():
    regions = np.zeros((3, 256, 256), bool)
    regions[0, :, :96], regions[1, :, 160:] = True, True
    half = PHOTOGRAPH.copy()
    half[:, 128:] = NOISY[:, 128:]
    left, right, nowhere = ms_ssim(half, PHOTOGRAPH, regions)
    assert left > 0.99 > 0.97 > right and np.isnan(nowhere)
    assert ms_ssim(PHOTOGRAPH, PHOTOGRAPH, regions)[:2] == pytest.approx([1, 1])


def test_at_one_scale_it_is_the_ssim():
    image, original = NOISY[:18, :18], PHOTOGRAPH[:18, :18]
    region = RNG.random((18, 18)) < 0.5
    inside = np.zeros_like(region)
    inside[5:-5, 5:-5] = True
    expected = ssim_map(image, original)[region & inside].mean()
    assert ms_ssim(image, original, region[None]) == pytest.approx([expected])
