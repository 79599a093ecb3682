"""The parser as a SavedModel, for TensorFlow Serving and any TensorFlow from 2.15 on, without this package."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from pathlib import Path

import keras
import tensorflow as tf

from mgpe_tf.config import ParserConfig
from mgpe_tf.export.pictures import decode_pictures
from mgpe_tf.models import metadata
from mgpe_tf.models.parser_functions import deep_features
from mgpe_tf.models.small_weights import SmallWeights
from mgpe_tf.ops.classes import to_helen


def write_saved_model(
    network: keras.Model, resolution: int, folder: Path, small: tuple[SmallWeights, ParserConfig] | None = None
) -> None:
    """Writes the parser with three signatures, all for any number of images, and what ``metadata.describe`` says.

    "parse", also the default: ``images`` float32 [B, R, R, 3] in [-1, 1] -> ``label_map`` uint8 [B, R, R] and
    ``probabilities`` float32 [B, R, R, C], of the classes of the network's label set; where that is not Helen's, also
    ``helen_label_map`` uint8 [B, R, R], of Helen's eleven classes.

    "parse_encoded": ``images`` string [B], JPEG or PNG files of any size -> ``label_png_bytes`` string [B], 8-bit gray
    PNGs of ids, R x R. A picture is squeezed to the square, its transparency dropped, its EXIF orientation not applied.

    "features": ``images`` as for "parse" -> ``features`` float32 [B, D], for distances between sets of portraits
    (``FaceParser.features``).

    Args:
      network: from images to logits.
      resolution: R.
      folder: where to; made if it is missing.
      small: its weights in fewer bytes, to be stored in their place, and the network's config, by which
        ``keras_parsers`` reads it again.
    """

    def unchanged(function: Callable) -> Callable:
        return function

    stored = small[0].used_by if small else unchanged
    read, features = stored(lambda images: network(images, training=False)), stored(partial(deep_features, network))

    def parse(images):
        logits = read(images)
        label_map = tf.cast(tf.argmax(logits, axis=-1), tf.uint8)
        found = {"label_map": label_map, "probabilities": tf.nn.softmax(logits)}
        if network.label_set != "helen":
            helen = tf.argmax(to_helen(found["probabilities"]), axis=-1)
            found["helen_label_map"] = tf.cast(helen, tf.uint8)
        return found

    def parse_encoded(images):
        return {"label_png_bytes": tf.io.encode_png(parse(decode_pictures(images, resolution))["label_map"][..., None])}

    batch = tf.TensorSpec((None, resolution, resolution, 3), tf.float32, "images")
    archive = keras.export.ExportArchive()  # told to track the network, it would store every variable twice
    archive.add_endpoint("parse", parse, [batch])
    archive.add_endpoint("parse_encoded", parse_encoded, [tf.TensorSpec((None,), tf.string, "images")])
    archive.add_endpoint("features", lambda images: {"features": features(images)}, [batch])
    archive.write_out(str(folder), verbose=False)
    facts = metadata.describe(resolution, label_set=network.label_set)
    metadata.write_beside(folder, {**facts, "network": dataclasses.asdict(small[1])} if small else facts)
