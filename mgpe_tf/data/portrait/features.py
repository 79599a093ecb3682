"""Eyes and mouth."""

from __future__ import annotations

import cv2
import numpy as np

from mgpe_tf import labels
from mgpe_tf.data.portrait.canvas import Canvas, curve, ellipse, ribbon
from mgpe_tf.data.portrait.face import Skin
from mgpe_tf.data.portrait.light import Light

_IRISES = (
    np.array(
        [
            [70, 44, 24],
            [104, 70, 36],
            [132, 104, 52],
            [92, 116, 70],
            [84, 128, 112],
            [84, 130, 172],
            [130, 150, 164],
            [48, 32, 22],
        ],
        np.float32,
    )
    / 255.0
)
_SHADOWS = (
    np.array([[96, 60, 52], [60, 70, 110], [70, 96, 80], [120, 60, 90], [60, 54, 60], [150, 104, 60]], np.float32)
    / 255.0
)
_LIPSTICKS = (
    np.array(
        [
            [184, 28, 44],
            [206, 70, 88],
            [150, 34, 74],
            [222, 96, 76],
            [120, 44, 52],
            [224, 120, 150],
            [96, 40, 80],
            [176, 84, 70],
        ],
        np.float32,
    )
    / 255.0
)


def _almond(centre, side: int, width: float, height: float, slant: float) -> tuple[np.ndarray, np.ndarray]:
    """Returns the upper and the lower lid's edge from the inner to the outer corner, each [N, 2]."""
    inner, outer = np.array([-side * width / 2, slant * 0.5 + 1.0]), np.array([side * width / 2, -slant])
    upper = [
        inner,
        (-side * width * 0.22, -height * 0.52),
        (side * width * 0.12, -height * 0.6),
        (side * width * 0.36, -height * 0.36),
        outer,
    ]
    lower = [inner, (-side * width * 0.2, height * 0.34), (side * width * 0.15, height * 0.42), outer]
    return curve(upper, closed=False) + centre, curve(lower, closed=False) + centre


def paint_eyes(canvas: Canvas, rng: np.random.Generator, skin: Skin, light: Light) -> None:
    """Paints both eyes, alike in colour and make-up, and the lids around them."""
    width, height, slant = rng.uniform(24, 30), rng.uniform(8, 12.5), rng.uniform(-1.0, 2.5)
    spacing, row = rng.uniform(29.5, 32.5), rng.uniform(120, 122.5)
    style = {
        "iris": _IRISES[rng.integers(len(_IRISES))] * rng.uniform(0.8, 1.2),
        "shadow": (_SHADOWS[rng.integers(len(_SHADOWS))], rng.choice([0.0, 0.0, 0.45, 0.75])),
        "lash": rng.uniform(1.2, 3.0),
        "gaze": np.array([rng.normal(0, 1.2) + 1.5 * canvas.pose.yaw, rng.normal(0, 0.4)]),
    }
    for side, label in ((-1, labels.LEFT_EYE), (1, labels.RIGHT_EYE)):
        # The far eye of a turned head is narrower.
        seen = width * (1.0 + 0.07 * side * -canvas.pose.yaw)
        _paint_eye(canvas, np.array([side * spacing, row]), side, (seen, height, slant), label, style, skin, light)


