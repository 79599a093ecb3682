"""Taking the shape of a component from another face's mask."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import cv2
import numpy as np

from mgpe_tf import labels
from mgpe_tf.config import did_you_mean
from mgpe_tf.editing.masks import regions
from mgpe_tf.editing.masks.head import RAYS, along, head_outline, polar, ray_angles, within
from mgpe_tf.editing.masks.regions import box_of, distance_from, eyes_of, face_size, positions, sample
from mgpe_tf.editing.masks.scene import Scene
from mgpe_tf.errors import UserError

_PARTS = {
    "eyes": ((labels.LEFT_EYE,), (labels.RIGHT_EYE,)),
    "left_eye": ((labels.LEFT_EYE,),),
    "right_eye": ((labels.RIGHT_EYE,),),
    "brows": ((labels.LEFT_BROW,), (labels.RIGHT_BROW,)),
    "nose": ((labels.NOSE,),),
    "mouth": (labels.MOUTH,),
}

TUFT = 0.04
"""Share of all hair below which a piece that lies by itself is not taken."""

APART = 0.03
"""Share of a mask's width from the face from which on no piece but the largest is taken."""

ASIDE = 0.06
"""Share of a mask's width by which it is continued beside it."""

ROUND = 0.12
"""Diameter by which hair is rounded that a frame cuts off, as a share of a mask's width."""

WIDER = 0.06
"""Share of a mask's width by which a face may go on under hair that has gone, where the other's face does."""

EARS = 0.35
"""Sine of the angle above the eyes up to which a ray may meet an ear."""

FITTED = 1.3
"""How much more or less than the faces' sizes say the outline of a head may scale another's hair."""

REPLACEABLE = (*_PARTS, "hair", "face")
"""The components that can be taken; "face" is the outline of cheeks and chin."""


def replace_component(mask: np.ndarray, other_mask: np.ndarray, component: str) -> np.ndarray:
    """Gives a face the shape of another face's component.

    The component is scaled by the ratio of the faces' sizes (their eye and mouth distances). A feature is moved to the
    place of the own one and covers neither hair nor another feature; what the old one leaves is filled from around it.
    Hair is fitted to the outline of the head and may cover skin and brows; where the own hair goes the head is skin.
    The outline of the face is bent to that of the other below the eyes; features stay, hair and background follow. If
    one of the masks lacks the component, nothing changes, except that a bald head can be given hair.

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
        return replace_hair(mask, other_mask)
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


def replace_hair(
    mask: np.ndarray, other: np.ndarray, scene: Scene | None = None, other_bald: np.ndarray | None = None
) -> np.ndarray:
    """``replace_component`` of hair; where a portrait's scene is known, the own hair leaves what was behind it, and a
    hat stays on. `other_bald` is the other mask without hair, if that is known."""
    if not (other == labels.HAIR).any():
        return mask
    own_hair = mask == labels.HAIR
    head = np.where(within(mask, head_outline(mask)), labels.SKIN, labels.BACKGROUND) if scene is None else scene.bald
    bald = np.where(own_hair, head, mask)
    moved = _whole(_laid(other, *origins_by_head(bald if scene else mask, other if other_bald is None else other_bald)))
    hair, face = moved == labels.HAIR, np.isin(moved, labels.FACE)
    bald = np.where(own_hair & _beyond(hair, mask) & ~face, labels.BACKGROUND, bald)
    wider = face & (distance_from(np.isin(bald, labels.FACE)) < WIDER * mask.shape[1])
    bald = np.where(own_hair & (bald == labels.BACKGROUND) & wider, labels.SKIN, bald)
    covered = (labels.BACKGROUND, labels.SKIN, labels.LEFT_BROW, labels.RIGHT_BROW)
    haired = hair & np.isin(bald, covered)
    if scene:
        haired &= ~scene.hat
    return np.where(haired, labels.HAIR, bald).astype(np.uint8)


def _beyond(hair: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Where rays from between a mask's eyes have passed hair above the ears, bool [H, W]: there no skin is."""
    radius, angle = polar(mask)
    nearest = np.full(RAYS, np.inf)
    np.minimum.at(nearest, np.digitize(angle, ray_angles()) % RAYS, np.where(hair, radius, np.inf))
    widest = np.max([np.roll(nearest, turn) for turn in (-1, 0, 1)], axis=0)  # no teeth where a ray just misses
    beyond: np.ndarray = (radius > widest[np.digitize(angle, ray_angles()) % RAYS]) & (np.sin(angle) < -EARS)
    return beyond


