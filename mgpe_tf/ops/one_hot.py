"""Masks as the networks read them."""

from __future__ import annotations

from keras import ops

from mgpe_tf.labels import NUM_CLASSES
from mgpe_tf.ops.tensor import Tensor


def one_hot_mask(mask: Tensor, dtype: str = "float32") -> Tensor:
    """Integer mask [B, H, W] -> one-hot [B, H, W, 11] in ``dtype``; ids outside 0..10 give zeros."""
    return ops.one_hot(ops.cast(mask, "int32"), NUM_CLASSES, dtype=dtype)
