"""Detail: how much of a photograph's fine structure an edited picture has."""

from __future__ import annotations

import cv2
import numpy as np

LEAST = 1e-3
"""Energy that a photograph counts as having at the least, so that flat ones do not divide by nothing."""


def detail(picture: np.ndarray, photograph: np.ndarray, region: np.ndarray) -> float:
    """The energy of a picture's fine structure in a region, by that of the photograph there: 1 for the photograph
    itself, less for blur, more for noise.

    Args:
      picture, photograph: uint8 RGB [R, R, 3].
      region: bool [R, R], with at least one pixel.
    """
    return laplacian_energy(picture, region) / max(laplacian_energy(photograph, region), LEAST)


def laplacian_energy(picture: np.ndarray, region: np.ndarray) -> float:
    """Mean square over the region of the luminance's Laplacian: the sum of the four neighbours, less four times the
    pixel, in levels."""
    luminance = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return float(np.square(cv2.Laplacian(luminance, cv2.CV_32F))[region].mean())
