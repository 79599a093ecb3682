"""Another's mouth, opened as far as the mouth is whose place it takes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mgpe_tf import labels
from mgpe_tf.editing.carry.own import torn
from mgpe_tf.editing.carry.sampling import moved_mask
from mgpe_tf.editing.masks import edits
from mgpe_tf.editing.masks.regions import box_of

ALIKE = 0.03
"""Difference of two mouths' openness up to which none is opened."""

HALVINGS = 5
"""Of the range of amounts in which the right one is looked for."""


class Opened(NamedTuple):
    """A mouth that is opened.

    Attributes:
      mask: uint8 [R, R] Helen ids.
      flow: float32 [R, R, 2], from the mask before.
      gap: how far nothing of it shows what is seen there, float32 [R, R] in [0, 1].
    """

    mask: np.ndarray
    flow: np.ndarray
    gap: np.ndarray


def openness(mask: np.ndarray) -> float:
    """The area between the lips by the square of the mouth's width; 0 without a mouth; mask [R, R] Helen ids."""
    mouth = box_of(mask, labels.MOUTH)
    return 0.0 if mouth is None else float((mask == labels.INNER_MOUTH).sum()) / (mouth.right - mouth.left) ** 2


def opened_as(there: np.ndarray, here: np.ndarray) -> Opened | None:
    """A mouth opened as far as another is.

    Args:
      there: the mask whose mouth it is, uint8 [R, R] Helen ids.
      here: the mask that it is to be like.

    Returns:
      None if it is as open already, or not to be seen.
    """
    wanted = openness(here)
    if box_of(there, labels.MOUTH) is None or wanted - openness(there) < ALIKE:
        return None
    low, high = 0.0, edits.EDITS["open_mouth"].high
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        enough = openness(edits.apply(there, {"open_mouth": middle})) >= wanted
        low, high = (low, middle) if enough else (middle, high)
    [(_, mask, moved)] = edits.steps(there, {"open_mouth": high})
    return Opened(mask, moved.flow, torn(moved.flow, moved_mask(there, moved.flow), mask))
