"""Turns, growths and shifts, as matrices."""

from __future__ import annotations

import math

import numpy as np


def similarity_matrix(
    scale: float, rotation_degrees: float, shift: tuple[float, float], centre: tuple[float, float]
) -> np.ndarray:
    """The map p -> centre + shift + scale * R (p - centre) of pixel coordinates (x, y).

    Args:
      scale: factor by which the picture grows.
      rotation_degrees: angle of R; positive turns the picture clockwise as seen (y points down).
      shift: (dx, dy) in pixels.
      centre: (x, y) that turns and grows in place.

    Returns:
      float64 [2, 3], the forward map: ``matrix @ (x, y, 1)``.
    """
    angle = math.radians(rotation_degrees)
    cosine, sine = scale * math.cos(angle), scale * math.sin(angle)
    linear = np.array([[cosine, -sine], [sine, cosine]])
    offset = np.add(centre, shift) - linear @ np.asarray(centre, float)
    return np.column_stack([linear, offset])
