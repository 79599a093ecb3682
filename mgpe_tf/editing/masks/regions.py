"""Building blocks of edits of a mask: measures, nearest sampling, taking parts out and putting them in.

Positions are continuous: row r and column c of a mask cover [r, r + 1) x [c, c + 1), so that a position in a mask is
twice as large in the mask enlarged by two.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from mgpe_tf import geometry, labels

GROUND = (labels.BACKGROUND, labels.SKIN)
"""The classes that may lie beneath a feature. Hair and other features lie in front or beside."""

OUTLINE = 1.5
"""Standard deviation in pixels at 256x256 over which an outline is smoothed."""


class Box(NamedTuple):
    """The edges of some pixels, as continuous positions."""

    top: float
    bottom: float
    left: float
    right: float

    @property
    def centre(self) -> tuple[float, float]:
        """(row, column)."""
        return (self.top + self.bottom) / 2, (self.left + self.right) / 2


class Eyes(NamedTuple):
    """Where the eyes are, the measure of a face: the point between them, and the distance of their centres."""

    row: float
    column: float
    distance: float


def box_of(mask: np.ndarray, ids: Sequence[int]) -> Box | None:
    """The box of the pixels that have one of the `ids`; None if there are none."""
    found = geometry.bounding_box(mask, tuple(ids))
    return found and Box(found[0], found[1] + 1, found[2], found[3] + 1)


def eyes_of(mask: np.ndarray) -> Eyes:
    """The eyes of a mask; those of an aligned portrait of its size unless both are visible."""
    left_box, right_box = (box_of(mask, (eye,)) for eye in (labels.LEFT_EYE, labels.RIGHT_EYE))
    if left_box and right_box:
        left, right = np.array(left_box.centre), np.array(right_box.centre)
    else:
        scale = np.array(mask.shape) / geometry.REFERENCE_SIZE
        left, right = (scale * geometry.component(name).fallback for name in ("left_eye", "right_eye"))
    distance = max(float(np.hypot(*(right - left))), mask.shape[1] / 32)  # of broken masks: never 0
    row, column = ((left + right) / 2).tolist()
    return Eyes(row, column, distance)


def face_size(mask: np.ndarray) -> float:
    """A length in pixels, over eye distance and height of the eyes above the mouth: turning changes it little."""
    eyes, mouth = eyes_of(mask), box_of(mask, labels.MOUTH)
    return float(np.hypot(eyes.distance, mouth.centre[0] - eyes.row if mouth else eyes.distance))


def edges_of(part: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Upper and lower edge of a part, bool [H, W], in each column: float [W] each, NaN where there is none of it."""
    top, bottom, known = part.argmax(axis=0), len(part) - part[::-1].argmax(axis=0), part.any(axis=0)
    return np.where(known, top, np.nan), np.where(known, bottom, np.nan)


def positions(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows, float [H, 1], and columns, float [1, W], of the pixel centres."""
    return np.arange(mask.shape[0])[:, None] + 0.5, np.arange(mask.shape[1])[None] + 0.5


def fade(distance: np.ndarray, length: float | np.ndarray) -> np.ndarray:
    """1 up to the distance 0, then smoothly down to 0 at `length`."""
    t = np.clip(distance / length, 0, 1)
    return 1 - t * t * (3 - 2 * t)


def sample(mask: np.ndarray, rows: np.ndarray, columns: np.ndarray, outside: int | None = None) -> np.ndarray:
    """The pixels at some positions, without blending.

    Args:
      mask: [H, W] of any type.
      rows, columns: float positions, of shapes that broadcast.
      outside: the value beyond the frame; None repeats the pixels of the border.

    Returns:
      An array of the broadcast shape in the mask's type.
    """
    height, width = mask.shape
    r, c = np.broadcast_arrays(np.floor(rows).astype(int), np.floor(columns).astype(int))
    picked: np.ndarray = mask[np.clip(r, 0, height - 1), np.clip(c, 0, width - 1)]
    if outside is not None:
        picked[(r < 0) | (r >= height) | (c < 0) | (c >= width)] = outside
    return picked


def sample_smooth(part: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """As ``sample``, of a bool [H, W] whose outline is enlarged without steps; False beyond the frame."""
    top, left = np.floor(rows - 0.5) + 0.5, np.floor(columns - 0.5) + 0.5
    down, right = rows - top, columns - left
    upper, lower = (
        (1 - right) * sample(part, row, left, False) + right * sample(part, row, left + 1, False)
        for row in (top, top + 1)
    )
    inside: np.ndarray = (1 - down) * upper + down * lower >= 0.5
    return inside


def smooth(part: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """How far each pixel of a frame of (height, width) belongs to a part, bool [H, W]: float32 in [0, 1], along an
    outline without steps."""
    blurred = cv2.GaussianBlur(part.astype(np.float32), (0, 0), OUTLINE * len(part) / geometry.REFERENCE_SIZE)
    enlarged = cv2.resize(blurred, size[::-1], interpolation=cv2.INTER_CUBIC)
    shares: np.ndarray = np.clip(2.5 * (enlarged - 0.5) + 0.5, 0, 1)
    return shares


def distance_from(where: np.ndarray) -> np.ndarray:
    """Each pixel's distance in pixels from those of a bool [H, W]: float [H, W], infinite if there are none."""
    if not where.any():
        return np.full(where.shape, np.inf)
    return cv2.distanceTransform((~where).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)


def nearest(where: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row and column, int [H, W], of the pixel nearest to each pixel among those of a bool [H, W] that is not empty."""
    away = (~where).astype(np.uint8)
    _, number = cv2.distanceTransformWithLabels(away, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    rows, columns = np.nonzero(where)
    index = np.zeros(number.max() + 1, int)
    index[number[where]] = np.arange(rows.size)
    return rows[index[number]], columns[index[number]]


def refill(mask: np.ndarray, hole: np.ndarray, ids: Sequence[int] = GROUND) -> np.ndarray:
    """The mask whose pixels in `hole`, bool [H, W], take the nearest of the `ids` around it; skin if there are none."""
    around = np.isin(mask, ids) & ~hole
    filling = mask[nearest(around)] if around.any() else np.uint8(labels.SKIN)
    return np.where(hole, filling, mask)


def hull(mask: np.ndarray) -> np.ndarray:
    """The convex hull of the face, bool [H, W]: with what hair strands hide of it. Empty without a face."""
    filled = np.zeros(mask.shape, np.uint8)
    points = np.argwhere(np.isin(mask, labels.FACE))[:, ::-1].astype(np.int32)
    if points.size:
        cv2.fillConvexPoly(filled, cv2.convexHull(points), 1)
    return filled.astype(bool)


def put(mask: np.ndarray, ids: Sequence[int], part: np.ndarray, over: Sequence[int] = (labels.SKIN,)) -> np.ndarray:
    """Puts a part in the place of the own one.

    Args:
      mask: uint8 [H, W].
      ids: the ids of the part.
      part: uint8 [H, W]; its pixels of other ids are of no account.
      over: what the new part may cover besides the place of the old one.

    Returns:
      uint8 [H, W]; where only the old part was lies the nearest ``GROUND``.
    """
    own = np.isin(mask, ids)
    ground = refill(mask, own)
    return np.where(np.isin(part, ids) & (own | np.isin(ground, over)), part, ground).astype(np.uint8)
