"""Encoded pictures inside a SavedModel."""

from __future__ import annotations

import tensorflow as tf


def decode_pictures(files, resolution: int):
    """JPEG or PNG files, string [B] -> float32 [B, R, R, 3] in [-1, 1].

    A picture is squeezed to the square, its transparency dropped, its EXIF orientation not applied.
    """
    one = tf.TensorSpec((resolution, resolution, 3), tf.float32)
    return tf.map_fn(lambda file: _decode(file, resolution), files, fn_output_signature=one)


def encode_pictures(images):
    """Float [B, R, R, 3] in [-1, 1] -> PNG files, string [B]."""
    pixels = tf.cast(tf.round(tf.clip_by_value((images + 1.0) * 127.5, 0.0, 255.0)), tf.uint8)
    return tf.map_fn(tf.io.encode_png, pixels, fn_output_signature=tf.string)


def _decode(file, resolution: int):
    """An encoded picture, brought to its size as in training: by area means down."""
    image = tf.io.decode_image(file, channels=3, expand_animations=False)
    image.set_shape((None, None, 3))
    size = (resolution, resolution)
    shrinks = tf.reduce_max(tf.shape(image)) > resolution
    image = tf.cond(
        shrinks,
        lambda: tf.image.resize(image, size, tf.image.ResizeMethod.AREA),
        lambda: tf.image.resize(image, size, tf.image.ResizeMethod.BILINEAR),
    )
    return tf.round(image) / 127.5 - 1.0
