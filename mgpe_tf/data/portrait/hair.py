"""Hair: a silhouette around the head with an opening for the face, filled with strands.

Long hair is painted twice: the whole silhouette behind the neck, then silhouette less opening over the face.
"""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np

from mgpe_tf import labels
from mgpe_tf.data.portrait.canvas import FIELD_SIZE, Canvas, curve, ellipse, normals
from mgpe_tf.data.portrait.face import FaceShape, Skin
from mgpe_tf.data.portrait.light import Light
from mgpe_tf.data.portrait.scene import any_colour

_COLOURS = (
    np.array(
        [
            [22, 18, 18],
            [40, 28, 22],
            [70, 46, 30],
            [104, 68, 40],
            [150, 104, 58],
            [208, 168, 104],
            [232, 208, 156],
            [112, 54, 34],
            [150, 86, 52],
            [160, 156, 152],
            [206, 204, 200],
        ],
        np.float32,
    )
    / 255.0
)
_STYLES = {"bald": 0.06, "cropped": 0.14, "short": 0.2, "tied": 0.1, "bob": 0.16, "long": 0.25, "curly": 0.09}
_LONG = ("bob", "long", "curly")


@dataclasses.dataclass(frozen=True)
class Hair:
    """One head of hair.

    Attributes:
      style: "bald", "cropped", "short", "tied", "bob", "long" or "curly".
      colour: RGB at the roots, 0 to 1.
      tips: RGB at the tips.
      outer: polygons whose union is the silhouette, head units.
      opening: the polygon in which face and neck show, head units.
      parting: (u, v) of the middle of the upright line from which the strands run, and half its length.
      wave: how far the strands swing, 0 straight, 1 curly.
      strands: float32 [64, 512], brightness noise along (rows) and across (columns) the strands, about -1 to 1.
      gloss: strength of the highlight.
    """

    style: str
    colour: np.ndarray
    tips: np.ndarray
    outer: list[np.ndarray]
    opening: np.ndarray
    parting: tuple[float, float, float]
    wave: float
    strands: np.ndarray
    gloss: float

    @classmethod
    def draw(cls, rng: np.random.Generator, shape: FaceShape) -> Hair:
        """Draws style, hairline and colour; one in twelve is dyed in any hue."""
        style = str(rng.choice(list(_STYLES), p=list(_STYLES.values())))
        natural = _COLOURS[rng.integers(len(_COLOURS))] * rng.uniform(0.8, 1.2)
        colour = any_colour(rng, (0.4, 0.75), (0.4, 0.85)) if rng.random() < 0.08 else natural
        tips = np.minimum(colour * rng.uniform(1.2, 2.0) + 0.04, 1.0) if rng.random() < 0.3 else colour
        wave = {"curly": 1.0, "cropped": 0.0, "tied": 0.05}.get(style, float(rng.choice([0.05, 0.3, 0.65])))
        opening, (parting_u, parting_v, half) = _opening(rng, style)
        move = (shape.outline_shift * 0.8, 0.0)
        outer = [polygon + move for polygon in _silhouette(rng, style, wave)]
        parting = (parting_u + move[0], parting_v, half)
        return cls(
            style, colour, tips, outer, opening + move, parting, wave, _strands(rng, style), rng.uniform(0.1, 0.6)
        )


def _ragged(rng: np.random.Generator, polygon: np.ndarray, amount, locks: int) -> np.ndarray:
    """Moves a closed polygon in and out along its length, as locks do; ``amount`` (one or [N]) in head units."""
    along = np.linspace(0.0, 2 * np.pi, len(polygon), endpoint=False)
    uneven = along + 0.25 * np.sin(3 * along + rng.uniform(0, 6.28)) + 0.12 * np.sin(7 * along + rng.uniform(0, 6.28))
    offset = sum(np.sin(uneven * locks * k + rng.uniform(0, 6.28)) / k for k in (1, 2.3, 4.1))
    offset *= 0.6 + 0.4 * np.sin(2 * along + rng.uniform(0, 6.28))
    direction = np.roll(polygon, -1, axis=0) - np.roll(polygon, 1, axis=0)
    return polygon + normals(direction) * (amount * offset)[:, None]


