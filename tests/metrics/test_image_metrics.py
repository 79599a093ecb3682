"""PSNR: closed forms and scikit-image."""

from __future__ import annotations

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio

from mgpe_tf.metrics.image import psnr

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
