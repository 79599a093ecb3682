"""Blurred, dark, gray and compressed pictures in training."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from mgpe_tf.config import AugmentationConfig
from mgpe_tf.data.augment import augment

RANDOM = np.random.default_rng(0)
IMAGE, MASK = RANDOM.integers(0, 256, (32, 32, 3), np.uint8), RANDOM.integers(0, 11, (32, 32), np.uint8)


def changed(seed: int = 0, **fields) -> np.ndarray:
    image, mask = augment(tf.constant(IMAGE), tf.constant(MASK), AugmentationConfig(flip=0.0, **fields), [seed, 1])
    np.testing.assert_array_equal(mask, MASK)
    return image.numpy()


def test_gray():
    image = changed(gray=1.0)
    assert (image == image[..., :1]).all() and image.std() > 10


def test_dark():
    means = [changed(seed, dark=1.0).mean() for seed in range(20)]
    assert 0.05 * IMAGE.mean() < min(means) and max(means) < 0.6 * IMAGE.mean() and np.std(means) > 3


def test_blur_keeps_the_mean_and_takes_the_detail():
    image = changed(blur=1.0)
    assert abs(image.mean() - IMAGE.mean()) < 1.5 and image.std() < 0.7 * IMAGE.std()


@pytest.mark.parametrize("fault", ["gray", "dark", "blur", "jpeg"])
def test_faults_come_by_their_chance(fault):
    spoilt = [(changed(seed, **{fault: 0.5}) != IMAGE).any() for seed in range(40)]
    assert 8 < sum(spoilt) < 32


def test_other_draws_stay_what_they_were():
    moved, *others = (
        changed(3, colour=0.5, **more) for more in ({}, {"gray": 1e-9}, {"jpeg": 1e-9, "occlusion": 1e-9})
    )
    for other in others:
        np.testing.assert_array_equal(moved, other)
