"""Taking the shape of a component from another face's mask."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from mgpe_tf import labels
from mgpe_tf.config import did_you_mean
from mgpe_tf.editing.masks import regions
from mgpe_tf.editing.masks.regions import box_of, eyes_of, positions, sample
from mgpe_tf.errors import UserError

_PARTS = {
    "eyes": ((labels.LEFT_EYE,), (labels.RIGHT_EYE,)),
    "left_eye": ((labels.LEFT_EYE,),),
    "right_eye": ((labels.RIGHT_EYE,),),
    "brows": ((labels.LEFT_BROW,), (labels.RIGHT_BROW,)),
    "nose": ((labels.NOSE,),),
    "mouth": (labels.MOUTH,),
}

REPLACEABLE = (*_PARTS, "hair", "face")
"""The components that can be taken; "face" is the outline of cheeks and chin."""


def replace_component(mask: np.ndarray, other_mask: np.ndarray, component: str) -> np.ndarray:
    """Gives a face the shape of another face's component.

    The component is scaled by the ratio of the faces' sizes (their eye and mouth distances). A feature is moved to the
    place of the own one and covers neither hair nor another feature; what the old one leaves is filled from around it.
    Hair is moved by the eyes and may cover skin and brows. The outline of the face is bent to that of the other below
    the eyes; features stay, hair and background follow. If one of the masks lacks the component, nothing changes,
    except that a bald head can be given hair.

    Args:
      mask: uint8 [H, W] Helen ids.
      other_mask: the same, of any size.
      component: one of ``REPLACEABLE``.

    Returns:
      uint8 [H, W]. Raises UserError for an unknown component or for what is no mask.
    """
    labels.validate(mask, "helen", "mask")
    labels.validate(other_mask, "helen", "other mask")
    if component not in REPLACEABLE:
        near = did_you_mean(component, REPLACEABLE)
        raise UserError(f"component {component!r} is unknown{near}; allowed: {', '.join(REPLACEABLE)}")
    if component == "hair":
        return _replace_hair(mask, other_mask)
    if component == "face":
        return _replace_face(mask, other_mask)
    for ids in _PARTS[component]:
        mask = _replace_feature(mask, other_mask, ids)
    return mask


RESTORABLE = {
    **{name: tuple(itertools.chain(*parts)) for name, parts in _PARTS.items()},
    "hair": (labels.HAIR,),
    "face": (labels.SKIN,),
}
"""The components that can be given back, and their ids; "face" is the skin."""


def restore_component(mask: np.ndarray, original: np.ndarray, component: str) -> np.ndarray:
    """Undoes what was done to a component: wherever one of the masks has it, the original holds again.

    Args:
      mask, original: uint8 [H, W] Helen ids.
      component: one of ``RESTORABLE``.

    Returns:
      uint8 [H, W]. Raises UserError for an unknown component.
    """
    if component not in RESTORABLE:
        near = did_you_mean(component, RESTORABLE)
        raise UserError(f"component {component!r} is unknown{near}; allowed: {', '.join(RESTORABLE)}")
    ids = RESTORABLE[component]
    return np.where(np.isin(mask, ids) | np.isin(original, ids), original, mask)


def _replace_feature(mask: np.ndarray, other: np.ndarray, ids: tuple[int, ...]) -> np.ndarray:
    place, origin = box_of(mask, ids), box_of(other, ids)
    if place is None or origin is None:
        return mask
    here, there = list(place.centre), list(origin.centre)
    if ids == labels.MOUTH:  # the upper jaw stays where it is, open mouths reach further down
        here[0], there[0] = place.top, origin.top
    over = (labels.SKIN,) if ids[0] < labels.NOSE else (labels.SKIN, labels.BACKGROUND)
    rows, columns = _origins(mask, other, here, there)
    return regions.put(mask, ids, sample(other, rows, columns, labels.BACKGROUND), over)


def _replace_hair(mask: np.ndarray, other: np.ndarray) -> np.ndarray:
    if not (other == labels.HAIR).any():
        return mask
    moved = moved_by_eyes(mask, other)
    face = regions.hull(mask) | np.isin(moved, labels.FACE)
    bald = np.where(mask == labels.HAIR, np.where(face, labels.SKIN, labels.BACKGROUND), mask)
    covered = (labels.BACKGROUND, labels.SKIN, labels.LEFT_BROW, labels.RIGHT_BROW)
    return np.where((moved == labels.HAIR) & np.isin(bald, covered), labels.HAIR, bald).astype(np.uint8)


def _replace_face(mask: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Moves every pixel below the eyes along the ray from between them, by what the outlines differ on that ray."""
    faces = regions.hull(mask), regions.hull(moved_by_eyes(mask, other))
    if not all(face.any() for face in faces):
        return mask
    eyes, (rows, columns) = eyes_of(mask), positions(mask)
    down, right = rows - eyes.row, columns - eyes.column
    radius, angle = np.hypot(down, right), np.arctan2(down, right)
    own, new = (_outline(face, radius, angle) for face in faces)
    new = own + (new - own) * np.maximum(np.sin(angle), 0)  # at the height of the eyes the face stays as wide as it is
    beyond = radius - (new - own) * regions.fade(radius - new, 1.5 * eyes.distance)
    factor = np.where(radius < new, own / new, beyond / radius)
    features = np.isin(mask, labels.FEATURES)
    bare = sample(regions.refill(mask, features), eyes.row + factor * down, eyes.column + factor * right)
    return np.where(features, mask, bare)


