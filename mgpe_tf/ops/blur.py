"""Means of pixels over a Gaussian window."""

from __future__ import annotations

import numpy as np
from keras import ops

from mgpe_tf.ops.tensor import Tensor


def gaussian_blur(values: Tensor, window: int, sigma: float) -> Tensor:
    """Each pixel's mean over a Gaussian window; at the borders the maps are continued by their mirror images.

    Args:
      values: float [B, H, W, 1].
      window: its height and width in pixels, odd.
      sigma: of the Gaussian in pixels.

    Returns:
      The same shape.
    """
    offsets = np.arange(window) - window // 2
    weights = np.exp(-(offsets**2) / (2 * sigma**2))
    weights = ops.convert_to_tensor((weights / weights.sum()).astype(np.float32))
    half = window // 2
    padded = ops.pad(values, ((0, 0), (half, half), (half, half), (0, 0)), mode="symmetric")
    rows = ops.conv(padded, ops.reshape(weights, (window, 1, 1, 1)), data_format="channels_last")
    return ops.conv(rows, ops.reshape(weights, (1, window, 1, 1)), data_format="channels_last")
