"""Strands of hair: an embedding of some hundred numbers holds the colour of hair, not its strands. They are taken from
a photograph, as what they add to the brightness of the hair around them.

Brightness is told by its square root, in which strands stand out alike from dark and from light hair.
"""

from __future__ import annotations

import cv2
import numpy as np

from mgpe_tf import labels
from mgpe_tf.editing.layers import nearest
from mgpe_tf.editing.replace import moved_by_eyes, origins_by_eyes
from mgpe_tf.geometry import REFERENCE_SIZE

WIDTH = 6.0
"""Standard deviation, in pixels at 256x256, of the surroundings from which strands stand out."""

FINEST = 4
"""The most pixels along the side of one that the networks draw: photographs show strands that portraits do not."""

SOFT = 1.5
"""The same, of the fading out of strands at the border of the hair."""

BORDER = 1.0
"""Pixels at 256x256 along the border of hair that count as no strand."""


def strands_of(photograph: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The strands of a portrait, continued beyond its hair as in a mirror along its border.

    Args:
      photograph: an aligned portrait, uint8 RGB [R, R, 3].
      mask: its mask, integer [R, R] Helen ids.

    Returns:
      float32 [R, R]: square roots of brightness, less those around; 0 where nothing is known.
    """
    border = 2 * round(_pixels(BORDER, mask)) + 1
    hair = cv2.erode((mask == labels.HAIR).astype(np.uint8), np.ones((border, border), np.uint8))
    if not hair.any():
        return np.zeros(mask.shape, np.float32)
    root = _root(photograph)
    strands = np.where(hair, root - _around(root, hair), 0)
    rows, columns = np.indices(mask.shape)
    near_rows, near_columns = nearest(hair.astype(bool))
    mirrored = np.clip([2 * near_rows - rows, 2 * near_columns - columns], 0, len(mask) - 1)
    return strands[mirrored[0], mirrored[1]].astype(np.float32)


def fitting(mask: np.ndarray, candidates: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """The strands of the portrait whose hair covers that of a mask best.

    Args:
      mask: integer [R, R] Helen ids.
      candidates: own mask and ``strands_of`` of portraits: of the one that is edited, whose strands lie where they are,
        then of others, whose eyes are put on those of the mask.

    Returns:
      float32 [R, R].
    """
    (own, strands), *others = candidates
    found = [(_overlap(mask, own), strands)]
    for other, strands in others:
        rows, columns = np.broadcast_arrays(*(p.astype(np.float32) - 0.5 for p in origins_by_eyes(mask, other)))
        moved = cv2.remap(strands, np.ascontiguousarray(columns), np.ascontiguousarray(rows), cv2.INTER_LINEAR)
        found.append((_overlap(mask, moved_by_eyes(mask, other)), moved))
    return max(found, key=lambda overlap_and_strands: overlap_and_strands[0])[1]


def times_finer(photo_pixels: float) -> int:
    """How many pixels of strands there are along the side of one that the networks draw, 1 to ``FINEST``.

    Args:
      photo_pixels: those of the photograph along that side.
    """
    return round(min(max(photo_pixels, 1), FINEST))


def enlarged(mask: np.ndarray, times: int) -> np.ndarray:
    """A mask [R, R] with `times` as many pixels along its side."""
    return mask.repeat(times, axis=0).repeat(times, axis=1)


def with_strands(drawn: np.ndarray, mask: np.ndarray, strands: np.ndarray) -> np.ndarray:
    """A drawn portrait, uint8 RGB [R, R, 3] on a mask [R, R], with strands, float [R, R], in its hair.

    Of all three the side may be a multiple of what the networks draw.
    """
    hair = (mask == labels.HAIR).astype(np.float32)
    inside = hair * cv2.GaussianBlur(hair, (0, 0), _pixels(SOFT, mask))
    root = np.maximum(_root(drawn), 1)
    factor = np.square(np.maximum(root + inside * strands, 0) / root)
    return np.clip(np.round(drawn * factor[..., None]), 0, 255).astype(np.uint8)


def _root(image: np.ndarray) -> np.ndarray:
    """Square roots of the brightness of uint8 RGB [R, R, 3], float32 [R, R] from 0 to 16."""
    return np.sqrt(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32))


def _around(root: np.ndarray, hair: np.ndarray) -> np.ndarray:
    """The mean of what lies around each pixel, of hair alone, float32 [R, R]."""
    weights = hair.astype(np.float32)
    total, weight = (cv2.GaussianBlur(part, (0, 0), _pixels(WIDTH, root)) for part in (root * weights, weights))
    return total / np.maximum(weight, 1e-6)


def _pixels(length: float, like: np.ndarray) -> float:
    return length * len(like) / REFERENCE_SIZE


def _overlap(mask: np.ndarray, other: np.ndarray) -> float:
    """Intersection over union of the hair of two masks; 0 without any."""
    one, two = mask == labels.HAIR, other == labels.HAIR
    return float((one & two).sum() / max((one | two).sum(), 1))
