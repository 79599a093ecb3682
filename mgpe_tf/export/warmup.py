"""Requests that TensorFlow Serving sends to a model before it says that it is ready: no user waits for the first.

They are ``PredictionLog`` messages of tensorflow/serving's prediction_log.proto in a TFRecord file. That package cannot
be installed beside tensorflow-cpu, and of its messages four nested ones are needed, so their bytes are put together
here (protocol buffers' wire format: tag, length, content).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import tensorflow as tf

from mgpe_tf.data.images import encode_png

FILE = Path("assets.extra") / "tf_serving_warmup_requests"
"""Where TensorFlow Serving looks for them in a SavedModel."""


BLANK = encode_png(np.zeros((16, 16, 3), np.uint8))
"""A PNG file."""


def write_warmup(saved_model: Path, name: str, requests: Mapping[str, Mapping]) -> None:
    """Writes the file.

    Args:
      saved_model: folder of a SavedModel.
      name: of the model.
      requests: by signature, its inputs as TensorProto by name.
    """
    path = saved_model / FILE
    path.parent.mkdir(exist_ok=True)
    with tf.io.TFRecordWriter(str(path)) as writer:
        for signature, inputs in requests.items():
            writer.write(_prediction_log(name, signature, inputs))


def constant(value, kind: tf.DType, *shape: int):
    """A tensor full of one value, which takes a few bytes whatever its shape."""
    tensor = tf.make_tensor_proto(value, kind)
    tensor.tensor_shape.CopyFrom(tf.TensorShape(shape).as_proto())
    return tensor


def encoded(picture: bytes):
    """A batch of one encoded picture."""
    return tf.make_tensor_proto([picture], tf.string)


def _prediction_log(name: str, signature: str, inputs: Mapping) -> bytes:
    """PredictionLog{predict_log{request{model_spec{name, signature_name}, inputs}}}."""
    model_spec = _field(1, name.encode()) + _field(3, signature.encode())
    entries = (_field(1, key.encode()) + _field(2, tensor.SerializeToString()) for key, tensor in inputs.items())
    request = _field(1, model_spec) + b"".join(_field(2, entry) for entry in entries)
    return _field(6, _field(1, request))


def _field(number: int, content: bytes) -> bytes:
    """A field of bytes, text or a message."""
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    """Seven bits at a time, the lowest first; the top bit says that more follow."""
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])
