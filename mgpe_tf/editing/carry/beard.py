"""Another's skin where a beard grows, without what lies beside it there: lips, hair, glasses, a wall."""

from __future__ import annotations

import cv2
import numpy as np

from mgpe_tf import labels
from mgpe_tf.editing.masks.regions import distance_from, fade, nearest
from mgpe_tf.geometry import REFERENCE_SIZE

RIM = 1.5
"""Pixels at 256x256 of the border of another's skin that are not carried: what lies beside it is mixed in."""

OUTLINE = 3.0
"""The same along the outline of the face, which is shaded."""

SMOOTH = 1.5
"""Standard deviation in pixels at 256x256 over which it is smoothed where mirror images are read."""

REACH = (4.0, 5.0)
"""Pixels at 256x256 beyond another's skin up to which its mirror image goes on, and over which it fades out then."""


def of_skin(flow: np.ndarray, brought: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A flow that brings skin alone: where another thing would be carried it brings the mirror image of the skin beside
    it.

    Args:
      flow: float32 [R, R, 2].
      brought: the other's mask carried along it, uint8 [R, R] Helen ids.

    Returns:
      float32 [R, R, 2], and how far what it brings can be shown, float32 [R, R] in [0, 1]; 0 without any skin.
    """
    scale = len(brought) / REFERENCE_SIZE
    outer = distance_from(~np.isin(brought, labels.FACE)) > OUTLINE * scale
    skin = (distance_from(brought != labels.SKIN) > RIM * scale) & outer
    if not skin.any():
        return flow, np.zeros(brought.shape, np.float32)
    rows, columns = np.indices(brought.shape)
    near_rows, near_columns = nearest(skin)
    last_row, last_column = brought.shape[0] - 1, brought.shape[1] - 1
    r, c = np.clip(2 * near_rows - rows, 0, last_row), np.clip(2 * near_columns - columns, 0, last_column)
    r, c = np.where(skin[r, c], r, near_rows), np.where(skin[r, c], c, near_columns)
    moved = (flow[r, c] + np.stack([c - columns, r - rows], axis=-1)).astype(np.float32)
    moved = np.where(skin[..., None], flow, cv2.GaussianBlur(moved, (0, 0), SMOOTH * scale))
    up_to, over = REACH
    shown = fade(distance_from(skin) / scale - up_to, over)
    return moved, cv2.GaussianBlur(shown.astype(np.float32), (0, 0), scale)
