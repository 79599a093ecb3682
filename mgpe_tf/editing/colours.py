"""Colours that the networks miss: an embedding of some hundred numbers holds them roughly. How the networks draw a
photograph as it is shows the error of each class, and what they draw of it elsewhere is corrected by that."""

from __future__ import annotations

import cv2
import numpy as np

from mgpe_tf import labels

GRID = 32
"""Rows and columns of the maps of errors."""

SPREAD = 3.0
"""Standard deviation in cells over which errors are averaged: light changes slowly over a face."""

DOUBT = 0.1
"""Weight, against a cell full of the class, of the mean over the class: it holds where nothing of the class is near."""

FEW = 1e-3
"""Share of the portrait's pixels up to which a class is trusted less: its labels may be wrong."""


def colour_errors(photograph: np.ndarray, drawn: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """What drawn colours lack, by class and place.

    Args:
      photograph: an aligned portrait, uint8 RGB [R, R, 3].
      drawn: the same, drawn with its own appearance on its own mask.
      mask: integer [R, R] Helen ids.

    Returns:
      float32 [11, GRID, GRID, 3] in levels of 255; 0 for classes that the mask lacks.
    """
    error = photograph.astype(np.float32) - drawn
    errors = np.zeros((labels.NUM_CLASSES, GRID, GRID, 3), np.float32)
    for label in np.unique(mask):
        where = (mask == label).astype(np.float32)[..., None]
        mean = (error * where).sum((0, 1)) / (where.sum() + FEW * mask.size)
        errors[label] = (_spread(error * where) + DOUBT * mean) / (_spread(where) + DOUBT)
    return errors


def correct(drawn: np.ndarray, mask: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """A drawn portrait, uint8 RGB [R, R, 3] on a mask [R, R], with the colour errors of each class taken back."""
    size, added = mask.shape[::-1], np.zeros(drawn.shape, np.float32)
    for label in np.unique(mask):
        added[mask == label] = cv2.resize(errors[label], size, interpolation=cv2.INTER_CUBIC)[mask == label]
    soft = cv2.GaussianBlur(added, (0, 0), len(mask) / 256)  # no steps where classes meet
    return np.clip(np.round(drawn + soft), 0, 255).astype(np.uint8)


def _spread(values: np.ndarray) -> np.ndarray:
    """float32 [R, R, C] averaged over cells and their surroundings: [GRID, GRID, C]."""
    cells = cv2.resize(values, (GRID, GRID), interpolation=cv2.INTER_AREA)
    return cv2.GaussianBlur(cells, (0, 0), SPREAD).reshape(GRID, GRID, -1)
