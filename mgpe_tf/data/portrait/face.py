"""The head without hair: outline, skin, ears, nose, brows, beard."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np

from mgpe_tf import labels
from mgpe_tf.data.portrait import light as lighting
from mgpe_tf.data.portrait.canvas import FIELD_SIZE, Canvas, Pose, curve, ellipse, ribbon


@dataclasses.dataclass(frozen=True)
class FaceShape:
    """Shape of a head, head units.

    Attributes:
      cheek, jaw, chin: half widths at the rows of cheekbones, mouth and chin.
      chin_row: lowest row of the face.
      nose_width: half width over the wings.
      nose_bottom: row of the nose's lower end.
      nose_shift, outline_shift: how far the head's turn moves the nose's tip and the outline sideways.
    """

    cheek: float
    jaw: float
    chin: float
    chin_row: float
    nose_width: float
    nose_bottom: float
    nose_shift: float
    outline_shift: float

    @classmethod
    def draw(cls, rng: np.random.Generator, pose: Pose) -> FaceShape:
        """Draws a head that is turned by ``pose.yaw``."""
        cheek = rng.uniform(64, 72)
        return cls(
            cheek=cheek,
            jaw=cheek * rng.uniform(0.78, 0.91),
            chin=rng.uniform(28, 39),
            chin_row=rng.uniform(229, 242),
            nose_width=rng.uniform(15, 20.5),
            nose_bottom=rng.uniform(164, 172),
            nose_shift=6.0 * pose.yaw,
            outline_shift=-8.0 * pose.yaw,
        )

    def outline(self) -> np.ndarray:
        """Returns the polygon of the head from the top of the skull to the chin, float64 [N, 2]."""
        half: list[tuple[float, float]] = [
            (26, 21),
            (52, 40),
            (self.cheek - 3, 74),
            (self.cheek, 112),
            (self.cheek - 1, 142),
            (self.jaw, 186),
        ]
        half += [(self.chin, self.chin_row - 14), (self.chin * 0.45, self.chin_row - 2)]
        points = half + [(0, self.chin_row)] + [(-u, v) for u, v in reversed(half)] + [(0, 17)]
        return curve(points) + (self.outline_shift, 0.0)


@dataclasses.dataclass(frozen=True)
class Skin:
    """Skin of one person under the light of one portrait.

    Attributes:
      tone: RGB, 0 to 1.
      lit: float32 [size, size, 3], the lit face over the whole canvas.
      shadow: RGB factor of a soft shadow on this skin.
    """

    tone: np.ndarray
    lit: np.ndarray
    shadow: np.ndarray

    @classmethod
    def draw(cls, rng: np.random.Generator, canvas: Canvas, shape: FaceShape, light: lighting.Light) -> Skin:
        """Draws tone, blush and shine, and lights the relief of the face."""
        tone = lighting.skin_tone(rng)
        u, v = canvas.pose.head_coordinates(FIELD_SIZE)
        blush = sum(lighting.blob(u, v, (side * 42, 157), (15, 12)) for side in (-1, 1))
        blush = blush + 0.6 * lighting.blob(u, v, (shape.nose_shift, shape.nose_bottom - 7), (10, 8))
        strength = rng.uniform(0.03, 0.22)
        coloured = tone * (1.0 - strength * blush[..., None] * np.array([0.05, 0.9, 0.75], np.float32))
        lit = lighting.lit_skin(coloured, lighting.relief(u, v, shape), light, rng.uniform(0.25, 1.0))
        return cls(tone, canvas.spread(lit), np.array([0.72, 0.6, 0.56], np.float32))


def paint_head(canvas: Canvas, shape: FaceShape, skin: Skin) -> np.ndarray:
    """Paints ears and face; returns the face's mask, uint8 [size, size]. Ears belong to the background (id 0)."""
    for side in (-1, 1):
        centre = np.array([side * (shape.cheek + 2) + shape.outline_shift, 136.0])
        ear = canvas.mask(ellipse(centre, (9, 19), side * 0.2))
        canvas.paint(ear, skin.tone * np.array([0.86, 0.74, 0.7], np.float32), label=labels.BACKGROUND)
        canvas.paint(ear, skin.lit, 0.45, within=ear)
        canvas.tint(canvas.mask(ellipse(centre + (0, -1), (4, 12), side * 0.2)), skin.shadow, 0.7, blur=1.8, within=ear)
    face = canvas.mask(shape.outline())
    canvas.paint(face, skin.lit, label=labels.SKIN)
    return face