def _silhouette(rng: np.random.Generator, style: str, wave: float) -> list[np.ndarray]:
    """Returns the polygons of the whole hair."""
    top, full = rng.uniform(1, 12), rng.uniform(0, 10)
    half: list[tuple[float, float]]
    if style == "curly":
        ball = ellipse((0, 92), (92 + full, 88 + full), points=160)
        return [_ragged(rng, ball, 2.2, 22)]
    if style in ("cropped", "tied"):
        half = [(34, 16), (61, 42), (72, 88), (70, 124), (66, 140), (60, 148)]
        polygons = [curve([(0, 10), *half, *((-u, v) for u, v in reversed(half))])]
        if style == "tied":
            polygons.append(_ragged(rng, ellipse((rng.uniform(-34, 34), 6), (30, 26), points=90), 1.0, 9))
        return polygons
    if style == "short":
        half = [(34 + full, top + 6), (62 + full * 0.6, 36), (76, 84), (73, 120), (66, 138), (60, 142)]
    elif style == "bob":
        end = rng.uniform(176, 226)
        half = [
            (38 + full, top + 6),
            (70 + full, 44),
            (89 + full, 110),
            (91 + full, end - 40),
            (86, end),
            (56, end + 6),
        ]
    else:
        half = [
            (38 + full, top + 6),
            (72 + full, 46),
            (92 + full, 116),
            (98 + 1.4 * full, 190),
            (104 + full, 280),
            (40, 290),
        ]
    outline = curve([(0, top), *half, *((-u * rng.uniform(0.96, 1.05), v) for u, v in reversed(half))], steps=14)
    return [_ragged(rng, outline, 0.8 + 1.6 * wave, int(rng.integers(12, 20)))]


def _sides(rng: np.random.Generator, style: str) -> list[tuple[float, float]]:
    """Returns the right edge of the opening from the bottom to the temple; short hair leaves the cheeks free."""
    if style in ("cropped", "tied"):
        return [(110, 300), (110, 150), (rng.uniform(61, 65), 128), (rng.uniform(58, 62), 96)]
    if style == "short":
        return [(110, 300), (110, 150), (rng.uniform(60, 65), 134), (rng.uniform(56, 61), 98)]
    if style == "curly":
        return [(110, 300), (115, 158), (rng.uniform(58, 66), 138), (rng.uniform(55, 61), 98)]
    cover = rng.uniform(-8, 6)
    return [(rng.uniform(40, 84), 310), (58 + cover, 222), (60 + cover, 165), (rng.uniform(55, 62), 105)]


def _opening(rng: np.random.Generator, style: str) -> tuple[np.ndarray, tuple[float, float, float]]:
    """Returns the polygon in which the face shows, and the parting (see :class:`Hair`)."""
    right, left = _sides(rng, style), [(-u, v) for u, v in reversed(_sides(rng, style))]
    side, height = int(rng.choice([-1, 1])), rng.uniform(42, 56)
    lines = ["back"] if style in ("cropped", "tied", "curly") else ["back", "parted", "side", "fringe"]
    if style in ("bob", "long") and rng.random() < 0.14:
        lines = ["veil"]
    line = str(rng.choice(lines))
    brow: list[tuple[float, float]]
    parting: tuple[float, float, float]
    if line == "back":
        brow = [(50, 70), (28, height), (0, height - 3), (-28, height), (-50, 70)]
        parting = (side * 14, -18, 16)
    elif line == "parted":
        brow = [(50, 86), (26, 60), (4, height - 4), (0, height - 8), (-4, height - 4), (-26, 60), (-50, 86)]
        parting = (0, height / 2 - 16, height / 2 + 10)
    elif line == "side":
        brow = [(52, 80), (40, 56), (30, height - 4), (10, 62), (-22, 82), (-48, 98)]
        parting = (side * 30, height / 2 - 14, height / 2 + 12)
    elif line == "fringe":
        low = rng.uniform(84, 100)
        brow = [(52, low + 8), (30, low), (10, low - 2), (-10, low), (-30, low - 1), (-52, low + 8)]
        parting = (side * 6, 0, 10)
    else:
        brow = [(50, 76), (42, 56), (34, height), (16, 66), (0, 98), (-19, 140), (-42, 190)]
        parting = (side * 35, height / 2 - 14, height / 2 + 12)
        left = [(-50, 214), (-60, 310)]
    outline = curve([*right, *brow, *left], steps=14)
    if line in ("side", "veil"):
        outline = outline * (side, 1)
    amount = {"cropped": 0.5, "tied": 0.5, "curly": 1.8}.get(style, 2.2 if line == "fringe" else 1.0)
    ragged = np.where(outline[:, 1] < 112, amount, min(amount, 0.8))
    return _ragged(rng, outline, ragged, int(rng.integers(18, 30))), parting


def _strands(rng: np.random.Generator, style: str) -> np.ndarray:
    """Returns brightness noise, long along the strands and of three widths across; curls are round."""
    noise = rng.standard_normal((3, 64, 512), np.float32)
    length = {"curly": 1.2, "cropped": 0.8}.get(style, 9.0)
    layers = []
    for field, width in zip(noise, (0.6, 2.0, 7.0)):
        wrapped = cv2.GaussianBlur(
            np.concatenate([field[:, -32:], field, field[:, :32]], 1), (0, 0), width, sigmaY=length
        )
        layers.append(wrapped[:, 32:-32] / wrapped.std())
    return 0.5 * layers[0] + 0.5 * layers[1] + 0.4 * layers[2]


