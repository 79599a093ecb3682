"""Procedural portraits with pixel-exact masks: the data set that needs no download.

Every part (pose, light, skin, eyes, mouth, hair, scene) draws its shape and colours from a random stream of its own,
so that the appearance of one component says nothing about that of another. The framing is that of aligned portraits
(eyes about (121, 97) and (121, 159), mouth (191, 128), rows and columns at 256).
"""

from __future__ import annotations

import numpy as np

from mgpe_tf.data.portrait import face as faces
from mgpe_tf.data.portrait import features, scene
from mgpe_tf.data.portrait import hair as hairs
from mgpe_tf.data.portrait.canvas import Canvas, Pose
from mgpe_tf.data.portrait.light import Light
from mgpe_tf.data.source import Source
from mgpe_tf.labels import to_partial

_STREAMS = ("pose", "light", "shape", "skin", "eyes", "brows", "mouth", "beard", "hair", "scene", "clothes", "grade")


def draw_portrait(seed: int, resolution: int) -> tuple[np.ndarray, np.ndarray]:
    """Draws one portrait.

    Args:
      seed: 0 or more; the same seed is the same person in the same picture, at any resolution.
      resolution: pixels a side.

    Returns:
      The image, uint8 RGB [R, R, 3], and its mask, uint8 [R, R] of Helen ids.
    """
    stream = dict(zip(_STREAMS, np.random.default_rng(seed).spawn(len(_STREAMS))))
    canvas = Canvas(resolution, _draw_pose(stream["pose"]))
    light, shape = Light.draw(stream["light"]), faces.FaceShape.draw(stream["shape"], canvas.pose)
    skin = faces.Skin.draw(stream["skin"], canvas, shape, light)
    hair = hairs.Hair.draw(stream["hair"], shape)
    strands = hairs.lit_hair(canvas, hair, light)
    scene.paint_background(canvas, stream["scene"])
    hairs.paint_back_hair(canvas, hair, strands)
    scene.paint_neck(canvas, stream["clothes"], shape, skin, light)
    face = faces.paint_head(canvas, shape, skin)
    faces.paint_nose(canvas, shape, skin, face)
    faces.paint_beard(canvas, stream["beard"], shape, face, hair.colour)
    features.paint_mouth(canvas, stream["mouth"], skin, light, face)
    features.paint_eyes(canvas, stream["eyes"], skin, light)
    faces.paint_brows(canvas, stream["brows"], skin, hair.colour)
    hairs.paint_front_hair(canvas, hair, strands, skin, light, face)
    scene.grade(canvas, stream["grade"])
    return canvas.finish()


def _draw_pose(rng: np.random.Generator) -> Pose:
    """Draws a pose as aligned portraits show it: nearly upright, nearly centred, turned a little."""
    roll = np.radians(np.clip(rng.normal(0.0, 1.6), -4.0, 4.0))
    shift = np.clip(rng.normal(0.0, 1.5, 2), -4.0, 4.0)
    return Pose(float(roll), rng.uniform(0.95, 1.05), (float(shift[0]), float(shift[1])), rng.uniform(-1.0, 1.0))


class SyntheticSource(Source):
    """Synthetic portraits as a data set; nothing is read or written.

    Examples:
      >>> image, mask = SyntheticSource(size=8, resolution=64).load(3)
    """

    def __init__(self, size: int, resolution: int, first_seed: int = 0, partial: bool = False):
        """Describes ``size`` portraits of ``resolution`` pixels a side with the seeds from ``first_seed`` on; for
        `partial` see ``Source``."""
        self.resolution = resolution
        self.partial = partial
        self.first_seed = first_seed
        self.names = tuple(f"seed_{first_seed + index:010d}" for index in range(size))

    def load(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Draws portrait ``index``: image uint8 [R, R, 3] and mask uint8 [R, R]."""
        image, mask = draw_portrait(range(self.first_seed, self.first_seed + len(self))[index], self.resolution)
        return image, to_partial(mask, "helen") if self.partial else mask
