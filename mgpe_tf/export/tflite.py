"""The parser as .tflite files, for phones and small computers.

All variants have one interface: one image [1, R, R, 3] in, logits [1, R, R, C] of the network's C classes out. Logits,
because both that users want follow from them at no cost worth naming: ids by the largest, probabilities by a softmax;
and because an arg max inside the file keeps it off the accelerators of many phones.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from mgpe_tf.models import metadata
from mgpe_tf.quiet import held_back_stderr

VARIANTS = ("float32", "float16", "dynamic", "int8")
"""float16 stores weights in half precision, dynamic in 8 bits; both compute on floats outside. int8 is integers
throughout, input and output included, on scales found with calibration images."""


def convert(network: keras.Model, resolution: int, variant: str, calibration: Sequence[np.ndarray] = ()) -> bytes:
    """The .tflite file of a variant, with ``metadata.describe`` in it.

    Args:
      network: from images to logits.
      resolution: R.
      variant: one of ``VARIANTS``. Images are float32 in [-1, 1]; for int8 the file says which integers these are.
      calibration: for int8, uint8 RGB [R, R, 3] each.
    """
    with tempfile.TemporaryDirectory() as folder:
        _write_single(network, resolution, folder)
        converter = new_converter(folder, variant)
        if variant == "int8":
            images = [np.float32(image)[None] / 127.5 - 1 for image in calibration]
            converter.representative_dataset = lambda: ([image] for image in images)
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
            converter.inference_input_type = converter.inference_output_type = tf.int8
        return converted(converter, metadata.describe(resolution, label_set=network.label_set))


def new_converter(folder: str, variant: str, signatures: Sequence[str] | None = None) -> tf.lite.TFLiteConverter:
    """The converter of a SavedModel, or some of its signatures, to a variant; for int8 it still needs its images."""
    converter = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=signatures)
    if variant != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if variant == "float16":
        converter.target_spec.supported_types = [tf.float16]
    return converter


def converted(converter: tf.lite.TFLiteConverter, facts: dict) -> bytes:
    """The .tflite file with ``metadata.describe``'s facts in it."""
    with held_back_stderr():  # the converter's native code reports its settings
        model = converter.convert()
    return metadata.attach(model, facts)


def _write_single(network: keras.Model, resolution: int, folder: str) -> None:
    """A SavedModel for one image at a time: on phones, sizes are best known beforehand."""
    archive = keras.export.ExportArchive()
    image = tf.TensorSpec((1, resolution, resolution, 3), tf.float32, "images")
    archive.add_endpoint("serving_default", lambda images: {"logits": network(images, training=False)}, [image])
    archive.write_out(folder, verbose=False)
