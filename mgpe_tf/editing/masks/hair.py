"""Edits of the hair: it grows into the background alone, and where it goes the head or the background appears."""

from __future__ import annotations

import cv2
import numpy as np

from mgpe_tf import labels
from mgpe_tf.editing.masks.moves import Moved, Origins, flow, still
from mgpe_tf.editing.masks.regions import (
    Box,
    Eyes,
    box_of,
    distance_from,
    eyes_of,
    fade,
    hull,
    nearest,
    positions,
    sample,
)
from mgpe_tf.geometry import REFERENCE_SIZE

FOLLOWS = 0.8
"""Eye distances from the hair up to which what lies behind moves along with it."""

LONGER = 1.0
"""By how much of its length hair is drawn out at the most: strands that hang less stay."""

CUT = 0.8
"""How much of what hangs below the ears is cut off at the most."""

LOBES = 0.65
"""Eye distances below the eyes at which ears end."""

LEAST = 2e-3
"""Share of a portrait's pixels: less hair below the ears is none that hangs."""

RIM = 2.0
"""Pixels at 256x256 of the border of hair, where it is mixed with what is behind it."""

EVEN = 2.0
"""Standard deviation in pixels at 256x256 over which the steps of a face's outline are evened out."""


def hair_volume(mask: np.ndarray, amount: float) -> np.ndarray:
    """Moves the outline of the hair up and aside, up to 1.3 times as far from the face, or towards it (1 / 1.3).

    Its lower ends stay where they are. So does hair that the frame cuts off, since it goes on beyond it.
    """
    face = hull(mask)
    if not face.any():
        return mask
    hair = mask == labels.HAIR
    moved = sample(hair, *_moved_outline(mask, face, amount))
    if amount > 0:
        return _with_hair(mask, hair | moved)
    return _with_hair(mask, hair & (face | _rounded(moved, -0.1 * amount * eyes_of(mask).distance)))


def volume_moved(before: np.ndarray, after: np.ndarray, amount: float) -> Moved:
    """The moves of ``hair_volume``: the hair and all behind it, less and less with the distance from it."""
    face = hull(before)
    if not face.any():
        return Moved(still(before))
    total = flow(before, _moved_outline(before, face, amount))
    away = distance_from((after == labels.HAIR) | face)
    total *= fade(away, FOLLOWS * eyes_of(before).distance)[..., None]
    total = cv2.GaussianBlur(total, (0, 0), EVEN * len(before) / REFERENCE_SIZE)
    return Moved(_within_frame(total))


def hair_length(mask: np.ndarray, amount: float) -> np.ndarray:
    """Lengthens the hair by up to an eye distance, or cuts off most of what hangs below the ears: hair before and above
    them stays, since what it hides is not known."""
    box, eyes = box_of(mask, (labels.HAIR,)), eyes_of(mask)
    if box is None:
        return mask
    hair = mask == labels.HAIR
    if amount > 0:
        hung = hair | _hung(hair, _forehead(box, eyes), eyes.column, amount * eyes.distance)
        return _with_hair(mask, hair | _rounded(hung, 0.1 * amount * eyes.distance))
    return _with_hair(mask, hair & ~_cut(mask, box, lobes(eyes), -CUT * amount))


def _moved_outline(mask: np.ndarray, face: np.ndarray, amount: float) -> Origins:
    """Where hair comes from that moves away from a face, bool [H, W]."""
    rows, columns = positions(mask)
    near_row, near_column = (index + 0.5 for index in nearest(face))
    change = (1.3**-amount - 1) * (1 - fade(_from_cut_ends(mask == labels.HAIR), 2 * eyes_of(mask).distance))
    return rows + change * np.minimum(rows - near_row, 0), columns + change * (columns - near_column)


def length_moved(before: np.ndarray, after: np.ndarray, amount: float) -> Moved:
    """The moves of ``hair_length``: the ends of hair stay its ends, and what hangs above them is drawn out or in."""
    box, eyes = box_of(before, (labels.HAIR,)), eyes_of(before)
    if box is None:
        return Moved(still(before))
    rows, columns = positions(before)
    if amount > 0:
        hair, start = before == labels.HAIR, _forehead(box, eyes)
        origins = np.where(rows > start, _drawn_out(hair, start, amount * eyes.distance), rows)
        shown = (after == labels.HAIR) & sample(hair, origins, columns, False)
        rim = np.ones((2 * round(RIM * len(before) / REFERENCE_SIZE) + 1,) * 2, np.uint8)
        inner = cv2.erode(shown.astype(np.uint8), rim) > 0
        around = cv2.dilate((after == labels.HAIR).astype(np.uint8), rim) > 0  # its border is soft
        lacking = around & ~inner & (rows > start)
        return Moved(still(before), _mirrored(flow(before, (origins, columns)), inner, lacking))
    start = lobes(eyes)
    fallen = start + _uncut(before, box, start, -CUT * amount) - rows
    begun = 1 - fade(rows - start, eyes.distance)
    return Moved(still(before), flow(before, (rows + begun * np.maximum(fallen, 0), columns)))


def lobes(eyes: Eyes) -> float:
    """The row at which ears end: above it no hair is cut off."""
    return eyes.row + LOBES * eyes.distance


