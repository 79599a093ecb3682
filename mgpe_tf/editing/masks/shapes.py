"""Edits of the shapes in a face mask, each by one amount from -1 to 1.

Every edit is a pure function (mask uint8 [H, W] of Helen ids, amount) -> mask uint8 [H, W]. The amount 0 changes
nothing, 1 and -1 are strong but still a face. Lengths are measured on the face itself, so that an edit does the same at
every size. A mask without what an edit is about is left as it is. Faces are taken to be upright.

Features (eyes, brows, nose, a smile) are taken out of the mask, moved, and put back where nothing lies in front of
them; what they leave is filled from around. An opening mouth and the width of the face move all that lies around them,
and less with the distance. Both only sample the mask without blending: no classes arise between two others.

For each there is the same of a photograph's pixels: (mask before, mask after, amount) -> ``Moved``, by the formula that
made the mask.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from mgpe_tf import labels
from mgpe_tf.editing.masks import moves, regions
from mgpe_tf.editing.masks.moves import Moved, following, still
from mgpe_tf.editing.masks.regions import Box, box_of, eyes_of, fade, positions, sample

WIDENED = 0.15
"""The share of its width by which a face is widened at most."""

Move = Callable[[np.ndarray, np.ndarray, float], Moved]


def face_width(mask: np.ndarray, amount: float) -> np.ndarray:
    """Widens (slims) the head by up to 15 % of the face's width; what lies beside it follows, less and less."""
    face = box_of(mask, labels.FACE)
    if face is None:
        return mask
    return sample(mask, *moves.widened(mask, face, 1 + WIDENED * amount))


def nose_size(mask: np.ndarray, amount: float) -> np.ndarray:
    """Scales the nose about its centre: its width by up to 1.25, its length by up to 1.15."""
    return _scaled(mask, labels.NOSE, amount, (labels.SKIN, labels.BACKGROUND))


def eye_size(mask: np.ndarray, amount: float) -> np.ndarray:
    """Scales both eyes about their centres by up to 1.3."""
    return right_eye_size(left_eye_size(mask, amount), amount)


def left_eye_size(mask: np.ndarray, amount: float) -> np.ndarray:
    """Scales the eye on the viewer's left about its centre by up to 1.3."""
    return _scaled(mask, labels.LEFT_EYE, amount)


def right_eye_size(mask: np.ndarray, amount: float) -> np.ndarray:
    """Scales the eye on the viewer's right about its centre by up to 1.3."""
    return _scaled(mask, labels.RIGHT_EYE, amount)


def raise_brows(mask: np.ndarray, amount: float) -> np.ndarray:
    """Raises the brows by up to 14 % of the eye distance; lowers them by no more than 70 % of the way to the eyes."""
    rows, columns = positions(mask)
    for brow, rise in _rises(mask, amount).items():
        mask = regions.put(mask, (brow,), sample(mask, rows + rise, columns, labels.BACKGROUND))
    return mask


def smile(mask: np.ndarray, amount: float) -> np.ndarray:
    """Bends the mouth's corners up (down) by up to 13 % of its width and draws them apart (together) by up to 10 %."""
    box = box_of(mask, labels.MOUTH)
    if box is None:
        return mask
    moved = sample(mask, *moves.bent(mask, box, amount), labels.BACKGROUND)
    return regions.put(mask, labels.MOUTH, moved, (labels.SKIN, labels.BACKGROUND))


def open_mouth(mask: np.ndarray, amount: float) -> np.ndarray:
    """Opens the mouth by up to 40 % of its width, or closes it; the lower lip goes along, and the chin at 60 %."""
    box = box_of(mask, labels.MOUTH)
    if box is None:
        return mask
    opened = _opened(mask, box, amount)
    moved = np.where(opened.within, labels.INNER_MOUTH, sample(mask, *opened.origins))
    return np.where(opened.above, mask, moved).astype(np.uint8)


def face_width_moved(before: np.ndarray, after: np.ndarray, amount: float) -> Moved:
    """The moves of ``face_width``: down to some way below the chin."""
    face = box_of(before, labels.FACE)
    if face is None:
        return Moved(still(before))
    below = fade(positions(before)[0] - face.bottom, 0.6 * (face.bottom - face.top))[..., None]
    return Moved(moves.flow(before, moves.widened(before, face, 1 + WIDENED * amount)) * below.astype(np.float32))


def part_moved(*parts: int) -> Move:
    """The moves of parts that are scaled, each with what lies around it."""

    def moved(before: np.ndarray, after: np.ndarray, amount: float) -> Moved:
        total = still(before)
        for part in parts:
            if box := box_of(before, (part,)):
                scaled = moves.scaled(before, box, *_factors(part, amount))
                reach = max(box.bottom - box.top, box.right - box.left)
                total += moves.limited(moves.flow(before, scaled), box, 1.3) * following(after, (part,), reach)
        return Moved(total)

    return moved


def brows_moved(before: np.ndarray, after: np.ndarray, amount: float) -> Moved:
    """The moves of ``raise_brows``: forehead and lids with the brows."""
    reach, total = 0.7 * eyes_of(before).distance, still(before)
    for brow, rise in _rises(before, amount).items():
        one = rise * following(after, (brow,), reach)[..., 0]
        total[..., 1] = np.where(np.abs(one) > np.abs(total[..., 1]), one, total[..., 1])
    return Moved(total)


