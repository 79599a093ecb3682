"""What an edit bares: a smaller mask shows what lay behind face and hair. Nobody knows it, so it is filled in from
around; left as it is, hair that the mask takes away would stay in the picture as background."""

from __future__ import annotations

import cv2
import numpy as np

from mgpe_tf import labels
from mgpe_tf.editing.pixels.fill import averaged, filled
from mgpe_tf.editing.pixels.patches import patched
from mgpe_tf.geometry import REFERENCE_SIZE

LIGHT = 10.0
"""Standard deviation in pixels at 256x256 over which the light on what is around a hole is averaged."""

MOST = 20.0
"""Levels by which patches are made lighter or darker at the most: what differs by more is no light."""

FRINGE = 1 / 40
"""Reach, as a share of the portrait's side, of strands and shadows beyond the mask that goes with them."""


def bared(own: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """bool [R, R]: background of `mask` where the portrait's `own` mask has a face or hair, with the fringe of that.

    Args:
      own, mask: integer [R, R] Helen ids.
    """
    background = mask == labels.BACKGROUND
    where: np.ndarray = with_fringe(background & (own != labels.BACKGROUND)) & background
    return where


def without_face(portrait: np.ndarray, own: np.ndarray) -> np.ndarray:
    """A portrait without its face and hair, uint8 RGB [R, R, 3]: filled in by the method of Telea (2004).

    Args:
      portrait: uint8 RGB [R, R, 3].
      own: its mask, integer [R, R] Helen ids.
    """
    hidden = with_fringe(own != labels.BACKGROUND)
    return cv2.inpaint(portrait, hidden.astype(np.uint8), 3, cv2.INPAINT_TELEA)


def without_hair(portrait: np.ndarray, own: np.ndarray) -> np.ndarray:
    """A portrait whose hair is filled with patches of what lies around the head (``patches.patched``).

    Args:
      portrait: uint8 RGB [R, R, 3].
      own: its mask, integer [R, R] Helen ids.
    """
    hair = with_fringe(own == labels.HAIR)
    face = np.isin(own, labels.FACE)
    return evenly_patched(portrait, hair & ~face, ~hair & ~with_fringe(face))


def evenly_patched(image: np.ndarray, hole: np.ndarray, source: np.ndarray) -> np.ndarray:
    """``patched``, as bright as what is around the hole: patches come from elsewhere, where the light is another."""
    result = patched(image, hole, source)
    if not source.any() or not hole.any():
        return result
    width = LIGHT * len(image) / REFERENCE_SIZE
    wanted = filled(averaged(image.astype(np.float32), source, width), source)
    change = np.clip(wanted - averaged(result.astype(np.float32), hole, width), -MOST, MOST)
    return _changed(result, hole, change)


def patched_like(image: np.ndarray, hole: np.ndarray, source: np.ndarray, guess: np.ndarray) -> np.ndarray:
    """``patched``, in the colours of a guess, uint8 RGB [R, R, 3], which is smooth: patches give the texture alone."""
    result, width = patched(image, hole, source), LIGHT * len(image) / REFERENCE_SIZE
    change = averaged(guess.astype(np.float32) - result, hole, width)
    return _changed(result, hole, change)


def _changed(image: np.ndarray, where: np.ndarray, change: np.ndarray) -> np.ndarray:
    """An image that is lighter or darker by a change, float32 [R, R, 3], where bool [R, R] says."""
    changed = np.clip(np.round(image + change), 0, 255).astype(np.uint8)
    return np.where(where[..., None], changed, image)


def with_fringe(region: np.ndarray) -> np.ndarray:
    """A region, bool [R, R], and what strands reach of its surroundings."""
    reach = round(FRINGE * len(region))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return cv2.dilate(region.astype(np.uint8), kernel).astype(bool)
