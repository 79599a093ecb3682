"""Light on the head: a relief of the face, lit from one side, and the colour of skin under it."""

from __future__ import annotations

import dataclasses

import numpy as np

_SKIN_TONES = (
    np.array(
        [
            [250, 217, 194],
            [243, 200, 168],
            [228, 178, 138],
            [202, 146, 102],
            [163, 108, 72],
            [118, 74, 49],
            [80, 50, 36],
        ],
        np.float32,
    )
    / 255.0
)


@dataclasses.dataclass(frozen=True)
class Light:
    """One lamp and the light of the room.

    Attributes:
      direction: unit vector to the lamp: right, down, towards the viewer.
      ambient: share of the light that comes from everywhere, 0 to 1.
      colour: RGB factor of all light, about 1.
    """

    direction: tuple[float, float, float]
    ambient: float
    colour: np.ndarray

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Light:
        """Draws a lamp from above, at any side, of warm to cool white."""
        direction = np.array([rng.uniform(-0.8, 0.8), rng.uniform(-0.75, -0.2), rng.uniform(0.8, 1.1)])
        warmth = rng.uniform(-0.05, 0.05)
        colour = np.array([1 + warmth, 1.0, 1 - warmth], np.float32) * rng.uniform(0.92, 1.08)
        unit = tuple((direction / np.linalg.norm(direction)).tolist())
        return cls(unit, rng.uniform(0.42, 0.62), colour.astype(np.float32))

    def diffuse(self, x, y, z):
        """Returns the light that a surface of normal (x, y, z) sends back: ``ambient`` to 1."""
        cosine = x * self.direction[0] + y * self.direction[1] + z * self.direction[2]
        return self.ambient + (1.0 - self.ambient) * np.clip((cosine + 0.2) / 1.2, 0.0, 1.0)


def blob(u, v, centre, radii):
    """Returns a Gaussian bump of height 1 over the rasters u, v; ``radii`` are standard deviations (u, v)."""
    return np.exp(-0.5 * (((u - centre[0]) / radii[0]) ** 2 + ((v - centre[1]) / radii[1]) ** 2))


def relief(u, v, shape) -> np.ndarray:
    """Returns the height of the face over the picture plane, head units, on rasters u, v [n, n].

    Args:
      u, v: head coordinates of the raster (:meth:`Pose.head_coordinates`).
      shape: the :class:`~mgpe_tf.data.portrait.face.FaceShape`.
    """
    turned = u - shape.outline_shift
    height = 72.0 * np.sqrt(np.maximum(1.0 - (turned / (shape.cheek + 9)) ** 2 - ((v - 132.0) / 118.0) ** 2, 0.02))
    nose = shape.nose_shift
    bumps: list[tuple[float, float, float, float, float]] = [
        (nose * 0.5, 138, 5.5, 17, 7),
        (nose, shape.nose_bottom - 9, 8.5, 8, 11),
        (0, 196, 22, 12, 5),
        (0, 224, 15, 9, 5),
    ]
    bumps += [(0, 209, 14, 4.5, -3.5), (0, 88, 34, 22, 5)]
    for side in (-1, 1):
        bumps += [(side * 34, 121, 15, 10, -8), (side * 35, 104, 17, 5, 3.5), (side * 40, 156, 17, 15, 6)]
        bumps += [
            (nose + side * shape.nose_width * 0.72, shape.nose_bottom - 6, 4.5, 5, 4.5),
            (side * 46, 190, 10, 18, -4),
        ]
        bumps += [(side * 13, 128, 5, 12, -1.5)]
    for centre_u, centre_v, radius_u, radius_v, amount in bumps:
        height += amount * blob(u, v, (centre_u, centre_v), (radius_u, radius_v))
    return height


def skin_tone(rng: np.random.Generator) -> np.ndarray:
    """Draws a skin colour, RGB 0 to 1, evenly over the human range from pale to dark."""
    place = rng.uniform(0.0, len(_SKIN_TONES) - 1.0)
    tone = np.array([np.interp(place, range(len(_SKIN_TONES)), channel) for channel in _SKIN_TONES.T])
    return (tone * (1.0 + rng.normal(0.0, 0.02, 3))).astype(np.float32)


def lit_skin(tone, height, light: Light, shine: float) -> np.ndarray:
    """Returns skin under the light.

    Args:
      tone: RGB [3] or [n, n, 3], 0 to 1.
      height: relief [n, n], head units, over the whole frame.
      light: the light.
      shine: strength of the highlights, 0 to 1.

    Returns:
      float32 [n, n, 3], about 0 to 1.
    """
    step = 256.0 / len(height)
    slope_v, slope_u = np.gradient(height, step)
    length = np.sqrt(slope_u**2 + slope_v**2 + 1.0)
    x, y, z = -slope_u / length, -slope_v / length, 1.0 / length
    diffuse = light.diffuse(x, y, z)[..., None]
    halfway = np.add(light.direction, (0.0, 0.0, 1.0))
    halfway = (halfway / np.linalg.norm(halfway)).astype(np.float32)
    gloss = np.clip(x * halfway[0] + y * halfway[1] + z * halfway[2], 0.0, 1.0)[..., None] ** 24
    # Light that has passed through skin is red: the shadows lose red last.
    shade = diffuse ** np.array([0.85, 1.1, 1.2], np.float32)
    return (tone * shade * 1.04 * light.colour + shine * gloss * 0.22).astype(np.float32)
