"""Fine detail: an embedding of some hundred numbers holds the colours of a component, not strands of hair, an iris or
teeth. They are taken from photographs, as what they add to the brightness around them.

Brightness is told by its square root, in which details stand out alike from what is dark and from what is light.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import cv2
import numpy as np

from mgpe_tf import labels
from mgpe_tf.editing.masks.regions import box_of, nearest, positions
from mgpe_tf.editing.masks.replace import fitted_hair, hair_overlap
from mgpe_tf.geometry import REFERENCE_SIZE

FEATURES = {labels.LEFT_EYE: "left_eye", labels.RIGHT_EYE: "right_eye", labels.INNER_MOUTH: "mouth"}
"""The classes besides hair that get details, and the components of which they are. Brows and lips got light rims."""

WIDTHS = {labels.HAIR: 6.0, labels.LEFT_EYE: 5.0, labels.RIGHT_EYE: 5.0, labels.INNER_MOUTH: 5.0}
"""Standard deviation, in pixels at 256x256, of the surroundings from which details of a class stand out."""

SOFT = {labels.HAIR: 2.0, labels.LEFT_EYE: 1.0, labels.RIGHT_EYE: 1.0, labels.INNER_MOUTH: 1.0}
"""The same, of the fading in of details from the border of a class, where the networks draw a soft edge."""

BORDER = 1.0
"""Pixels at 256x256 along the border of hair that count as no strand."""

TALLER = 1.4
"""How much longer teeth may become when a mouth is opened; below them nothing is known."""

BRIGHTER = 2.0
"""The most by which details multiply the root of brightness."""

FINEST = 4
"""The most pixels of details along the side of one that the networks draw: photographs show more than portraits."""


@dataclasses.dataclass(frozen=True, eq=False)
class Details:
    """What a portrait shows beyond the means around: differences of roots of brightness, 0 to 16.

    Attributes:
      mask: integer [R, R] Helen ids.
      hair: float32 [F, F], F a multiple of R, continued beyond the hair as in a mirror along its border; 0 where
        nothing is known.
      features: float32 [F, F], in the classes ``FEATURES``; 0 elsewhere.
    """

    mask: np.ndarray
    hair: np.ndarray
    features: np.ndarray


def details_of(photograph: np.ndarray, mask: np.ndarray) -> Details:
    """The details of an aligned portrait.

    Args:
      photograph: uint8 RGB [F, F, 3].
      mask: its mask, integer [R, R] Helen ids; F is a multiple of R.
    """
    root, fine = _root(photograph), enlarged(mask, len(photograph) // len(mask))
    border = 2 * round(_pixels(BORDER, fine)) + 1
    hair = cv2.erode((fine == labels.HAIR).astype(np.uint8), np.ones((border, border), np.uint8)).astype(bool)
    features = np.zeros(fine.shape, np.float32)
    for label in FEATURES:
        where = fine == label
        features[where] = (root - _around(root, where, WIDTHS[label]))[where]
    strands = np.where(hair, root - _around(root, hair, WIDTHS[labels.HAIR]), 0).astype(np.float32)
    return Details(mask, _mirrored(strands, hair), features)


def fitting(mask: np.ndarray, own: Details, givers: Mapping[str, tuple[Details, float]]) -> dict[int, np.ndarray]:
    """The details that fit a mask.

    Hair has the strands of the portrait whose hair covers that of the mask best: of the own one they lie where they
    are, another's eyes are put on those of the mask. The box of a feature is put on that of the mask's.

    Args:
      mask: integer [R, R] Helen ids.
      own: of the portrait that is edited.
      givers: by component, of portraits whose appearance it has, and how strongly, 0 to 1; features are mixed so.

    Returns:
      float32 [F, F] by class, for the classes that the mask and a portrait have.
    """
    found = {}
    overlap, strands = hair_overlap(mask, own.mask), own.hair
    other, strength = givers.get("hair", (own, 0.0))
    if strength:
        theirs, origins = fitted_hair(mask, own.mask, other.mask, other.mask)
        if theirs > overlap:
            overlap, strands = theirs, _sample(other.hair, *origins)
    if overlap > 0 and strands.any():
        found[labels.HAIR] = strands
    for label, name in FEATURES.items():
        other, strength = givers.get(name, (own, 0.0))
        parts = [(share, _feature(mask, each, label)) for each, share in ((own, 1 - strength), (other, strength))]
        known = [share * part for share, part in parts if share and part is not None]
        if known:
            found[label] = np.sum(known, axis=0)
    return found


def _feature(mask: np.ndarray, details: Details, label: int) -> np.ndarray | None:
    """A feature's details on its box in a mask, float32 [F, F]; None if the mask or the portrait lacks it."""
    there, here = box_of(details.mask, (label,)), box_of(mask, (label,))
    if not there or not here:
        return None
    down = (there.bottom - there.top) / (here.bottom - here.top)
    down = max(down, 1 / TALLER) if label == labels.INNER_MOUTH else down
    right = (there.right - there.left) / (here.right - here.left)
    rows, columns = positions(mask)
    return _sample(details.features, there.top + down * (rows - here.top), there.left + right * (columns - here.left))


