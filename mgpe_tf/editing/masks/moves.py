"""Where the pixels of a scripted edit come from: formulas of which masks are made, and along which photographs are
carried.

An origin is a pair (rows, columns) of float positions (``regions``), of shapes that broadcast to [H, W]: the new pixel
there is the old one at that place. A flow is float32 [H, W, 2] as in ``carry.flows``. Masks take features out and put
them back elsewhere; in a photograph all that lies around a feature follows it, and less with the distance.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mgpe_tf import labels
from mgpe_tf.editing.masks.regions import Box, distance_from, fade, positions

Origins = tuple[np.ndarray, np.ndarray]


class Moved(NamedTuple):
    """How an edit moves pixels.

    Attributes:
      flow: that of all of them, float32 [H, W, 2].
      hair: that of the hair, if it moves in front of what stays.
    """

    flow: np.ndarray
    hair: np.ndarray | None = None


def scaled(mask: np.ndarray, box: Box, down: float, across: float) -> Origins:
    """The moves of a part that is scaled by two factors about the centre of its box."""
    rows, columns = positions(mask)
    row, column = box.centre
    return row + (rows - row) / down, column + (columns - column) / across


def widened(mask: np.ndarray, face: Box, scale: float) -> Origins:
    """The moves of a face that is `scale` as wide; what lies beside it follows, up to half the face's width away."""
    rows, columns = positions(mask)
    axis, half = face.centre[1], (face.right - face.left) / 2
    offset = columns - axis
    beside = np.maximum(np.abs(offset) - scale * half, 0)
    moved = (scale - 1) * half * fade(beside, half)
    return rows, axis + np.where(beside > 0, offset - np.sign(offset) * moved, offset / scale)


def bent(mask: np.ndarray, mouth: Box, amount: float, beyond: bool = True) -> Origins:
    """The moves of a mouth whose corners go up by up to 13 % of its width, and apart by up to 10 %.

    Args:
      mask: uint8 [H, W].
      mouth: its box.
      amount: -1 to 1.
      beyond: go on with the formula beyond the corners, where it has no bounds; else as at the corners.
    """
    rows, columns = positions(mask)
    centre, width = mouth.centre[1], mouth.right - mouth.left
    wider = 1 + 0.1 * amount
    offset = (columns - centre) / wider
    if not beyond:
        offset = np.clip(offset, -width / 2, width / 2)
    lift = 0.13 * amount * width * ((2 * offset / width) ** 2 - 1 / 3)
    return rows + lift, columns - (wider - 1) * offset if not beyond else centre + offset


def flow(mask: np.ndarray, origins: Origins) -> np.ndarray:
    """The flow from all pixels of a mask to their origins."""
    rows, columns = positions(mask)
    return np.stack(np.broadcast_arrays(origins[1] - columns, origins[0] - rows), axis=-1).astype(np.float32)


def still(mask: np.ndarray) -> np.ndarray:
    """The flow that moves nothing."""
    return np.zeros((*mask.shape, 2), np.float32)


def following(after: np.ndarray, ids: Sequence[int], reach: float) -> np.ndarray:
    """How far what lies around a part follows it: float32 [H, W, 1], 1 on the part, 0 on other features and from
    `reach` pixels on.

    Args:
      after: uint8 [H, W], the mask with the part where it has come to.
      ids: of the part.
      reach: in pixels.
    """
    away = distance_from(np.isin(after, ids))
    from_others = distance_from(np.isin(after, [each for each in labels.FEATURES if each not in ids]))
    share = fade(away, np.maximum(np.minimum(reach, away + from_others), 1e-3))
    return np.where(np.isfinite(away), share, 0)[..., None].astype(np.float32)


def limited(flow: np.ndarray, box: Box, times: float) -> np.ndarray:
    """A flow of a part, beyond `times` its box as at the border of that."""
    rows, columns = positions(flow[..., 0])
    (row, column), down, across = box.centre, times * (box.bottom - box.top) / 2, times * (box.right - box.left) / 2
    inside = np.clip(rows, row - down, row + down), np.clip(columns, column - across, column + across)
    r, c = (np.clip(np.round(each - 0.5).astype(int), 0, n - 1) for each, n in zip(inside, flow.shape))
    values: np.ndarray = flow[r, c]
    return values