def _strand_coordinates(hair: Hair, u, v) -> tuple[np.ndarray, np.ndarray]:
    """Returns the direction in which a strand leaves the parting, radians, and its length so far, at u, v [n, n].

    The ends of the parting are the foci of elliptic coordinates: a strand is a hyperbola (the difference of its
    distances to the foci is constant), at right angles to the parting and radial far away. Below the ears strands
    hang: the row counts less and less.
    """
    centre_u, centre_v, half = hair.parting
    across, down = u - centre_u, v - centre_v
    length = np.hypot(across, down)
    down = np.where(down > 0, 130 * np.tanh(down / 130), down)
    difference = np.hypot(across, down + half) - np.hypot(across, down - half)
    direction = np.copysign(np.arccos(np.clip(difference / (2 * half), -1.0, 1.0)), across)
    phase = 0.15 * length + 2.0 * np.sin(3 * direction + half) + 1.2 * np.sin(7 * direction)
    swing = hair.wave * 3.8 * np.sin(phase) * np.minimum(length / 50, 1.0)
    return direction + swing / np.maximum(length, 30.0), length


def _strand_noise(canvas: Canvas, hair: Hair, direction, length) -> np.ndarray:
    """Returns the strands' brightness noise over the canvas, float32 [size, size]; coordinates are [n, n]."""
    angle = cv2.phase(canvas.spread(np.cos(direction)), canvas.spread(np.sin(direction)))
    along = canvas.spread(length * (0.6 if hair.style == "curly" else 0.22))
    return cv2.remap(
        hair.strands, angle * np.float32(512 / (2 * np.pi)), along, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP
    )


def lit_hair(canvas: Canvas, hair: Hair, light: Light) -> np.ndarray:
    """Returns hair over the whole canvas: float32 [size, size, 3], about 0 to 1."""
    u, v = canvas.pose.head_coordinates(FIELD_SIZE)
    x, y = np.clip(u / 106, -0.9, 0.9), np.clip((v - 120) / 130, -0.9, 0.0)
    diffuse = light.diffuse(x, y, np.sqrt(np.maximum(1.0 - x**2 - y**2, 0.05)))
    direction, length = _strand_coordinates(hair, u, v)
    age = np.clip((v - 120) / 110, 0, 1)[..., None]
    base = (hair.colour + age * (hair.tips - hair.colour)) * (0.22 + 0.88 * diffuse[..., None] ** 1.4) * light.colour
    noise = np.clip(_strand_noise(canvas, hair, direction, length), -1.8, 2.0)
    band = np.exp(-(((length - 62 + 6 * np.sin(5 * direction)) / 15) ** 2)) * np.clip(
        0.7 + 0.9 * x * light.direction[0], 0, 1
    )
    shine = canvas.spread(band * hair.gloss * 0.4) * np.maximum(0.5 + 0.5 * noise, 0.0)
    texture = canvas.spread(base)
    texture *= (1.0 + 0.26 * noise)[..., None]
    texture += shine[..., None] * (0.5 * hair.colour + 0.5).astype(np.float32)
    return texture


def paint_back_hair(canvas: Canvas, hair: Hair, texture: np.ndarray) -> None:
    """Paints what of long hair lies behind the neck."""
    if hair.style in _LONG:
        canvas.paint(canvas.mask(*hair.outer), texture * np.float32(0.5), label=labels.HAIR)


def paint_front_hair(
    canvas: Canvas, hair: Hair, texture: np.ndarray, skin: Skin, light: Light, face: np.ndarray
) -> None:
    """Paints the hair over head and face, and the shadow it throws on the face; nothing for a bald head."""
    if hair.style == "bald":
        return
    front = cv2.subtract(canvas.mask(*hair.outer), canvas.mask(hair.opening))
    shadow = np.roll(front, _pixels(canvas, -5.0 * light.direction[0], 5.0), axis=(0, 1))
    canvas.tint(shadow, skin.shadow, 0.65, blur=4.0, within=face)
    canvas.paint(front, texture, blur=1.2 if hair.style == "cropped" else 0.45, label=labels.HAIR)


def _pixels(canvas: Canvas, right: float, down: float) -> tuple[int, int]:
    """Returns (rows, columns) on the canvas of a move in head units."""
    unit = canvas.size / 256
    return round(down * unit), round(right * unit)
