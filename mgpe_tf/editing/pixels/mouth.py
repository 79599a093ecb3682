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
    hidden = (mask == labels.INNER_MOUTH) & (shown < SHOWN)
    if not hidden.any():
        return None
    width = 2 * round(MARGIN * len(mask) / REFERENCE_SIZE) + 1
    hidden = cv2.dilate(hidden.astype(np.uint8), np.ones((width, width), np.uint8)) > 0
    return completed(portrait, mask, ~hidden), smooth(hidden, mask.shape)
