"""Selection matrices: a window along one axis as a matrix of zeros and ones.

Cropping and placing by products with such matrices needs no gather kernel, so that both compile under XLA and are
linear with an exact gradient. Each output sums one product at most: the values pass unchanged in every floating type,
save where a GPU multiplies float32 matrices in TF32 (TensorFlow's default), which keeps 10 bits of the mantissa.
"""

from __future__ import annotations

from typing import Any

from keras import ops

from mgpe_tf.ops.tensor import Tensor


def selection_matrix(centres: Tensor, size: int, length: int, dtype: Any) -> Tensor:
    """The window of ``size`` positions about each centre, on an axis of ``length`` positions.

    Args:
      centres: int32 [B]; may lie outside the axis.
      size: positions in the window, centre - size // 2 to centre - size // 2 + size - 1.
      length: positions on the axis.
      dtype: the type of the tensor to be multiplied.

    Returns:
      [B, size, length], 1 where the row's window position is the column's axis position; rows off the axis are 0.
    """
    window = centres[:, None] - size // 2 + ops.arange(size, dtype="int32")
    return ops.cast(ops.equal(window[:, :, None], ops.arange(length, dtype="int32")), dtype)
