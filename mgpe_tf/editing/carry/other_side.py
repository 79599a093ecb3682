"""Eyes and brows that hair hides, taken from the other side of the same face."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from mgpe_tf import labels
from mgpe_tf.editing.carry.face import ALONG, FEW, MARGIN, SOFT
from mgpe_tf.editing.carry.sampling import moved_mask
from mgpe_tf.editing.masks.presence import TURNED, turn
from mgpe_tf.editing.masks.regions import Box, box_of, distance_from
from mgpe_tf.geometry import REFERENCE_SIZE

SIDES = ((labels.LEFT_EYE, labels.LEFT_BROW), (labels.RIGHT_EYE, labels.RIGHT_BROW))
"""Eye and brow of each side."""

BESIDE = 3.0
"""Pixels at 256x256 from an eye's inner corner within which no hair lies if that corner is seen."""


class OtherSide(NamedTuple):
    """What is carried of a face's mirror image.

    Attributes:
      flow: float32 [R, R, 2].
      share: how far it is shown, float32 [R, R] in [0, 1].
    """

    flow: np.ndarray
    share: np.ndarray


def other_side(mask: np.ndarray, brought: np.ndarray, bald: np.ndarray, mirrored: np.ndarray) -> OtherSide | None:
    """The eyes and brows of a face's mirror image where hair hid its own.

    Args:
      mask: that is wanted, uint8 [R, R] Helen ids.
      brought: the face's own, carried to it.
      bald: the face's own without its hair.
      mirrored: the mask of the mirror image.

    Returns:
      None if hair hid nothing of them, or of a face that is turned, whose sides are not alike.
    """
    scale, bared = len(mask) / REFERENCE_SIZE, (brought == labels.HAIR) & np.isin(mask, labels.FACE)
    turned = turn(bald) if bared.any() else None
    if turned is None or abs(turned) >= TURNED:
        return None
    flow, share = np.zeros((*mask.shape, 2), np.float32), np.zeros(mask.shape, np.float32)
    for pair in SIDES:
        shift = _shift(brought, mirrored, pair[0], BESIDE * scale)
        if shift is None:
            continue
        there = moved_mask(mirrored, np.broadcast_to(shift, flow.shape))
        hidden = np.isin(there, pair) & bared
        if hidden.sum() <= FEW * scale**2:
            continue
        clear = distance_from(~np.isin(there, labels.FACE)) > MARGIN * scale
        around = (distance_from(hidden) <= ALONG * scale) & (clear | np.isin(there, labels.FEATURES))
        shown = cv2.GaussianBlur(around.astype(np.float32), (0, 0), SOFT * scale)
        flow, share = np.where((shown > share)[..., None], shift, flow), np.maximum(share, shown)
    return OtherSide(flow, share) if share.any() else None


def _shift(own: np.ndarray, mirrored: np.ndarray, eye: int, beside: float) -> np.ndarray | None:
    """By how much, (right, down), an eye of the mirror image lies beside its place in a face: by the inner corners of
    both if the own one is seen, else by the noses; None if neither tells it."""
    there, here = box_of(mirrored, (eye,)), box_of(own, (eye,))
    if there is None:
        return None
    if here is not None:
        corner = _inner_corner(here, eye)
        rows, columns = np.indices(own.shape)
        near = np.hypot(rows - corner[1], columns - corner[0]) <= beside
        if not (own[near] == labels.HAIR).any():
            return np.subtract(_inner_corner(there, eye), corner).astype(np.float32)
    noses = [box_of(each, (labels.NOSE,)) for each in (mirrored, own)]
    if noses[0] is None or noses[1] is None:
        return None
    return np.subtract(noses[0].centre[::-1], noses[1].centre[::-1]).astype(np.float32)


def _inner_corner(box: Box, eye: int) -> tuple[float, float]:
    """The corner of an eye that is nearer to the nose, (right, down)."""
    return (box.right if eye == labels.LEFT_EYE else box.left), box.centre[0]
