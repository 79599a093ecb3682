"""Masks as the networks read them."""

from __future__ import annotations

from keras import ops

from mgpe_tf.labels import NUM_CLASSES


def one_hot_mask(mask, dtype: str = "float32"):
    """Integer mask [B, H, W] -> one-hot [B, H, W, 11] in ``dtype``; ids outside 0..10 give zeros."""
    return ops.one_hot(ops.cast(mask, "int32"), NUM_CLASSES, dtype=dtype)
