"""Measures of a picture against its original."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from keras import ops

from mgpe_tf.ops.tensor import Tensor

LUMINANCE = np.array((0.299, 0.587, 0.114))
"""Weights of R, G and B in the luminance (ITU-R BT.601)."""

WINDOW, SIGMA = 11, 1.5
"""Height and width in pixels of the Gaussian window of the structural similarity, and its sigma."""


def psnr(image: Tensor, original: Tensor, weight: Tensor | None = None) -> Tensor:
    """``image_psnr``, averaged over the batch: float32 scalar."""
    return ops.mean(image_psnr(image, original, weight))


def image_psnr(image: Tensor, original: Tensor, weight: Tensor | None = None) -> Tensor:
    """Peak signal-to-noise ratio of each image, 10 log10(2^2 / mean squared error).

    Args:
      image, original: float [B, H, W, 3] in [-1, 1].
      weight: optional [B, H, W, 1], 1 where pixels count and 0 elsewhere; an image of which no pixel counts is
        treated as equal.

    Returns:
      float32 [B], dB; equal images give 100 dB.
    """
    error = ops.mean(ops.square(ops.cast(image, "float32") - ops.cast(original, "float32")), axis=-1, keepdims=True)
    if weight is None:
        mean = ops.mean(error, axis=(1, 2, 3))
    else:
        mean = ops.sum(error * weight, axis=(1, 2, 3)) / ops.maximum(ops.sum(weight, axis=(1, 2, 3)), 1.0)
    return 10 / math.log(10) * (math.log(4) - ops.log(ops.maximum(mean, 4e-10)))


def ssim_map(image: np.ndarray, original: np.ndarray) -> np.ndarray:
    """Structural similarity of the luminance about each pixel (Wang et al., "Image Quality Assessment", 2004).

    Args:
      image, original: uint8 RGB [H, W, 3].

    Returns:
      float64 [H, W], at most 1; its mean over all pixels or over some is the SSIM there.
    """
    luminance, structure = similarity_maps(image @ LUMINANCE, original @ LUMINANCE, window_mean)
    return luminance * structure


def window_mean(values: np.ndarray) -> np.ndarray:
    """Means over the window of the SSIM, float64 [H, W]; at the borders as if a mirror image went on."""
    import cv2  # training, which needs the other measures, works without it

    return cv2.GaussianBlur(values, (WINDOW, WINDOW), SIGMA, borderType=cv2.BORDER_REFLECT)


def similarity_maps(x: Tensor, y: Tensor, mean: Callable[[Tensor], Tensor]) -> tuple[Tensor, Tensor]:
    """The two factors of the SSIM about each pixel: luminance, and contrast with structure.

    Means, variances and covariance are those of a window; the constants are (0.01 * 255)^2 and (0.03 * 255)^2.

    Args:
      x, y: luminances in 0..255, arrays or tensors of one shape.
      mean: of such an array over the window about each pixel.

    Returns:
      Two of that shape, at most 1.
    """
    mean_x, mean_y = mean(x), mean(y)
    variances = mean(x * x) + mean(y * y) - mean_x**2 - mean_y**2
    covariance = mean(x * y) - mean_x * mean_y
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    return (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1), (2 * covariance + c2) / (variances + c2)
