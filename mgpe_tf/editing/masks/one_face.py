"""The masks of one face, where a portrait shows somebody else's beside it."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from mgpe_tf import labels
from mgpe_tf.editing.masks.regions import eyes_of

TELLING = ((labels.LEFT_EYE,), (labels.RIGHT_EYE,), (labels.NOSE,), labels.MOUTH)
"""Features of which a face has one each."""

ELSEWHERE = 0.75
"""Eye distances between two of the same feature from which on they belong to two faces."""

LEAST = 2e-3
"""Share of a portrait's pixels below which a piece of a face is not looked at."""

TOUCH = 5
"""Width in pixels of the square by which pieces are widened to see which touch."""


def others_faces(mask: np.ndarray) -> np.ndarray:
    """Where a portrait shows faces beside the one that it is of, and their hair: bool [R, R].

    Such a face has features that the face in the middle has, too, elsewhere. One that touches it counts as part of it.

    Args:
      mask: uint8 [R, R] Helen ids.
    """
    pieces = list(_pieces(np.isin(mask, labels.FACE)))
    own = max(pieces, key=_central, default=np.zeros(mask.shape, bool))
    least, apart = LEAST * mask.size, ELSEWHERE * eyes_of(np.where(own, mask, labels.BACKGROUND)).distance
    others = [piece for piece in pieces if piece.sum() >= least and _is_anothers(mask, own, piece, apart)]
    found = np.any(others, axis=0) if others else np.zeros(mask.shape, bool)
    near, near_own = (cv2.dilate(each.astype(np.uint8), np.ones((TOUCH, TOUCH))) > 0 for each in (found, own))
    for piece in _pieces(mask == labels.HAIR) if others else ():
        if (piece & near).any() and not (piece & near_own).any():
            found = found | piece
    return found


def _pieces(where: np.ndarray) -> Iterator[np.ndarray]:
    count, pieces = cv2.connectedComponents(where.astype(np.uint8))
    return (pieces == i for i in range(1, count))


def _central(piece: np.ndarray) -> int:
    """How much of a piece, bool [R, R], lies in the middle half of the columns."""
    quarter = piece.shape[1] // 4
    return int(piece[:, quarter:-quarter].sum())


def _is_anothers(mask: np.ndarray, own: np.ndarray, piece: np.ndarray, apart: float) -> bool:
    """Whether a piece has a feature that the own face, bool [R, R] each, has, too, more than `apart` pixels away."""
    for ids in TELLING:
        of_class = np.isin(mask, ids)
        here, there = (np.argwhere(of_class & each) for each in (own, piece))
        if len(here) and len(there) and np.hypot(*(here.mean(axis=0) - there.mean(axis=0))) > apart:
            return True
    return False
