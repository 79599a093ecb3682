"""Between stored pixels and the networks' range."""

from __future__ import annotations

import keras
from keras import ops

from mgpe_tf.ops.tensor import Tensor


def to_float(image: Tensor) -> Tensor:
    """uint8 [...] in 0..255 -> Keras's default float in [-1, 1]."""
    return ops.cast(image, keras.config.floatx()) / 127.5 - 1.0