def _paint_eye(canvas, centre, side, almond, label, style, skin, light) -> None:
    """Paints one eye: lid, white, iris with pupil and catch light, lashes; the lash line belongs to the eye."""
    _, height, _ = almond
    upper, lower = _almond(centre, side, *almond)
    lid = curve(np.concatenate([upper[::8] - (0, 1), upper[::-8] - (0, height * 0.45 + 2)]))
    colour, strength = style["shadow"]
    canvas.paint(canvas.mask(lid), colour, strength, blur=1.8)
    canvas.tint(
        canvas.mask(ribbon(upper[::8] - (0, height * 0.4 + 1.0), (0.5, 1.8, 1.8, 1.0, 0.5))),
        skin.shadow * 0.85,
        0.75,
        blur=0.7,
    )
    canvas.tint(canvas.mask(ribbon(lower[::8] + (0, 3.5), (0.5, 2, 0.5))), skin.shadow, 0.4, blur=1.5)
    opening = canvas.mask(np.concatenate([upper, lower[::-1]]))
    lashes = canvas.mask(
        ribbon(
            np.concatenate([upper[::8] - (0, 0.4), upper[-1:] + (side * 2.0, -0.8)]), (0.8, *[style["lash"]] * 4, 0.3)
        )
    )
    white = np.array([0.93, 0.91, 0.9], np.float32) * light.colour * (0.62 + 0.3 * float(skin.tone.mean()))
    canvas.paint(opening, white, label=label)
    canvas.label[lashes > 127] = label
    corners = canvas.mask(ellipse(upper[0], (5, 5)), ellipse(upper[-1], (5, 5)))
    canvas.tint(corners, (0.8, 0.6, 0.58), 0.8, blur=2, within=opening)
    _paint_iris(canvas, centre + style["gaze"] + (0, -0.8), style["iris"], light, opening)
    canvas.tint(canvas.mask(ribbon(upper[::8], (1, 6, 6, 6, 1))), 0.35, 0.8, blur=1.2, within=opening)
    canvas.paint(lashes, skin.tone * 0.12, 0.92, blur=0.3)
    canvas.tint(canvas.mask(ribbon(lower[::8], (0.6, 0.9, 0.9))), skin.shadow * 0.6, 0.7, blur=0.4)


def _paint_iris(canvas, centre, colour, light, opening) -> None:
    """Paints iris, limbus, pupil and catch light, all inside the eye's opening."""
    toward = np.array(light.direction[:2])
    canvas.paint(canvas.mask(ellipse(centre, (5.8, 5.8))), colour * 0.35, blur=0.3, within=opening)
    canvas.paint(canvas.mask(ellipse(centre, (4.8, 4.8))), colour * light.colour, blur=0.6, within=opening)
    canvas.paint(
        canvas.mask(ellipse(centre - toward * 2.5, (3.2, 2.6))),
        np.minimum(colour * 1.7 + 0.05, 1.0),
        0.6,
        blur=1.0,
        within=opening,
    )
    canvas.paint(canvas.mask(ellipse(centre, (2.2, 2.2))), (0.03, 0.02, 0.02), blur=0.3, within=opening)
    canvas.paint(
        canvas.mask(ellipse(centre + toward * 3.2, (1.5, 1.4))), (1.0, 1.0, 1.0), 0.95, blur=0.2, within=opening
    )


def paint_mouth(canvas: Canvas, rng: np.random.Generator, skin: Skin, light: Light, face: np.ndarray) -> None:
    """Paints the lips, and in half of the portraits an open mouth with teeth or tongue."""
    smile = rng.uniform(0.0, 1.0)
    width, full = 22.5 + 9.0 * smile + rng.uniform(-2, 2), rng.uniform(0.75, 1.3)
    gap = 0.0 if rng.random() < 0.45 else rng.uniform(3.5, 9.0) + 4.0 * smile
    middle = np.array([2.0 * canvas.pose.yaw, 189.5 - 1.5 * smile - gap * 0.15])
    corner, peak = -1.0 - 5.0 * smile, 7.0 * full
    # Rows of the four lines of the mouth over u / width from -1 to 1.
    across = np.array([-1, -0.6, -0.2, 0, 0.2, 0.6, 1])
    bow = np.array([corner, -peak * 0.62, -peak - 0.5, -peak + 1.2, -peak - 0.5, -peak * 0.62, corner])
    upper = np.array([corner, 0.2, 0.8, 1.5, 0.8, 0.2, corner])
    lower = upper + gap * (1 - np.abs(across) ** 2.2)
    base = lower + np.array([0, 5.2, 8.2, 8.8, 8.2, 5.2, 0]) * full
    lines = [curve(np.stack([across * width, rows], 1), closed=False) + middle for rows in (bow, upper, lower, base)]
    lip = _lip_colour(rng, skin)
    inside = canvas.mask(np.concatenate([lines[1], lines[2][::-1]]))
    canvas.tint(
        canvas.mask(ribbon(lines[3][12:-12:4] + (0, 3.0), (0.5, 5, 0.5))), skin.shadow, 0.6, blur=2.0, within=face
    )
    if gap:
        _paint_inside(canvas, rng, lines[1], lines[2], inside, gap)
    _paint_lips(canvas, rng, lines, lip, light)
    if not gap:
        canvas.tint(canvas.mask(ribbon(lines[1][::6], (0.6, 1.8, 1.8, 0.6))), 0.3, 0.8, blur=0.5)
    ends = canvas.mask(ellipse(lines[1][0], (2.5, 2.0)), ellipse(lines[1][-1], (2.5, 2.0)))
    canvas.tint(ends, skin.shadow, 0.7, blur=1.5)