def with_details(
    drawn: np.ndarray, mask: np.ndarray, details: Mapping[int, np.ndarray], amount: float = 1.0
) -> np.ndarray:
    """A drawn portrait, in the place of whose own details are others.

    Args:
      drawn: uint8 RGB [F, F, 3].
      mask: on which it was drawn, integer [R, R] Helen ids; F is a multiple of R.
      details: float32 [F, F] by class.
      amount: from 0, as it is drawn, to 1.

    Returns:
      uint8 RGB [F, F, 3], the hues as drawn.
    """
    root, fine = np.maximum(_root(drawn), 1), enlarged(mask, len(drawn) // len(mask))
    wanted = root.copy()
    for label, detail in details.items():
        where = fine == label
        soft = cv2.GaussianBlur(where.astype(np.float32), (0, 0), _pixels(SOFT[label], fine))
        inside = where * np.maximum(2 * soft - 1, 0)  # half of it lies within at a straight border
        wanted += amount * inside * (_around(root, where, WIDTHS[label]) + detail - root)
    factor = np.square(np.clip(wanted / root, 0, BRIGHTER))
    detailed: np.ndarray = np.clip(np.round(drawn * factor[..., None]), 0, 255).astype(np.uint8)
    return detailed


def times_finer(photo_pixels: float) -> int:
    """How many pixels of details there are along the side of one that the networks draw, 1 to ``FINEST``.

    Args:
      photo_pixels: those of the photograph along that side.
    """
    return round(min(max(photo_pixels, 1), FINEST))


def enlarged(mask: np.ndarray, times: int) -> np.ndarray:
    """A mask [R, R] with `times` as many pixels along its side."""
    return mask.repeat(times, axis=0).repeat(times, axis=1)


def _root(image: np.ndarray) -> np.ndarray:
    """Square roots of the brightness of uint8 RGB [R, R, 3], float32 [R, R] from 0 to 16."""
    return np.sqrt(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32))


def _around(root: np.ndarray, where: np.ndarray, width: float) -> np.ndarray:
    """The mean of what lies around each pixel, where a bool [F, F] holds alone; float32 [F, F]."""
    weights = where.astype(np.float32)
    size = min(len(root), REFERENCE_SIZE)  # means over several pixels need no finer ones
    coarse = (cv2.resize(part, (size, size), interpolation=cv2.INTER_AREA) for part in (root * weights, weights))
    total, weight = (cv2.GaussianBlur(part, (0, 0), width * size / REFERENCE_SIZE) for part in coarse)
    return cv2.resize(total / np.maximum(weight, 1e-6), root.shape, interpolation=cv2.INTER_LINEAR)


def _mirrored(strands: np.ndarray, hair: np.ndarray) -> np.ndarray:
    """Strands, float32 [R, R], continued beyond the hair, bool [R, R], that has them."""
    if not hair.any():
        return strands
    mirrored = 2 * np.stack(nearest(hair)) - np.indices(hair.shape)
    rows, columns = np.clip(mirrored, 0, len(hair) - 1)
    continued: np.ndarray = strands[rows, columns]
    return continued


def _sample(details: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Details at positions of a mask's pixels (``regions``), rows and columns that broadcast to [R, R], and in all that
    lie between them: float32 [F, F]; 0 off the frame."""
    rows, columns = np.broadcast_arrays(rows, columns)
    times = len(details) // len(rows)
    y, x = ((times * _finer(_finer(at, times).T, times).T - 0.5).astype(np.float32) for at in (rows, columns))
    return cv2.remap(details, np.ascontiguousarray(x), np.ascontiguousarray(y), cv2.INTER_LINEAR)


def _finer(values: np.ndarray, times: int) -> np.ndarray:
    """Values [R, C] at `times` as many rows, by straight lines, which go on beyond the first and the last row."""
    between = (np.arange(times * len(values)) + 0.5) / times - 0.5
    first = np.clip(np.floor(between).astype(int), 0, len(values) - 2)
    finer: np.ndarray = values[first] + (between - first)[:, None] * (values[first + 1] - values[first])
    return finer


def _pixels(length: float, like: np.ndarray) -> float:
    return length * len(like) / REFERENCE_SIZE
