"""All but the face: the background, neck and clothes; all labelled background (id 0)."""

from __future__ import annotations

import colorsys
import itertools

import cv2
import numpy as np

from mgpe_tf import labels
from mgpe_tf.data.portrait.canvas import FIELD_SIZE, Canvas, curve, ribbon
from mgpe_tf.data.portrait.face import FaceShape, Skin
from mgpe_tf.data.portrait.light import Light


def any_colour(rng: np.random.Generator, saturation=(0.03, 0.55), value=(0.15, 0.9)) -> np.ndarray:
    """Draws a colour of any hue: float32 RGB, 0 to 1; ``saturation`` and ``value`` are ranges of HSV."""
    return np.array(colorsys.hsv_to_rgb(rng.random(), rng.uniform(*saturation), rng.uniform(*value)), np.float32)


def paint_background(canvas: Canvas, rng: np.random.Generator) -> None:
    """Fills the canvas with a gradient, and on it out-of-focus lights, panels, a plaster wall or nothing."""
    centres = (np.arange(FIELD_SIZE, dtype=np.float32) + 0.5) / FIELD_SIZE
    angle = rng.uniform(0, 2 * np.pi)
    along = (
        0.5 + (centres[None] - 0.5) * np.float32(np.cos(angle)) + (centres[:, None] - 0.5) * np.float32(np.sin(angle))
    )
    first, second = any_colour(rng), any_colour(rng)
    field = first + np.clip(along, 0, 1)[..., None] * (0.35 * first + 0.65 * second - first)
    kind = rng.choice(["lights", "panels", "plaster", "plain"], p=[0.3, 0.25, 0.25, 0.2])
    if kind == "lights":
        field = _add_lights(field, rng)
    elif kind == "panels":
        field = _add_panels(field, rng)
    elif kind == "plaster":
        noise = rng.standard_normal((FIELD_SIZE, FIELD_SIZE), np.float32)
        cloud = cv2.GaussianBlur(noise, (0, 0), 9) * 9 + cv2.GaussianBlur(noise, (0, 0), 1.2) * 0.8
        field = field * (1.0 + 0.11 * cloud[..., None])
    canvas.image[:] = canvas.spread(np.clip(field, 0.0, 1.0))


