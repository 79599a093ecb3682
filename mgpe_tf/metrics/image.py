"""Measures of a picture against its original."""

from __future__ import annotations

import math

from keras import ops


def psnr(image, original, weight=None):
    """Peak signal-to-noise ratio, 10 log10(2^2 / mean squared error), averaged over the batch.

    Args:
      image, original: float [B, H, W, 3] in [-1, 1].
      weight: optional [B, H, W, 1], 1 where pixels count and 0 elsewhere; an image of which no pixel counts is
        treated as equal.

    Returns:
      float32 scalar, dB; equal images give 100 dB.
    """
    error = ops.mean(ops.square(ops.cast(image, "float32") - ops.cast(original, "float32")), axis=-1, keepdims=True)
    if weight is None:
        mean = ops.mean(error, axis=(1, 2, 3))
    else:
        mean = ops.sum(error * weight, axis=(1, 2, 3)) / ops.maximum(ops.sum(weight, axis=(1, 2, 3)), 1.0)
    return ops.mean(10 / math.log(10) * (math.log(4) - ops.log(ops.maximum(mean, 4e-10))))
