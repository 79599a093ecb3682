"""The Fréchet distance between two sets of pictures, each seen as the Gaussian of its feature vectors."""

from __future__ import annotations

import numpy as np


def frechet_distance(first: np.ndarray, second: np.ndarray) -> float:
    """|m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)), of means m and covariances C (Heusel et al. 2017, equation 6).

    It is squared, as the FID is. With few samples it is too large, also between samples of one distribution, and the
    more so the fewer they are: compare only distances of equally many.

    tr (C1 C2)^(1/2) is the sum of the singular values of A B^T, where C1 = A^T A and C2 = B^T B. So no root is taken of
    a matrix that is singular, as covariances of fewer samples than features are.

    Args:
      first, second: features, float [N, D] and [M, D], N and M at least 2.
    """
    (mean_a, a), (mean_b, b) = (_gaussian(np.asarray(features, np.float64)) for features in (first, second))
    common = np.linalg.svd(a @ b.T, compute_uv=False).sum()
    return float(np.square(mean_a - mean_b).sum() + np.square(a).sum() + np.square(b).sum() - 2 * common)


def _gaussian(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean [D], and a matrix A [at most D, D] with A^T A = the unbiased covariance."""
    mean = features.mean(axis=0)
    return mean, np.linalg.qr((features - mean) / np.sqrt(len(features) - 1)).R
