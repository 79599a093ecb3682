"""Random changes of a training portrait, drawn from a seed alone: the same seed gives the same portrait."""

from __future__ import annotations

import math

import tensorflow as tf

from mgpe_tf.config import AugmentationConfig
from mgpe_tf.errors import UserError
from mgpe_tf.labels import FLIPPED
from mgpe_tf.ops import similarity_warp

_LARGEST = {"flip": 1.0, "rotation": 180.0, "scale": 0.5, "shift": 0.5, "colour": 0.9}


def validate(config: AugmentationConfig, name: str = "data.augmentation") -> None:
    """Raises UserError if a field lies outside its range: 0 to 1, 180 degrees, 0.5, 0.5 and 0.9, in field order.

    `name` is that of the fields in the experiment.
    """
    for field, largest in _LARGEST.items():
        value = getattr(config, field)
        if not 0 <= value <= largest:
            raise UserError(f"{name}.{field} is {value}; allowed is 0 (none) to {largest:g}")


def augment(image, mask, config: AugmentationConfig, seed):
    """Flip, move and recolour one portrait with its mask.

    Args:
      image: uint8 RGB [R, R, 3].
      mask: uint8 [R, R] Helen ids.
      config: the strengths; what is 0 is skipped, and with nothing enabled the inputs are returned unchanged.
      seed: integer [2].

    Returns:
      (image, mask) as given. What moves in at a border is the mirrored portrait.
    """
    seeds = tf.unstack(tf.random.split(seed, 3))
    if config.flip:
        mirror = tf.random.stateless_uniform([], seeds[0]) < config.flip
        image = tf.where(mirror, image[:, ::-1], image)
        mask = tf.where(mirror, tf.gather(tf.constant(FLIPPED, tf.uint8), tf.cast(mask, tf.int32))[:, ::-1], mask)
    if config.rotation or config.scale or config.shift:
        matrix = _random_matrix(config, image.shape[0], seeds[1])
        image = _to_uint8(similarity_warp(tf.cast(image, tf.float32)[None], matrix)[0])
        mask = similarity_warp(mask[None, :, :, None], matrix, "nearest")[0, :, :, 0]
    if config.colour:
        image = _recolour(image, config.colour, seeds[2])
    return image, mask


def _random_matrix(config: AugmentationConfig, resolution: int, seed):
    """float32 [1, 2, 3], output to input: turned and scaled about the image centre, then shifted."""
    angle, scale, right, down = tf.unstack(tf.random.stateless_uniform([4], seed, -1.0, 1.0))
    angle, scale = angle * math.radians(config.rotation), 1 + scale * config.scale
    a, b = tf.cos(angle) / scale, tf.sin(angle) / scale
    centre = (resolution - 1) / 2
    x, y = centre + right * config.shift * resolution, centre + down * config.shift * resolution
    return tf.stack([[a, b, centre - a * x - b * y], [-b, a, centre + b * x - a * y]])[None]


def _recolour(image, strength: float, seed):
    """Brightness, contrast and saturation, each changed by up to `strength` as a share; uint8 [R, R, 3] in and out."""
    brightness, contrast, saturation = tf.unstack(tf.random.stateless_uniform([3], seed, 1 - strength, 1 + strength))
    image = tf.cast(image, tf.float32) * brightness
    mean = tf.reduce_mean(tf.image.rgb_to_grayscale(image))
    image = mean + contrast * (image - mean)
    grey = tf.image.rgb_to_grayscale(image)
    return _to_uint8(grey + saturation * (image - grey))


def _to_uint8(image):
    """float 0..255 -> uint8, rounded and clipped."""
    return tf.cast(tf.clip_by_value(tf.round(image), 0, 255), tf.uint8)
