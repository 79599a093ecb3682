"""The kernel distance between two sets of pictures, each seen through its feature vectors."""

from __future__ import annotations

import numpy as np


def kernel_distance(first: np.ndarray, second: np.ndarray) -> float:
    """The squared maximum mean discrepancy of the kernel (x . y / D + 1)^3, unbiased (Binkowski et al. 2018, eq. 4).

    With Inception's features it is the KID. Other than the Fréchet distance it has no bias: its expected value for two
    samples of one distribution is 0 however few they are, so it can be negative.

    Args:
      first, second: features, float [N, D] and [M, D], N and M at least 2.
    """
    first, second = np.asarray(first, np.float64), np.asarray(second, np.float64)
    return _mean_of_pairs(first) + _mean_of_pairs(second) - 2 * float(_kernel(first, second).mean())


def _mean_of_pairs(features: np.ndarray) -> float:
    """The mean kernel of all pairs of different samples."""
    values, count = _kernel(features, features), len(features)
    return float((values.sum() - np.trace(values)) / (count * (count - 1)))


def _kernel(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return (first @ second.T / first.shape[1] + 1) ** 3
