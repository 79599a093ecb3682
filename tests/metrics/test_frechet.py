"""The Fréchet distance against closed forms and SciPy's matrix root."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import linalg

from mgpe_tf.metrics.frechet import frechet_distance

RNG = np.random.default_rng(0)


def samples(mean, covariance, count: int = 40) -> np.ndarray:
    """Vectors [count, D] whose mean and unbiased covariance are exactly those given."""
    drawn = RNG.normal(size=(count, len(mean)))
    drawn -= drawn.mean(axis=0)
    whitened = drawn @ np.linalg.inv(np.linalg.cholesky(np.cov(drawn.T).reshape(len(mean), -1))).T
    return whitened @ np.linalg.cholesky(covariance).T + mean


def test_one_dimension():
    first, second = samples([3.0], [[4.0]]), samples([1.0], [[0.25]], 25)
    assert frechet_distance(first, second) == pytest.approx((3 - 1) ** 2 + (2 - 0.5) ** 2)


def test_covariances_that_share_their_axes():
    turn = linalg.qr(RNG.normal(size=(3, 3)))[0]
    deviations = np.array([1.0, 2.0, 0.5]), np.array([3.0, 1.0, 0.5])
    first, second = (samples(np.zeros(3), turn @ np.diag(d**2) @ turn.T) for d in deviations)
    assert frechet_distance(first, second + [1, 0, 2]) == pytest.approx(5 + np.square(np.subtract(*deviations)).sum())


def test_any_covariances_agree_with_the_matrix_root():
    first, second = RNG.normal(size=(30, 5)) @ RNG.normal(size=(5, 5)), RNG.normal(size=(20, 5)) + 1
    covariances = np.cov(first.T), np.cov(second.T)
    root = linalg.sqrtm(covariances[0] @ covariances[1]).real
    expected = np.square(first.mean(0) - second.mean(0)).sum() + np.trace(sum(covariances) - 2 * root)
    assert frechet_distance(first, second) == pytest.approx(expected)
    assert frechet_distance(second, first) == pytest.approx(expected)


def test_fewer_samples_than_features():
    """Vectors in a plane of a space of 50 dimensions are as far apart as the plane's coordinates."""
    plane = linalg.qr(RNG.normal(size=(50, 50)))[0][:2]
    first, second = RNG.normal(size=(9, 2)), RNG.normal(size=(7, 2)) * 3 + 1
    assert frechet_distance(first @ plane, second @ plane) == pytest.approx(frechet_distance(first, second))
    assert frechet_distance(first @ plane, first @ plane) == pytest.approx(0, abs=1e-9)


def test_single_precision_is_no_loss():
    features = RNG.normal(1000, 1, (50, 4)).astype(np.float32)
    assert frechet_distance(features, features + np.float32(1)) == pytest.approx(4, rel=1e-3)