def _add_lights(field: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Adds round lights out of focus, in two layers of different sharpness."""
    field = field * 0.7
    hue = any_colour(rng, (0.2, 0.8), (0.7, 1.0))
    for blur in (2.0, 1.1):
        layer = np.zeros((FIELD_SIZE, FIELD_SIZE, 4), np.float32)
        for _ in range(rng.integers(4, 12)):
            strength = rng.uniform(0.15, 0.55)
            colour = strength * (0.7 * hue + 0.3 * any_colour(rng, (0.2, 0.8), (0.7, 1.0)))
            centre, radius = rng.integers(0, FIELD_SIZE, 2).tolist(), int(rng.integers(4, 13))
            cv2.circle(layer, centre, radius, (*colour.tolist(), strength), -1)
        blurred = cv2.GaussianBlur(layer, (0, 0), blur)
        field = field * (1.0 - 0.4 * blurred[..., 3:]) + blurred[..., :3]
    return field


def _add_panels(field: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Adds blurred upright panels, as of a room or a street out of focus."""
    edges = np.sort(rng.integers(0, FIELD_SIZE, rng.integers(2, 6)))
    level = np.zeros((FIELD_SIZE, FIELD_SIZE, 3), np.float32)
    for left, right in itertools.pairwise(edges):
        level[rng.integers(0, 60) :, left:right] = any_colour(rng, (0.05, 0.6), (0.1, 0.95))
    mixed = np.where(level.sum(2, keepdims=True) > 0, 0.45 * field + 0.55 * level, field)
    return cv2.GaussianBlur(mixed.astype(np.float32), (0, 0), rng.uniform(1.5, 5.0))


def paint_neck(canvas: Canvas, rng: np.random.Generator, shape: FaceShape, skin: Skin, light: Light) -> None:
    """Paints neck and shoulders with the shadow of the chin, then the clothes."""
    width = shape.jaw * rng.uniform(0.72, 0.86)
    middle = shape.outline_shift * 0.6
    half = [(width + 4, 160), (width, 200), (width + 3, 226), (width + 22, 246), (140, 274), (140, 300)]
    neck = canvas.mask(curve(half + [(-u, v) for u, v in reversed(half)]) + (middle, 0))
    u, _ = canvas.pose.head_coordinates(FIELD_SIZE)
    turn = np.clip((u - middle) / (width + 28), -0.95, 0.95)
    shade = light.diffuse(turn, np.full_like(turn, 0.1), np.sqrt(1 - turn**2))
    lit = skin.tone * shade[..., None] ** np.array([0.85, 1.1, 1.2], np.float32) * light.colour
    canvas.paint(neck, canvas.spread(lit), label=labels.BACKGROUND)
    chin = shape.outline() * (1.02, 1.0) + (6 * -light.direction[0], 14)
    canvas.tint(canvas.mask(chin), skin.shadow * 0.8, 0.85, blur=6, within=neck)
    for side in (-1, 1):
        cord = ribbon([(middle + side * width * 0.75, 215), (middle + side * 12, 262)], (1, 5))
        canvas.tint(canvas.mask(cord), skin.shadow, 0.3, blur=3, within=neck)
    _paint_clothes(canvas, rng, width, middle, light)


def _paint_clothes(canvas, rng, width, middle, light) -> None:
    """Paints a round neck, a V neck or a polo neck in any colour, plain or striped."""
    colour = any_colour(rng, (0.0, 0.8), (0.08, 0.95))
    collar, low = rng.choice(["round", "v", "polo"]), rng.uniform(240, 254)
    edge = width + (3 if collar == "polo" else rng.uniform(8, 16))
    side, dip = {"round": (234, low + 12), "v": (232, low + 36), "polo": (low - 26, low - 4)}[collar]
    rim = [(edge, side), (edge * 0.6, side + 0.7 * (dip - side)), (0, dip)]
    rim += [(-u, v) for u, v in reversed(rim[:2])]
    shoulders = [
        (-edge - 16, side + 8),
        (-115, 251),
        (-160, 262),
        (-160, 310),
        (160, 310),
        (160, 262),
        (115, 251),
        (edge + 16, side + 8),
    ]
    cloth = canvas.mask(curve(rim + shoulders) + (middle, 0))
    u, v = canvas.pose.head_coordinates(FIELD_SIZE)
    turn = np.clip(u / 170, -0.9, 0.9)
    if rng.random() < 0.3:
        stripe = np.clip(1.4 * np.sin(v * rng.uniform(0.3, 0.5) + 0.0005 * u**2) + 0.5, 0, 1)[..., None]
        colour = colour + stripe * (any_colour(rng) - colour)
    shade = light.diffuse(turn, np.full_like(turn, -0.3), np.sqrt(0.91 - turn**2))[..., None] * light.colour
    canvas.paint(cloth, canvas.spread(shade * colour), label=labels.BACKGROUND)
    canvas.tint(canvas.mask(ribbon(np.add(rim, (middle, 2)), (3, 4, 3))), 0.6, 0.7, blur=1.0, within=cloth)


def grade(canvas: Canvas, rng: np.random.Generator) -> None:
    """Gives the whole picture a soft light gradient, darker corners, a contrast and fine sensor noise."""
    centres = (np.arange(FIELD_SIZE, dtype=np.float32) + 0.5) / FIELD_SIZE - 0.5
    fall = rng.uniform(-0.12, 0.12) * centres[None] + rng.uniform(-0.1, 0.1) * centres[:, None]
    corners = rng.uniform(0.0, 0.5) * (centres[None] ** 2 + centres[:, None] ** 2)
    noise = cv2.resize(
        rng.standard_normal((256, 256), np.float32), canvas.image.shape[1::-1], interpolation=cv2.INTER_NEAREST
    )
    factor = canvas.spread(1.0 + fall - corners) + np.float32(rng.uniform(0.004, 0.012)) * noise
    canvas.image *= factor[..., None]
    np.clip(canvas.image, 0.0, 1.0, out=canvas.image)
