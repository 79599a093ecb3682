"""A generated portrait back into the photograph: which pixels change, and how they fade into the others.

Outside the region every byte of the photograph stays as it is.
"""

from __future__ import annotations

from collections.abc import Collection

import cv2
import numpy as np

from mgpe_tf.data.alignment import Alignment
from mgpe_tf.editing.masks.regions import distance_from
from mgpe_tf.errors import UserError
from mgpe_tf.geometry import REFERENCE_SIZE

BLENDS = ("feather", "poisson")
"""Ways to fade a region into its surroundings: a soft border, or its gradients with the surroundings' colours."""

GROWTH = 3.0
"""Pixels at 256x256 by which a region covers more than its labels: labels stop short of soft borders."""

FEATHER = 8.0
"""Pixels at 256x256 over which a grown region fades out."""


def changed_region(before: np.ndarray, after: np.ndarray, classes: Collection[int] = ()) -> np.ndarray:
    """Pixels that an edit is about: where two masks differ, and where either has one of some classes.

    Args:
      before, after: uint8 [R, R] Helen ids.
      classes: ids whose appearance changed.

    Returns:
      bool [R, R].
    """
    ids = list(classes)
    changed: np.ndarray = (before != after) | np.isin(before, ids) | np.isin(after, ids)
    return changed


def soft_region(region: np.ndarray) -> np.ndarray:
    """Weights float32 [R, R]: 1 in the grown region, falling smoothly to 0 around it; all 0 for an empty one."""
    if not region.any():
        return np.zeros(region.shape, np.float32)
    scale = len(region) / REFERENCE_SIZE
    return 1 - _smooth_step((distance_from(region) - GROWTH * scale) / (FEATHER * scale))


def paste(
    photo: np.ndarray, portrait: np.ndarray, weights: np.ndarray, alignment: Alignment, blend: str = "feather"
) -> np.ndarray:
    """The photograph with a portrait laid over it.

    Args:
      photo: uint8 RGB [H, W, 3].
      portrait: uint8 RGB [R, R, 3], the new content of the aligned crop.
      weights: float32 [R, R] in [0, 1]; where they are 0 the photograph stays as it is.
      alignment: of the crop in the photograph.
      blend: one of ``BLENDS``.

    Returns:
      uint8 RGB [H, W, 3].
    """
    if blend not in BLENDS:
        raise UserError(f"blend: {blend!r} is unknown; allowed: {', '.join(BLENDS)}")
    return laid_over(photo, alignment.back(portrait), weights, alignment, blend)


def laid_over(
    photo: np.ndarray, above: np.ndarray, weights: np.ndarray, alignment: Alignment, blend: str = "feather"
) -> np.ndarray:
    """``paste`` of new content that is in the photograph's frame already: uint8 [h, w, 3], as large as
    ``alignment.region``."""
    result: np.ndarray = photo.copy()
    weights = weights * away_from_cut_edges(alignment)
    below, weight = photo[alignment.region], alignment.back_mask(weights)
    if not weight.any():
        return result
    if blend == "poisson":
        above = _poisson(below, above, weight)
    weight = weight[..., None]
    mixed = np.round(below + weight * (above.astype(np.float32) - below))
    result[alignment.region] = np.where(weight > 0, np.clip(mixed, 0, 255).astype(np.uint8), below)
    return result


def away_from_cut_edges(alignment: Alignment) -> np.ndarray:
    """float32 [R, R]: falls to 0 towards those edges of the crop beyond which the photograph goes on."""
    size = alignment.resolution
    distance = np.full((size, size), np.inf, np.float32)
    along = np.arange(size)
    for side, position in ((0, -1.0), (size - 1, float(size))):
        for axis in (0, 1):  # rows, columns
            edge = np.stack(
                [along, np.full(size, position), np.ones(size)]
                if axis == 0
                else [np.full(size, position), along, np.ones(size)]
            )
            x, y = alignment.inverse @ edge
            height, width = alignment.photo_size
            if ((x > 0) & (x < width - 1) & (y > 0) & (y < height - 1)).any():
                away = np.abs(along - side).astype(np.float32)
                distance = np.minimum(distance, away[:, None] if axis == 0 else away[None, :])
    return _smooth_step(distance / (FEATHER * size / REFERENCE_SIZE))


def _smooth_step(t: np.ndarray) -> np.ndarray:
    """0 below 0, 1 above 1, 3 t^2 - 2 t^3 between: no corner at either end."""
    t = np.clip(t, 0, 1)
    step: np.ndarray = (t * t * (3 - 2 * t)).astype(np.float32)
    return step


def _poisson(below: np.ndarray, above: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """`above` with the colours that let its gradients meet `below` where the weights end (Perez et al. 2003)."""
    edge = 2  # seamlessClone centres the mask's bounding box, and wants it inside the picture
    pad = ((edge, edge), (edge, edge), (0, 0))
    below, above = (np.pad(image, pad, mode="edge") for image in (below, above))
    mask = np.pad((weight > 0).astype(np.uint8) * 255, edge)
    left, top, width, height = cv2.boundingRect(mask)
    cloned = cv2.seamlessClone(above, below, mask, (left + width // 2, top + height // 2), cv2.NORMAL_CLONE)
    return cloned[edge:-edge, edge:-edge]
