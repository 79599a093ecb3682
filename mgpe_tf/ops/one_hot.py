"""Masks as the networks read them."""

from __future__ import annotations

from keras import ops

from mgpe_tf.labels import NUM_CLASSES
from mgpe_tf.ops.tensor import Tensor


def one_hot_mask(mask: Tensor, dtype: str = "float32") -> Tensor:
    """Integer mask [B, H, W] -> one-hot [B, H, W, 11] in ``dtype``; ids outside 0..10 give zeros."""
    return ops.one_hot(ops.cast(mask, "int32"), NUM_CLASSES, dtype=dtype)


def class_shares(mask: Tensor, cells: int, classes: int = NUM_CLASSES) -> Tensor:
    """Integer mask [B, R, R] -> float32 [B, cells, cells, classes]: what each cell of a grid holds of each class.

    R is a multiple of ``cells``; ids outside 0..classes-1 count for nothing.
    """
    side = mask.shape[1] // cells
    pixels = ops.reshape(ops.cast(mask, "int32"), (-1, cells, side, cells, side))
    pixels = ops.reshape(ops.transpose(pixels, (0, 1, 3, 2, 4)), (-1, cells, cells, side**2))
    # One pixel of each cell after the other: a tenth of the time that a mean over one mask of all classes takes.
    counts = sum(ops.one_hot(pixels[..., i], classes, dtype="float32") for i in range(side**2))
    return counts / side**2
