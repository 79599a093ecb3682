"""Where beards grow: the skin below a line from under the nose, outwards and up to the ears."""

from __future__ import annotations

import numpy as np

from mgpe_tf import labels
from mgpe_tf.editing.masks.regions import box_of, distance_from, eyes_of, fade, positions
from mgpe_tf.geometry import REFERENCE_SIZE

LINE = 10.0
"""Pixels at 256x256 above the line over which the region fades out."""

NEXT = 1.5
"""Pixels within which is a pixel's neighbour."""

RIM = 1.5
"""Pixels at 256x256 of skin beside lips, nose, hair and background over which it does."""

CURVE = 2.0
"""Power by which the line rises from the nose, first slowly, to the height of the eyes at the face's outline."""

NOSE = 0.62
"""Eye distances from the eyes down to the end of a nose that is not seen."""

LEAST = 0.01
"""Least share of a portrait's pixels of skin below the nose that shows a beard or a shaven chin: masks hide it.
Of 300 validation portraits of CelebAMask-HQ, as the parser reads them, none has less than 0.017."""


def beard(mask: np.ndarray) -> np.ndarray:
    """How far each pixel is skin where a beard grows, moustache, chin, jaws and whiskers: float32 [R, R] in [0, 1].

    Args:
      mask: uint8 [R, R] Helen ids. It is 0 wherever that is not skin and on the next pixel, so that what is not skin
        stays in a photograph of any size.
    """
    inside = (distance_from(mask != labels.SKIN) - NEXT) * REFERENCE_SIZE / len(mask)
    return lower_face(mask) * (1 - fade(inside, RIM)).astype(np.float32)


def lower_face(mask: np.ndarray) -> np.ndarray:
    """How far each pixel lies below the line above which no beard grows, of a face or not: float32 [R, R] in [0, 1]."""
    rows, _ = positions(mask)
    below: np.ndarray = fade((_line(mask)[None] - rows) * REFERENCE_SIZE / len(mask), LINE)
    return below.astype(np.float32)


def shows_beard(mask: np.ndarray) -> bool:
    """Whether a mask, [R, R] Helen ids, shows skin about the mouth and the chin, where a beard would grow."""
    return bool(beard(mask)[int(_end_of_nose(mask)) :].sum() >= LEAST * mask.size)


def opposite(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row and column, float [R, R] each, of the place on the other side of a face, as near to its outline."""
    eyes, mouth = eyes_of(mask), box_of(mask, labels.MOUTH)
    rows, columns = np.broadcast_arrays(*positions(mask))
    slope = (mouth.centre[1] - eyes.column) / max(mouth.centre[0] - eyes.row, 1) if mouth else 0.0
    axis = eyes.column + slope * (rows - eyes.row)
    face = np.isin(mask, labels.FACE)
    left = axis - np.where(face, columns, np.inf).min(axis=1, keepdims=True)
    right = np.where(face, columns, -np.inf).max(axis=1, keepdims=True) - axis
    known = face.any(axis=1, keepdims=True) & (left > 1) & (right > 1)
    wider = np.divide(right, left, out=np.ones_like(axis), where=known)
    away = axis - columns
    return rows - 0.5, axis + away * np.where(away > 0, wider, 1 / wider) - 0.5


def _line(mask: np.ndarray) -> np.ndarray:
    """The row of the line in each column, float [R]."""
    eyes, nose = eyes_of(mask), box_of(mask, (labels.NOSE,))
    bottom = _end_of_nose(mask)
    left, right = (nose.left, nose.right) if nose else (eyes.column, eyes.column)
    face = box_of(mask[int(max(eyes.row, 0)) : int(bottom) + 1], labels.FACE)
    outer_left, outer_right = (face.left, face.right) if face else (0.0, float(mask.shape[1]))
    columns = positions(mask)[1][0]
    to_left, to_right = (left - columns) / max(left - outer_left, 1), (columns - right) / max(outer_right - right, 1)
    beside = np.clip(np.maximum(to_left, to_right), 0, 1)
    line: np.ndarray = bottom - (bottom - eyes.row) * beside**CURVE
    return line


def _end_of_nose(mask: np.ndarray) -> float:
    """The row at which it ends."""
    eyes, nose = eyes_of(mask), box_of(mask, (labels.NOSE,))
    return nose.bottom if nose else eyes.row + NOSE * eyes.distance
