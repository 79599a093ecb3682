"""The kernel distance against scikit-learn's kernel, a sum written out, and its expected value."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from sklearn.metrics.pairwise import polynomial_kernel

from mgpe_tf.metrics.kernel import kernel_distance

RNG = np.random.default_rng(0)


def test_agrees_with_scikit_learn():
    first, second = RNG.normal(size=(9, 5)), RNG.normal(1, 2, size=(6, 5))
    within = [polynomial_kernel(x)[~np.eye(len(x), dtype=bool)].mean() for x in (first, second)]
    expected = sum(within) - 2 * polynomial_kernel(first, second).mean()  # degree 3, gamma 1 / D, coef0 1
    assert kernel_distance(first, second) == pytest.approx(expected)
    assert kernel_distance(second, first) == pytest.approx(expected)


def test_two_samples_by_hand():
    """k(0, 1) = 1, k(2, 2) = 125; across k(0, 2) = 1 twice and k(1, 2) = 27 twice."""
    assert kernel_distance([[0.0], [1.0]], [[2.0], [2.0]]) == pytest.approx(1 + 125 - 2 * (1 + 27) / 2)


def test_no_bias():
    """Over all ways to halve four vectors the mean is that of two draws without replacement: exactly 0."""
    vectors = RNG.normal(size=(4, 3))
    halves = [(list(half), [i for i in range(4) if i not in half]) for half in itertools.combinations(range(4), 2)]
    distances = [kernel_distance(vectors[a], vectors[b]) for a, b in halves]
    assert min(distances) < 0 < max(distances) and np.mean(distances) == pytest.approx(0, abs=1e-12)


def test_farther_is_more():
    first, second = RNG.normal(size=(2, 50, 4))
    assert kernel_distance(first, second + 1) < kernel_distance(first, second + 2)
