"""One face laid on another by the similarity of their features: what a network need not find, and nothing stretches."""

from __future__ import annotations

import numpy as np

from mgpe_tf import labels
from mgpe_tf.data.alignment import similarity
from mgpe_tf.editing.carry.flows import positions

MARKS = ((labels.LEFT_EYE,), (labels.RIGHT_EYE,), (labels.NOSE,), labels.MOUTH)
"""Features whose centres are brought together."""

WEIGHTS = (2.0, 2.0, 0.5, 1.0)
"""Weight of each one's squared distance: the nose's centre moves with the turn of the head."""


def placing(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The flow that turns, scales and shifts a face to where another has its eyes, nose and mouth.

    Args:
      source: uint8 [H, W] Helen ids, of the face that is carried.
      target: uint8 [H, W], of where it is carried to.

    Returns:
      float32 [H, W, 2]; 0 if not two of the features are in both masks.
    """
    pairs = [(_centre(target, ids), _centre(source, ids), weight) for ids, weight in zip(MARKS, WEIGHTS)]
    known = [(to, at, weight) for to, at, weight in pairs if to is not None and at is not None]
    here = positions(target.shape)
    if len(known) < 2:
        return np.zeros_like(here)
    to, at, weights = zip(*known)
    matrix = similarity(np.array(to), np.array(at), weights)
    return (here @ matrix[:, :2].T + matrix[:, 2] - here).astype(np.float32)


def _centre(mask: np.ndarray, ids: tuple[int, ...]) -> np.ndarray | None:
    """The mean (x, y) of the pixels that have one of the ids; None if there are none."""
    rows, columns = np.nonzero(np.isin(mask, ids))
    return np.array((columns.mean(), rows.mean())) if rows.size else None