def smile_moved(before: np.ndarray, after: np.ndarray, amount: float) -> Moved:
    """The moves of ``smile``: the cheeks with the mouth."""
    box = box_of(before, labels.MOUTH)
    if box is None:
        return Moved(still(before))
    reach = 0.8 * (box.right - box.left)
    flow = moves.flow(before, moves.bent(before, box, amount, beyond=False))
    return Moved(flow * following(after, labels.MOUTH, reach))


def open_mouth_moved(before: np.ndarray, after: np.ndarray, amount: float) -> Moved:
    """The moves of ``open_mouth``: the jaw with the lower lip."""
    box = box_of(before, labels.MOUTH)
    if box is None:
        return Moved(still(before))
    opened = _opened(before, box, amount, smooth=True)
    return Moved(np.where(opened.above[..., None], np.float32(0), moves.flow(before, opened.origins)))


class _Opened(NamedTuple):
    """An opened mouth: where its pixels come from, and where, bool [H, W], it is as it was and where it is open."""

    origins: moves.Origins
    above: np.ndarray
    within: np.ndarray


def _opened(mask: np.ndarray, box: Box, amount: float, smooth: bool = False) -> _Opened:
    """`smooth` leaves the steps out that a mask's edge has from pixel to pixel."""
    rows, columns = positions(mask)
    width, offset = box.right - box.left, columns - box.centre[1]
    bottom, thickness = _inner_mouth(mask)
    if smooth:
        bottom, thickness = (_smoothed(each, 0.05 * width) for each in (bottom, thickness))
    if amount > 0:
        down = shift = 0.4 * amount * width * np.maximum(1 - (offset / (0.47 * width)) ** 2, 0) ** 0.6
    else:
        down = amount * thickness
        shift = _smoothed(down, 0.05 * width)  # keeps the lower lip even where the inner mouth is ragged
    drop = 0.6 * math.copysign(np.abs(down).max(), amount)
    chin = max((box_of(mask, labels.FACE) or box).bottom, box.bottom + width / 2) + drop
    lip = fade(rows - bottom - down, np.maximum(chin - bottom - down, width / 4))
    jaw = fade(np.abs(offset), 2 * width) * (1 - lip) * fade(rows - chin, width)
    origins = np.maximum(rows - shift * lip - drop * jaw, bottom + 0.5), columns
    return _Opened(origins, rows < np.minimum(bottom, bottom + down), rows < bottom + down)


def _factors(part: int, amount: float) -> tuple[float, float]:
    """By what height and width of a part are multiplied."""
    down, across = (1.15, 1.25) if part == labels.NOSE else (1.3, 1.3)
    return down**amount, across**amount


def _scaled(mask: np.ndarray, part: int, amount: float, over: tuple[int, ...] = (labels.SKIN,)) -> np.ndarray:
    """One class scaled about the centre of its box, covering `over` where it grows."""
    box = box_of(mask, (part,))
    if box is None:
        return mask
    moved = regions.sample_smooth(mask == part, *moves.scaled(mask, box, *_factors(part, amount)))
    return regions.put(mask, (part,), np.where(moved, part, labels.BACKGROUND), over)


def _rises(mask: np.ndarray, amount: float) -> dict[int, float]:
    """By how many pixels each brow rises."""
    highest = 0.14 * eyes_of(mask).distance
    rises = {}
    for brow, eye in ((labels.LEFT_BROW, labels.LEFT_EYE), (labels.RIGHT_BROW, labels.RIGHT_EYE)):
        most = highest if amount > 0 else min(highest, 0.7 * _gap(mask == brow, mask == eye))
        rises[brow] = amount * most
    return rises


def _gap(brow: np.ndarray, eye: np.ndarray) -> float:
    """Median height in pixels between a brow and the eye beneath it, bool [H, W] each; infinite without a pair."""
    gaps = regions.edges_of(eye)[0] - regions.edges_of(brow)[1]
    return math.inf if np.isnan(gaps).all() else max(float(np.nanmedian(gaps)), 0.0)


def _inner_mouth(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lower edge and thickness of what lies between the lips in each column, float [W] each; thickness 0 if closed."""
    upper, inner, lower = (regions.edges_of(mask == part) for part in labels.MOUTH)
    bottom = _first_known(lower[0], inner[1], upper[1])
    top = np.fmin(_first_known(upper[1], inner[0], bottom), bottom)
    columns, known = np.arange(mask.shape[1]), np.flatnonzero(~np.isnan(bottom))
    bottom, top = (np.interp(columns, known, edge[known]) for edge in (bottom, top))
    return bottom, bottom - top


def _first_known(*candidates: np.ndarray) -> np.ndarray:
    """In each column the first candidate that is no NaN, float [W]; NaN if all are."""
    values = candidates[-1]
    for candidate in candidates[-2::-1]:
        values = np.where(np.isnan(candidate), values, candidate)
    return values


def _smoothed(values: np.ndarray, radius: float) -> np.ndarray:
    """The means of some numbers [N] over windows of twice the radius."""
    reach = round(radius)
    return np.convolve(np.pad(values, reach, "edge"), np.full(2 * reach + 1, 1 / (2 * reach + 1)), "valid")