def _lip_colour(rng: np.random.Generator, skin: Skin) -> np.ndarray:
    """Draws natural lips in three of five portraits and lipstick in the others, RGB 0 to 1."""
    natural = skin.tone * np.array([0.9, 0.62, 0.62], np.float32) + np.array([0.05, 0.01, 0.02], np.float32)
    if rng.random() < 0.55:
        return natural * rng.uniform(0.88, 1.05)
    return 0.85 * _LIPSTICKS[rng.integers(len(_LIPSTICKS))] * rng.uniform(0.85, 1.15) + 0.15 * natural


def _paint_lips(canvas, rng, lines, colour, light) -> None:
    """Paints the upper lip darker than the lower, each with soft shading, and gloss on the lower."""
    bow, upper, lower, base = lines
    top, bottom = canvas.mask(np.concatenate([bow, upper[::-1]])), canvas.mask(np.concatenate([lower, base[::-1]]))
    canvas.paint(top, colour * 0.82 * light.colour, blur=0.3, label=labels.UPPER_LIP)
    canvas.tint(canvas.mask(ribbon(upper[::6], (2, 4, 4, 2))), 0.6, 0.7, blur=1.2, within=top)
    canvas.paint(bottom, colour * light.colour, blur=0.3, label=labels.LOWER_LIP)
    canvas.tint(canvas.mask(ribbon(base[::6], (2, 4, 4, 2))), 0.6, 0.6, blur=1.6, within=bottom)
    spot = (lower[len(lower) // 2] + base[len(base) // 2]) / 2 + (6.0 * light.direction[0], -0.5)
    canvas.paint(
        canvas.mask(ellipse(spot, (9, 1.5))), (1.0, 0.95, 0.94), rng.uniform(0.15, 0.6), blur=1.2, within=bottom
    )


def _paint_inside(canvas, rng, upper, lower, inside, gap) -> None:
    """Paints the dark of the mouth, the tongue and the upper teeth, all labelled inner mouth."""
    canvas.paint(inside, (0.16, 0.05, 0.05), label=labels.INNER_MOUTH)
    canvas.paint(
        canvas.mask(ellipse(lower[len(lower) // 2] + (0, 1.0), (14, gap * 0.4))),
        (0.62, 0.25, 0.25),
        0.85,
        blur=1.2,
        within=inside,
    )
    teeth = np.concatenate([upper, (upper + (0, min(gap * 0.62, 7.0)))[::-1]])
    row = cv2.bitwise_and(canvas.mask(teeth), inside)
    colour = np.array([0.94, 0.91, 0.85], np.float32) * rng.uniform(0.85, 1.0)
    canvas.paint(row, colour, 0.96, blur=0.4, within=inside)
    middle = upper[len(upper) // 2]
    slit = np.array([(-0.25, -4), (0.25, -4), (0.25, 8), (-0.25, 8)])
    slits = canvas.mask(*(slit + middle + (place, 0) for place in (-17, -11, -5.6, 0, 5.6, 11, 17)))
    canvas.tint(slits, (0.72, 0.66, 0.6), 0.6, blur=0.2, within=row)
    canvas.tint(canvas.mask(ellipse(upper[0], (9, 9)), ellipse(upper[-1], (9, 9))), 0.3, 0.85, blur=3, within=inside)
    canvas.tint(canvas.mask(ribbon(upper[::6], (3, 3))), 0.45, 0.7, blur=1.0, within=inside)