def hangs(mask: np.ndarray) -> bool:
    """Whether hair hangs below the ears, so that some can be cut off."""
    rows, _ = positions(mask)
    return bool(((mask == labels.HAIR) & (rows > lobes(eyes_of(mask)))).mean() > LEAST)


def _forehead(box: Box, eyes: Eyes) -> float:
    """The row from which on hair, whose box is given, hangs."""
    return min(eyes.row - eyes.distance / 2, box.centre[0])


def _drawn_out(hair: np.ndarray, start: float, length: float) -> np.ndarray:
    """Which row each pixel of hair, bool [H, W], that gets longer comes from: what hangs below the row `start` in a
    column becomes `length` pixels longer, but for what hardly hangs at all."""
    rows, columns = positions(hair)
    ends = np.where(hair, rows + 0.5, 0).max(axis=0)
    hangs = ends - start > length / LONGER
    if not hangs.any():
        return np.broadcast_to(rows, hair.shape)
    near = np.abs(columns.T - columns[:, hangs]).argmin(axis=1)
    hung = cv2.GaussianBlur((ends[hangs][near] - start)[None].astype(np.float64), (0, 0), length / 4)
    origins: np.ndarray = start + (rows - start) * hung / (hung + length)
    return origins


def _mirrored(flow: np.ndarray, shown: np.ndarray, lacking: np.ndarray) -> np.ndarray:
    """A flow that brings in hair where it is lacking, too: what is on the other side of the border of what is shown,
    bool [H, W] each, or at the border if nothing is there."""
    if not shown.any():
        return flow
    rows, columns = np.indices(shown.shape)
    near = nearest(shown)
    over = [np.clip(2 * n - at, 0, size - 1) for n, at, size in zip(near, (rows, columns), shown.shape)]
    at_rows, at_columns = (np.where(shown[tuple(over)], far, n) for far, n in zip(over, near))
    aside = np.stack([at_columns - columns, at_rows - rows], axis=-1).astype(np.float32)
    brought: np.ndarray = np.where(lacking[..., None], flow[at_rows, at_columns] + aside, flow)
    return brought


def _within_frame(flow: np.ndarray) -> np.ndarray:
    """A flow that leads nowhere beyond its frame: it becomes the less, the nearer that is."""
    for axis, at, length in zip((1, 0), positions(flow[..., 0]), flow.shape):
        room = np.where(flow[..., axis] < 0, at, length - at)
        flow[..., axis] = room * np.tanh(flow[..., axis] / room)
    return flow


def _from_cut_ends(hair: np.ndarray) -> np.ndarray:
    """How far each pixel is from hair, bool [H, W], that the frame cuts off: float [H, W], infinite without any."""
    inside = np.zeros_like(hair)
    inside[1:-1, 1:-1] = True
    cut = hair & ~inside
    return distance_from(cut)


def _rounded(shape: np.ndarray, radius: float) -> np.ndarray:
    """A bool [H, W] without corners and steps smaller than some pixels."""
    return cv2.medianBlur(shape.astype(np.uint8), 2 * round(radius) + 1).astype(bool)


def _cut(mask: np.ndarray, box: Box, start: float, share: float) -> np.ndarray:
    """The lower `share` of what hangs below the row `start` in each column, bool [H, W]; more of it far from the face.

    Hair, whose box is `box`, that goes on behind the face does not end there.
    """
    rows, columns = positions(mask)
    reaching = np.maximum.accumulate(mask[::-1] != labels.BACKGROUND)[::-1]
    cut: np.ndarray = (rows > start) & ~sample(reaching, start + _uncut(mask, box, start, share), columns, False)
    return cut


def _uncut(mask: np.ndarray, box: Box, start: float, share: float) -> np.ndarray:
    """How far below the row `start` each pixel was before hair was cut, float [H, W]."""
    rows, columns = positions(mask)
    aside = np.minimum(2 * np.abs(columns - eyes_of(mask).column) / (box.right - box.left), 1)
    return (rows - start + 0.4 * share * (box.bottom - start) * aside**3) / (1 - share)


def _hung(hair: np.ndarray, start: float, axis: float, length: float) -> np.ndarray:
    """Where hair, bool [H, W], gets below the row `start` by falling `length` pixels, up to a third of it inwards."""
    rows, columns = positions(hair)
    fall = rows - np.maximum.accumulate(np.where(hair, rows, -np.inf))
    aside = np.abs(columns - axis)
    inmost = np.where((fall <= length) & (rows > start), aside - fall / 3, np.inf)
    left = np.minimum.accumulate(np.where(columns < axis, inmost, np.inf), axis=1)
    right = np.minimum.accumulate(np.where(columns < axis, np.inf, inmost)[:, ::-1], axis=1)[:, ::-1]
    return np.where(columns < axis, left, right) <= aside


def _with_hair(mask: np.ndarray, hair: np.ndarray) -> np.ndarray:
    """The mask with hair where bool [H, W] says and it can be; lost hair leaves skin within the hull of the face."""
    bare = np.where(hull(mask), labels.SKIN, labels.BACKGROUND)
    lost = np.where((mask == labels.HAIR) & ~hair, bare, mask)
    return np.where((mask == labels.BACKGROUND) & hair, labels.HAIR, lost).astype(np.uint8)
