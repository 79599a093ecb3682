"""The parser as a SavedModel, for TensorFlow Serving and any TensorFlow from 2.15 on, without this package."""

from __future__ import annotations

from pathlib import Path

import keras
import tensorflow as tf

from mgpe_tf.export.pictures import decode_pictures
from mgpe_tf.models import metadata
from mgpe_tf.models.parser_functions import deep_features


def write_saved_model(network: keras.Model, resolution: int, folder: Path) -> None:
    """Writes the parser with three signatures, all for any number of images, and what ``metadata.describe`` says.

    "parse", also the default: ``images`` float32 [B, R, R, 3] in [-1, 1] -> ``label_map`` uint8 [B, R, R] and
    ``probabilities`` float32 [B, R, R, C], of the classes of the network's label set.

    "parse_encoded": ``images`` string [B], JPEG or PNG files of any size -> ``label_png_bytes`` string [B], 8-bit gray
    PNGs of ids, R x R. A picture is squeezed to the square, its transparency dropped, its EXIF orientation not applied.

    "features": ``images`` as for "parse" -> ``features`` float32 [B, D], for distances between sets of portraits
    (``FaceParser.features``).

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
        return {"label_png_bytes": tf.io.encode_png(parse(decode_pictures(images, resolution))["label_map"][..., None])}

    batch = tf.TensorSpec((None, resolution, resolution, 3), tf.float32, "images")
    archive = keras.export.ExportArchive()  # told to track the network, it would store every variable twice
    archive.add_endpoint("parse", parse, [batch])
    archive.add_endpoint("parse_encoded", parse_encoded, [tf.TensorSpec((None,), tf.string, "images")])
    archive.add_endpoint("features", lambda images: {"features": deep_features(network, images)}, [batch])
    archive.write_out(str(folder), verbose=False)
    metadata.write_beside(folder, metadata.describe(resolution, label_set=network.label_set))
