"""Multi-scale structural similarity of a picture to its original, over regions."""

from __future__ import annotations

import numpy as np

from mgpe_tf.metrics.image import LUMINANCE, WINDOW, similarity_maps, window_mean

EXPONENTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
"""Weights of the scales, the finest one first (Wang, Simoncelli and Bovik 2003, section 3.2)."""


def ms_ssim(image: np.ndarray, original: np.ndarray, regions: np.ndarray) -> np.ndarray:
    """MS-SSIM of the luminance (Wang, Simoncelli and Bovik 2003, equation 7) over each of some regions.

    The mean contrast and structure of every scale but the coarsest, and the mean SSIM of the coarsest one, each at
    least 0 and to the power of its weight, are multiplied. A mean is taken over the pixels of the region, which is
    halved with the pictures by averaging 2x2 pixels: where it covers half of a pixel, that pixel counts half. Windows
    that reach beyond the picture do not count, so that the whole picture as a region gives what
    ``tf.image.ssim_multiscale`` gives.

    Args:
      image, original: uint8 RGB [H, W, 3].
      regions: bool [K, H, W].

    Returns:
      float64 [K]; nan where a region has no pixel at some scale.
    """
    x, y, weights = image @ LUMINANCE, original @ LUMINANCE, regions.astype(np.float64)
    exponents = np.array(EXPONENTS[: scale_count(min(x.shape))])
    result = np.ones(len(regions))
    for scale, exponent in enumerate(exponents / exponents.sum(), start=1):
        luminance, structure = similarity_maps(x, y, window_mean)
        values = luminance * structure if scale == len(exponents) else structure
        result *= np.maximum(_means(values, weights), 0) ** exponent
        x, y, weights = _halved(x), _halved(y), _halved(weights)
    return result


def scale_count(side: int) -> int:
    """How many scales: five, or as many as leave a shorter side of at least the window's 11 pixels (176: five).

    The weights of fewer scales are the first ones, divided by their sum.
    """
    fitting = [scale for scale in range(len(EXPONENTS)) if -(-side // 2**scale) >= WINDOW]
    return max(len(fitting), 1)


def _means(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted means [K] of a map [H, W] over those pixels whose window lies inside the picture."""
    inside = np.s_[..., WINDOW // 2 : -(WINDOW // 2), WINDOW // 2 : -(WINDOW // 2)]
    values, weights = values[inside], weights[inside]
    total = weights.sum(axis=(1, 2))
    return np.divide((values * weights).sum(axis=(1, 2)), total, out=np.full(len(total), np.nan), where=total > 0)


def _halved(values: np.ndarray) -> np.ndarray:
    """Means of 2x2 pixels [..., H / 2, W / 2], rounded up; the last row and column of odd sizes count twice."""
    height, width = values.shape[-2:]
    around = [(0, 0)] * (values.ndim - 2) + [(0, height % 2), (0, width % 2)]
    even = np.pad(values, around, mode="edge")
    return even.reshape(*values.shape[:-2], even.shape[-2] // 2, 2, even.shape[-1] // 2, 2).mean(axis=(-3, -1))