def _outline(face: np.ndarray, radius: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Per pixel the radius at which its ray leaves a face, float [H, W], smooth over the angle.

    Args:
      face: bool [H, W].
      radius, angle: the polar coordinates of the pixels, float [H, W].
    """
    rays = np.linspace(-np.pi, np.pi, 97)
    farthest = np.zeros(96)
    np.maximum.at(farthest, np.digitize(angle[face], rays[1:-1]), radius[face])
    farthest = np.maximum(sum(np.roll(farthest, turn) for turn in range(-2, 3)) / 5, 1)
    radii: np.ndarray = np.interp(angle, (rays[1:] + rays[:-1]) / 2, farthest, period=2 * np.pi)
    return radii


def origins_by_eyes(mask: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where in `other` the pixels of `mask` come from, if its eyes are put on the mask's and its face is as large.

    Args:
      mask, other: integer [H, W] Helen ids.

    Returns:
      Rows, float [H, 1], and columns, float [1, W], as continuous positions (``regions``).
    """
    return _origins(mask, other, eyes_of(mask)[:2], eyes_of(other)[:2])


def moved_by_eyes(mask: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The other mask with its eyes where those of `mask` are, uint8 [H, W].

    It is continued beyond its borders but for the upper one, where hair would become a tower.
    """
    rows, columns = origins_by_eyes(mask, other)
    return np.where(rows < 0, labels.BACKGROUND, sample(other, rows, columns)).astype(np.uint8)


def hair_overlap(mask: np.ndarray, other: np.ndarray) -> float:
    """Intersection over union of the hair of two masks, integer [R, R] Helen ids; 0 without any."""
    one, two = mask == labels.HAIR, other == labels.HAIR
    return float((one & two).sum() / max((one | two).sum(), 1))


def _origins(
    mask: np.ndarray, other: np.ndarray, here: Sequence[float], there: Sequence[float]
) -> tuple[np.ndarray, np.ndarray]:
    """Where in `other` the pixels of `mask` come from, if its `there` is put `here`: rows [H, 1] and columns [1, W]."""
    scale = _size(other) / _size(mask)
    rows, columns = positions(mask)
    return there[0] + scale * (rows - here[0]), there[1] + scale * (columns - here[1])


def _size(mask: np.ndarray) -> float:
    """A length in pixels, over eye distance and height of the eyes above the mouth: turning changes it little."""
    eyes, mouth = eyes_of(mask), box_of(mask, labels.MOUTH)
    return float(np.hypot(eyes.distance, mouth.centre[0] - eyes.row if mouth else eyes.distance))