def paint_nose(canvas: Canvas, shape: FaceShape, skin: Skin, face: np.ndarray) -> None:
    """Paints nostrils and the shadows around the nose; the light on it is part of the relief."""
    tip, width, bottom = shape.nose_shift, shape.nose_width, shape.nose_bottom
    half = [(5, 116), (6, 134), (10, 149), (width, bottom - 9), (width - 1, bottom - 3), (width * 0.55, bottom)]
    lean = [(tip * np.clip((v - 112) / (bottom - 120), 0, 1), 0) for _, v in half]
    points = [np.add(point, move) for point, move in zip(half, lean)] + [np.array((tip, bottom + 3.0))]
    points += [np.add((-u, v), move) for (u, v), move in zip(reversed(half), reversed(lean))]
    nose = canvas.mask(curve(points))
    canvas.label[nose > 127] = labels.NOSE
    canvas.tint(canvas.mask(ellipse((tip, bottom + 5), (width * 0.7, 3))), skin.shadow, 0.55, blur=3, within=face)
    for side in (-1, 1):
        wing = [
            (tip + side * (width - 4), bottom - 13),
            (tip + side * width, bottom - 7),
            (tip + side * (width - 3), bottom),
        ]
        canvas.tint(canvas.mask(ribbon(wing, (0.5, 2, 1))), skin.shadow, 0.8, blur=1.2)
        nostril = ellipse((tip + side * width * 0.45, bottom - 1), (3.6, 1.7), side * -0.25)
        canvas.tint(canvas.mask(nostril), skin.shadow * 0.45, 0.85, blur=0.7)
        fold = [(side * (width + 5) + tip * 0.7, bottom - 5), (side * 27, 182), (side * 31, 194)]
        canvas.tint(canvas.mask(ribbon(fold, (1, 2.5, 0.5))), skin.shadow, 0.35, blur=2, within=face)


def paint_brows(canvas: Canvas, rng: np.random.Generator, skin: Skin, hair_colour: np.ndarray) -> None:
    """Paints both brows as short hairs in a tapered arc; the colour is near the hair's, or any dark brown."""
    thickness, arch, row = rng.uniform(5, 9), rng.uniform(1, 5.5), rng.uniform(103, 108)
    natural = np.array([0.16, 0.11, 0.08], np.float32) * rng.uniform(0.5, 1.8)
    colour = (hair_colour * 0.65 if rng.random() < 0.5 else natural) * 0.8 + skin.tone * 0.12
    opacity = rng.uniform(0.7, 0.95)
    for side, label in ((-1, labels.LEFT_BROW), (1, labels.RIGHT_BROW)):
        points = [(side * 14, row + 0.5), (side * 26, row - arch * 0.7), (side * 40, row - arch), (side * 54, row + 3)]
        brow = canvas.mask(ribbon(points, (thickness * 0.8, thickness, thickness * 0.75, 0.8)))
        canvas.paint(brow, colour, opacity, blur=0.9, label=label)
        along = np.linspace(0.05, 0.85, 16)
        roots = np.stack(
            [side * (14 + 40 * along), row + 2.5 - arch * np.sin(np.pi * np.minimum(along * 1.3, 1)) + 2 * along], 1
        )
        tips = roots + np.stack([side * (2 + 4 * along), -thickness * (1 - 0.7 * along) * rng.uniform(0.7, 1.0, 16)], 1)
        hairs = canvas.mask(*np.stack([roots, roots + (0.9, 0), tips], 1))
        canvas.paint(hairs, colour * 0.6, 0.5, within=brow)


def paint_beard(
    canvas: Canvas, rng: np.random.Generator, shape: FaceShape, face: np.ndarray, hair_colour: np.ndarray
) -> None:
    """Paints stubble or a beard, with or without a moustache, on a quarter of the faces; it stays labelled skin."""
    if rng.random() > 0.25:
        return
    opacity = rng.choice([0.22, 0.4, 0.8])
    colour = hair_colour * rng.uniform(0.5, 0.9)
    upper = [(shape.cheek + 4, 128), (shape.cheek - 8, 150), (shape.cheek - 16, 172), (33, 184), (30, 206), (14, 211)]
    right = np.array([(shape.jaw, 240), (shape.cheek + 8, 190), *upper])
    points = np.concatenate([right, right[::-1] * (-1, 1)])
    polygons = [curve(points) + (shape.outline_shift * 0.5, 0)] if rng.random() < 0.75 else []
    if rng.random() < 0.8 or not polygons:
        polygons.append(ribbon([(-31, 196), (-20, 178), (0, 176), (20, 178), (31, 196)], (7, 9, 5, 9, 7)))
    beard = cv2.bitwise_and(canvas.mask(*polygons), face)
    canvas.paint(beard, colour, opacity * 0.85, blur=4.0, within=face)
    hairs = cv2.GaussianBlur(rng.standard_normal((256, 256), np.float32), (0, 0), 0.5, sigmaY=1.4)
    strength = 1.0 + 0.7 * opacity * np.clip(canvas.spread(hairs), -1.2, 1.2)[..., None]
    canvas.paint(beard, canvas.image * strength, 0.8, blur=4, within=face)
