"""Reflected borders, as inference pads: by one gather of pixels."""

from __future__ import annotations

import numpy as np
from keras import ops

from mgpe_tf.ops.tensor import Tensor


def reflect_pad(x: Tensor, pad: int) -> Tensor:
    """``ops.pad(x, ..., mode="reflect")`` on all four sides, the border pixel not repeated.

    TensorFlow's kernel for it copies number by number, this one a pixel's channels at once. Its gradient is slower, so
    in training the former is used.

    Args:
      x: [B, H, W, C], H and W larger than ``pad``.
      pad: pixels on each side.

    Returns:
      [B, H + 2 pad, W + 2 pad, C].
    """
    height, width, channels = x.shape[1:]
    rows, columns = (np.pad(np.arange(length, dtype="int32"), pad, mode="reflect") for length in (height, width))
    pixels = ops.take(ops.reshape(x, (-1, height * width, channels)), (rows[:, None] * width + columns).ravel(), axis=1)
    return ops.reshape(pixels, (-1, len(rows), len(columns), channels))
