"""Smooth fillings of holes."""

from __future__ import annotations

import cv2
import numpy as np

SWEEPS = 40
"""Of averaging at each size, after the fill from the coarser one."""


def filled(pixels: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Pixels, smooth where they are not known: from coarse to fine, nearly the solution of Laplace's equation.

    Args:
      pixels: float32 [H, W, 3].
      known: bool [H, W].

    Returns:
      float32 [H, W, 3].
    """
    share = known.astype(np.float32)
    if known.all() or min(known.shape) < 4:
        mean = (pixels * share[..., None]).sum((0, 1)) / max(share.sum(), 1e-6)
        return np.where(known[..., None], pixels, mean).astype(np.float32)
    coarse, weight = halved(pixels, share)
    result = cv2.resize(filled(coarse, weight > 0), known.shape[::-1], interpolation=cv2.INTER_LINEAR)
    result = np.where(known[..., None], pixels, result)
    for _ in range(SWEEPS):
        result = np.where(known[..., None], pixels, cv2.blur(result, (3, 3), borderType=cv2.BORDER_REPLICATE))
    return result


def averaged(pixels: np.ndarray, known: np.ndarray, width: float, doubt: float = 0.0) -> np.ndarray:
    """Pixels float32 [H, W, C] averaged over their surroundings, as far as these are known, bool [H, W], by a Gaussian
    of `width` pixels.

    `doubt` is the weight, against a place all around which is known, of the mean of all that is: it holds far away.
    """
    share = known.astype(np.float32)[..., None]
    total, weight = cv2.GaussianBlur(pixels * share, (0, 0), width), cv2.GaussianBlur(share, (0, 0), width)[..., None]
    if doubt:
        total, weight = total + doubt * (pixels * share).sum((0, 1)) / share.sum(), weight + doubt
    return total / np.maximum(weight, 1e-4)


def halved(pixels: np.ndarray, share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Half the rows and columns of pixels float32 [H, W, 3], means by their shares [H, W], and the means of these."""
    half = share.shape[1] // 2, share.shape[0] // 2
    weight = cv2.resize(share, half, interpolation=cv2.INTER_AREA)
    total = cv2.resize(pixels * share[..., None], half, interpolation=cv2.INTER_AREA)
    return total / np.maximum(weight, 1e-4)[..., None], weight