def _whole(mask: np.ndarray) -> np.ndarray:
    """A mask without tufts: pieces of hair, and what parsers take for it, that are small or lie away from the face."""
    _, pieces, facts, _ = cv2.connectedComponentsWithStats((mask == labels.HAIR).astype(np.uint8))
    areas = facts[1:, cv2.CC_STAT_AREA]
    away = distance_from(np.isin(mask, labels.FACE))
    tufts = [
        i + 1
        for i, area in enumerate(areas)
        if area < TUFT * areas.sum() or (area < areas.max() and away[pieces == i + 1].min() > APART * mask.shape[1])
    ]
    return np.where(np.isin(pieces, tufts), labels.BACKGROUND, mask).astype(np.uint8)


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


def origins_by_head(mask: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where in `other` the pixels of `mask` come from, if the outlines of the heads are put onto each other: along each
    ray from between the eyes all is scaled by the heads' radii there.

    Args:
      mask, other: integer [H, W] Helen ids.

    Returns:
      Rows and columns, float [H, W] each, as continuous positions (``regions``).
    """
    here, there, (rows, columns) = eyes_of(mask), eyes_of(other), positions(mask)
    usual = face_size(other) / face_size(mask)
    scales = np.clip(head_outline(other) / head_outline(mask), usual / FITTED, usual * FITTED)
    scale = along(scales, polar(mask)[1])
    return there.row + scale * (rows - here.row), there.column + scale * (columns - here.column)


def moved_by_eyes(mask: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The other mask with its eyes where those of `mask` are, uint8 [H, W]."""
    return _laid(other, *origins_by_eyes(mask, other))


def fitted_hair(
    mask: np.ndarray, own: np.ndarray, other: np.ndarray, other_bald: np.ndarray
) -> tuple[float, tuple[np.ndarray, np.ndarray]]:
    """Where a mask's hair comes from, if it is another's.

    Args:
      mask: integer [R, R] Helen ids.
      own: the same before the edits, without its hair if that is known: it shows the head.
      other: whose hair.
      other_bald: the same, without its hair if that is known.

    Returns:
      The overlap of both hairs (``hair_overlap``), and the origins by which it is largest: by the heads' outlines, or
      by the eyes, as haircuts were made before.
    """
    ways = (origins_by_head(own, other_bald), origins_by_eyes(mask, other))
    return max(((hair_overlap(mask, _laid(other, *way)), way) for way in ways), key=lambda found: found[0])


def _laid(other: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """The other mask at some positions, continued beyond its borders but for the upper one, where hair would become a
    tower, and a little beside it, since what is carried there is a mirror image; hair that ends there does so without
    corners."""
    width = other.shape[1]
    away = np.maximum(-columns, columns - width) > ASIDE * width
    uncut = np.where(rows < 0, labels.BACKGROUND, sample(other, rows, columns)).astype(np.uint8)
    laid = np.where(away, labels.BACKGROUND, uncut)
    corners = _rounded(uncut == labels.HAIR) & ~_rounded(laid == labels.HAIR) & (laid == labels.HAIR)
    return np.where(corners, labels.BACKGROUND, laid).astype(np.uint8)


def _rounded(hair: np.ndarray) -> np.ndarray:
    """Hair, bool [H, W], without corners."""
    size = 2 * round(ROUND * hair.shape[1] / 2) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    return cv2.morphologyEx(hair.astype(np.uint8), cv2.MORPH_OPEN, disc) > 0


def hair_overlap(mask: np.ndarray, other: np.ndarray) -> float:
    """Intersection over union of the hair of two masks, integer [R, R] Helen ids; 0 without any."""
    one, two = mask == labels.HAIR, other == labels.HAIR
    return float((one & two).sum() / max((one | two).sum(), 1))


def _origins(
    mask: np.ndarray, other: np.ndarray, here: Sequence[float], there: Sequence[float]
) -> tuple[np.ndarray, np.ndarray]:
    """Where in `other` the pixels of `mask` come from, if its `there` is put `here`: rows [H, 1] and columns [1, W]."""
    scale = face_size(other) / face_size(mask)
    rows, columns = positions(mask)
    return there[0] + scale * (rows - here[0]), there[1] + scale * (columns - here[1])
