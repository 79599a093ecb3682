"""Another view of a portrait, as a second photograph of the same person could be."""

from __future__ import annotations

import cv2
import numpy as np

TURN = 6.0
"""Degrees by which it is turned, one way and the other by turns."""

GROWTH = 1.06
"""Factor by which it is larger, and every other pair of them smaller."""


def view(image: np.ndarray, mask: np.ndarray, number: int) -> tuple[np.ndarray, np.ndarray]:
    """A portrait turned and scaled about its centre, and its mask likewise; beyond the frame both are mirrored.

    Args:
      image: uint8 RGB [R, R, 3].
      mask: uint8 [R, R].
      number: of the portrait; it tells which way.

    Returns:
      The same types and shapes.
    """
    angle, growth = TURN * (-1) ** number, GROWTH if number // 2 % 2 else 1 / GROWTH
    centre = ((mask.shape[1] - 1) / 2, (mask.shape[0] - 1) / 2)
    matrix, size = cv2.getRotationMatrix2D(centre, angle, growth), mask.shape[::-1]
    found = [
        cv2.warpAffine(each, matrix, size, flags=interpolation, borderMode=cv2.BORDER_REFLECT)
        for each, interpolation in ((image, cv2.INTER_CUBIC), (mask, cv2.INTER_NEAREST))
    ]
    return found[0], found[1]
