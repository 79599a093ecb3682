"""Features of another's face, each moved as a whole: what a flow between turned heads would shear is only scaled."""

from __future__ import annotations

import numpy as np

from mgpe_tf import labels
from mgpe_tf.editing.masks.moves import following
from mgpe_tf.editing.masks.regions import box_of, positions

FEATURES = {
    (labels.LEFT_EYE,): (labels.LEFT_EYE, labels.LEFT_BROW),
    (labels.RIGHT_EYE,): (labels.RIGHT_EYE, labels.RIGHT_BROW),
    labels.MOUTH: labels.MOUTH,
}
"""Ids of each feature that is moved by itself, and of all that moves with it."""

FILLING = (0.6, 1.6)
"""By how much its width may change to fill the place of the own one."""

FLATTER = 1.3
"""How much more or less than its width its height may change: eyes stay as open as they are, nearly."""

REACH = 0.7
"""Share of a feature's width from which on the flow of the face counts alone."""


def with_features(flow: np.ndarray, source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """A flow between two faces, in which features that both have are moved and scaled.

    Args:
      flow: float32 [R, R, 2].
      source, target: masks, uint8 [R, R] Helen ids.

    Returns:
      float32 [R, R, 2].
    """
    rows, columns = positions(target)
    for ids, along in FEATURES.items():
        there, here = box_of(source, ids), box_of(target, ids)
        if there is None or here is None:
            continue
        across = np.clip((there.right - there.left) / (here.right - here.left), *FILLING)
        down = np.clip((there.bottom - there.top) / (here.bottom - here.top), across / FLATTER, across * FLATTER)
        (row, column), (top, left), half = here.centre, there.centre, (here.bottom - here.top) / 2
        within = np.clip(rows - row, -half, half)  # a brow keeps its thickness, however open its eye is
        downwards = down * within + across * (rows - row - within)
        moved = np.broadcast_arrays(left + across * (columns - column) - columns, top + downwards - rows)
        share = following(target, along, REACH * (here.right - here.left))
        flow = flow + share * (np.stack(moved, axis=-1).astype(np.float32) - flow)
    return flow
