"""The inside of a mouth where no photograph shows it: teeth, tongue and the dark behind them, by a network."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from mgpe_tf import labels
from mgpe_tf.editing.masks.regions import smooth
from mgpe_tf.geometry import REFERENCE_SIZE

SHOWN = 0.5
"""Share of what is carried from which on a pixel is known."""

MARGIN = 1
"""Pixels at 256x256 around what is not known that are not known either, as the network has learnt it."""


def hidden(mask: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """Where an open mouth is not known, and just around: bool [R, R], of arguments as for ``opened``."""
    unknown = ((mask == labels.INNER_MOUTH) & (shown < SHOWN)).astype(np.uint8)
    width = 2 * round(MARGIN * len(mask) / REFERENCE_SIZE) + 1
    return cv2.dilate(unknown, np.ones((width, width), np.uint8)) > 0


def opened(
    portrait: np.ndarray,
    mask: np.ndarray,
    shown: np.ndarray,
    completed: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray],
) -> tuple[np.ndarray, np.ndarray] | None:
    """What is seen in an open mouth where nothing of it is carried.

    Args:
      portrait: what is carried, uint8 RGB [R, R, 3].
      mask: to which, uint8 [R, R] Helen ids.
      shown: how far it is shown, float32 [R, R] in [0, 1].
      completed: ``OpenedMouths.completed``.

    Returns:
      A portrait that shows it, uint8 RGB [R, R, 3], and where, float32 [R, R] in [0, 1]; None if that is nowhere.
    """
    unknown = hidden(mask, shown)
    return (completed(portrait, mask, ~unknown), smooth(unknown, mask.shape)) if unknown.any() else None
