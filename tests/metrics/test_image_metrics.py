"""PSNR and SSIM: closed forms and scikit-image."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from mgpe_tf.metrics.image import LUMINANCE, image_psnr, psnr, ssim_map

RNG = np.random.default_rng(0)
IMAGES, OTHERS = RNG.uniform(-1, 1, (2, 3, 8, 6, 3)).astype(np.float32)


def test_psnr_of_a_constant_error():
    zeros = np.zeros((2, 4, 4, 3), np.float32)
    assert float(psnr(zeros, zeros + 0.2)) == pytest.approx(20, abs=1e-4)  # (2 / 0.2)^2 = 100
    assert float(psnr(zeros, zeros)) == pytest.approx(100, abs=1e-4)


def test_psnr_agrees_with_scikit_image():
    expected = np.mean([peak_signal_noise_ratio(o, i, data_range=2) for i, o in zip(IMAGES, OTHERS)])
    assert float(psnr(IMAGES, OTHERS)) == pytest.approx(expected, abs=1e-4)


def test_psnr_takes_weighted_pixels_alone():
    weight = np.zeros((3, 8, 6, 1), np.float32)
    weight[:, 2:5, 1:4] = 1
    inside = np.s_[2:5, 1:4]
    expected = np.mean([peak_signal_noise_ratio(o[inside], i[inside], data_range=2) for i, o in zip(IMAGES, OTHERS)])
    assert float(psnr(IMAGES, OTHERS, weight)) == pytest.approx(expected, abs=1e-4)
    weight[0] = 0  # an image without such pixels counts as equal
    rest = [peak_signal_noise_ratio(o[inside], i[inside], data_range=2) for i, o in zip(IMAGES[1:], OTHERS[1:])]
    assert float(psnr(IMAGES, OTHERS, weight)) == pytest.approx((100 + sum(rest)) / 3, abs=1e-3)


def test_psnr_of_each_image():
    expected = [float(psnr(IMAGES[i : i + 1], OTHERS[i : i + 1])) for i in range(3)]
    np.testing.assert_allclose(image_psnr(IMAGES, OTHERS), expected, rtol=1e-6)


def test_ssim_agrees_with_scikit_image():
    photograph = data.astronaut()[:120:2, 160:300:2]
    noisy = np.clip(photograph + RNG.normal(0, 12, photograph.shape), 0, 255).astype(np.uint8)
    gray = [picture @ LUMINANCE for picture in (photograph, noisy)]
    _, expected = structural_similarity(
        *gray, data_range=255, full=True, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    found = ssim_map(photograph, noisy)
    assert found.shape == photograph.shape[:2] and 0.2 < found.mean() < 0.9
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_ssim_of_flat_pictures():
    """Without any structure the first factor is left: (2 a b + c) / (a^2 + b^2 + c)."""
    flat = [np.full((12, 12, 3), value, np.uint8) for value in (100, 120)]
    constant = 2.55**2
    np.testing.assert_allclose(ssim_map(*flat), (24000 + constant) / (24400 + constant))
    np.testing.assert_allclose(ssim_map(flat[0], flat[0]), 1)
