"""Seams: steps of colour that follow the border between the foreground and the background of a mask."""

from __future__ import annotations

import cv2
import numpy as np

from mgpe_tf.geometry import REFERENCE_SIZE

BAND = 4.0
"""Pixels at 256x256 from the border of the mask within which neighbouring pixels are compared."""


def seam(picture: np.ndarray, photograph: np.ndarray, foreground: np.ndarray) -> float:
    """How much more a picture steps exactly at a mask's border than the photograph does there.

    It is the ``border_contrast`` of the picture, divided by that of the photograph: 1 for the photograph itself, and
    about 1 for any picture whose colours change at the border as they do beside it, be it blurred or of another
    person.

    Args:
      picture, photograph: uint8 RGB [R, R, 3].
      foreground: bool [R, R].

    Returns:
      nan if the mask has no border.
    """
    return border_contrast(picture, foreground) / border_contrast(photograph, foreground)


def border_contrast(picture: np.ndarray, foreground: np.ndarray) -> float:
    """The mean step across the border by the mean step beside it.

    A step is the mean over R, G and B of the absolute difference between two pixels that adjoin in a row or a column,
    in levels. Steps across the border are those from foreground to background; those beside it are all others between
    pixels at most ``BAND`` away from it. To both means one level is added, so that flat surroundings do not divide by
    nothing.

    Args:
      picture: uint8 RGB [R, R, 3].
      foreground: bool [R, R].

    Returns:
      nan if the mask has no border.
    """
    near = _near_border(foreground)
    crossings, others = [], []
    for axis in (0, 1):
        steps = np.abs(np.diff(picture.astype(np.float64), axis=axis)).mean(axis=-1)
        crossing = np.diff(foreground, axis=axis)
        both_near = np.logical_and(*_neighbours(near, axis))
        crossings.append(steps[crossing])
        others.append(steps[both_near & ~crossing])
    across, beside = np.concatenate(crossings), np.concatenate(others)
    return (across.mean() + 1) / (beside.mean() + 1) if across.size and beside.size else np.nan


def _near_border(foreground: np.ndarray) -> np.ndarray:
    """bool [R, R]: at most ``BAND`` away from a pixel of the other kind."""
    distances = [
        cv2.distanceTransform(side.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        for side in (foreground, ~foreground)
    ]
    return np.maximum(*distances) <= BAND * len(foreground) / REFERENCE_SIZE


def _neighbours(values: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Each pixel and the next one along an axis."""
    count = values.shape[axis]
    return values.take(range(count - 1), axis), values.take(range(1, count), axis)
