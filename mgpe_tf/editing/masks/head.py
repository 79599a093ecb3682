"""The outline of a head, with what hair hides of it: another's hair is fitted to it, and within it skin is bared.

It is a radius per ray from between the eyes. Where skin borders on background the mask shows it; where hair hides it,
it is that of an average head as wide, on this side, as the mask shows.
"""

from __future__ import annotations

import numpy as np

from mgpe_tf import labels
from mgpe_tf.editing.masks.regions import eyes_of, face_size, positions, sample

RAYS = 96
"""Of an outline, the first one to the left."""

AVERAGE = (1.15, 1.13, 1.07, 0.97, 0.83, 0.75, 0.71, 0.76, 0.84, 0.96, 1.08, 1.17, 1.21)
"""Radii of an average head in its own size, from straight up to straight down in steps of 15 degrees. Below the eyes
the medians of 2,500 masks of CelebAMask-HQ where skin borders on background; above, where few heads are bald and the
other borders are hairlines, their ninth deciles."""

BORDER = 0.03
"""Share of a head's size beyond its skin within which only background tells its border."""

SIDE = 0.7
"""Sine up to which a ray tells how wide the head is."""

ENOUGH = 4
"""Rays that must tell it."""

WIDTHS = (0.75, 1.35)
"""Least and greatest width of a side, by that of an average head."""

UNSEEN = 255
"""Stands for what lies beyond the frame."""

STEP = 0.5
"""Pixels from sample to sample along a ray, in hundredths of the head's size."""


def head_outline(mask: np.ndarray) -> np.ndarray:
    """The radius of a head in pixels for each of ``RAYS`` rays, float [RAYS]; mask uint8 [H, W] Helen ids."""
    angles, size, eyes = ray_angles(), face_size(mask), eyes_of(mask)
    radii = np.arange(0, 2 * size, STEP * size / 100)
    rows = eyes.row + np.sin(angles)[:, None] * radii
    columns = eyes.column + np.cos(angles)[:, None] * radii
    found = sample(mask, rows, columns, UNSEEN)
    face = np.isin(found, labels.FACE)
    last = np.where(face.any(axis=1), face.shape[1] - 1 - face[:, ::-1].argmax(axis=1), 0)
    steps, width = np.arange(face.shape[1]), round(100 * BORDER / STEP)
    beyond = (steps > last[:, None] + 1) & (steps <= last[:, None] + 1 + width)
    clear = np.where(beyond, found == labels.BACKGROUND, True).all(axis=1)
    known = clear & (last > 0) & ~((found == labels.HAIR) & (steps < last[:, None])).any(axis=1)
    nominal = size * np.interp(np.arcsin(np.sin(angles)), np.linspace(-np.pi / 2, np.pi / 2, len(AVERAGE)), AVERAGE)
    shown = radii[last]
    nominal *= _widths(angles, known & (np.abs(np.sin(angles)) < SIDE), shown / nominal)
    outline = np.where(known, shown, np.maximum(shown, nominal))
    smooth: np.ndarray = np.sum([np.roll(outline, turn) for turn in range(-3, 4)], axis=0) / 7
    return smooth


def within(mask: np.ndarray, outline: np.ndarray) -> np.ndarray:
    """bool [H, W]: the pixels of a head by its outline."""
    radius, angle = polar(mask)
    inside: np.ndarray = radius <= along(outline, angle)
    return inside


def along(values: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """A value per ray, [RAYS], at other angles in radians."""
    found: np.ndarray = np.interp(angle, ray_angles(), values, period=2 * np.pi)
    return found


def polar(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Radius in pixels and angle of each pixel about the point between the eyes, float [H, W] each."""
    eyes, (rows, columns) = eyes_of(mask), positions(mask)
    down, right = rows - eyes.row, columns - eyes.column
    return np.hypot(down, right), np.arctan2(down, right)


def ray_angles() -> np.ndarray:
    """The angle of each ray, float [RAYS]: 0 to the right, growing downwards."""
    return (np.arange(RAYS) + 0.5) * (2 * np.pi / RAYS) - np.pi


def _widths(angles: np.ndarray, known: np.ndarray, ratios: np.ndarray) -> np.ndarray:
    """By which an average head is wider at each angle: of each side what its rays say, else what the other's say."""
    sides = [known & (np.cos(angles) < 0), known & (np.cos(angles) >= 0)]
    told = [float(np.median(ratios[side])) if side.sum() >= ENOUGH else None for side in sides]
    left, right = (one if one is not None else other if other is not None else 1.0 for one, other in (told, told[::-1]))
    share = (1 + np.cos(angles)) / 2
    widths: np.ndarray = np.clip((1 - share) * left + share * right, *WIDTHS)
    return widths
