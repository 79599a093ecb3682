"""The parser as a SavedModel, for TensorFlow Serving and any TensorFlow from 2.15 on, without this package."""

from __future__ import annotations

from pathlib import Path

import keras
import tensorflow as tf


def write_saved_model(network: keras.Model, resolution: int, folder: Path) -> None:
    """Writes the parser with two signatures, both for any number of images.

    "parse", also the default: ``images`` float32 [B, R, R, 3] in [-1, 1] -> ``label_map`` uint8 [B, R, R] and
    ``probabilities`` float32 [B, R, R, 11].

    "parse_encoded": ``images`` string [B], JPEG or PNG files of any size -> ``label_png`` string [B], 8-bit gray PNGs
    of ids, R x R. A picture is squeezed to the square, its transparency dropped, its EXIF orientation not applied.

    Args:
      network: from images to logits.
      resolution: R.
      folder: where to; made if it is missing.
    """

    def parse(images):
        logits = network(images, training=False)
        label_map = tf.cast(tf.argmax(logits, axis=-1), tf.uint8)
        return {"label_map": label_map, "probabilities": tf.nn.softmax(logits)}

    def parse_encoded(images):
        one = tf.TensorSpec((resolution, resolution, 3), tf.float32)
        decoded = tf.map_fn(lambda file: _decode(file, resolution), images, fn_output_signature=one)
        return {"label_png": tf.io.encode_png(parse(decoded)["label_map"][..., None])}

    batch = tf.TensorSpec((None, resolution, resolution, 3), tf.float32, "images")
    archive = keras.export.ExportArchive()  # told to track the network, it would store every variable twice
    archive.add_endpoint("parse", parse, [batch])
    archive.add_endpoint("parse_encoded", parse_encoded, [tf.TensorSpec((None,), tf.string, "images")])
    archive.write_out(str(folder), verbose=False)


def _decode(file, resolution: int):
    """An encoded picture -> float32 [R, R, 3] in [-1, 1], brought to its size as in training: by area means down."""
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
