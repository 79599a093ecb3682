"""Between channels and pixels. Keras's own operations are single kernels, in TFLite too; Keras 3.12, the last one for
Python 3.10, has none."""

from __future__ import annotations

from keras import ops

from mgpe_tf.ops.tensor import Tensor


def depth_to_space(x: Tensor, block: int) -> Tensor:
    """[B, H, W, block^2 C] -> [B, block H, block W, C]: a pixel's channels become block x block pixels, row by row."""
    if hasattr(ops, "depth_to_space"):
        return ops.depth_to_space(x, block)
    height, width, channels = x.shape[1:]
    x = ops.reshape(x, (-1, height, width, block, block, channels // block**2))
    x = ops.transpose(x, (0, 1, 3, 2, 4, 5))
    return ops.reshape(x, (-1, height * block, width * block, channels // block**2))


def space_to_depth(x: Tensor, block: int) -> Tensor:
    """[B, block H, block W, C] -> [B, H, W, block^2 C], the inverse of ``depth_to_space``."""
    if hasattr(ops, "space_to_depth"):
        return ops.space_to_depth(x, block)
    height, width, channels = x.shape[1:]
    x = ops.reshape(x, (-1, height // block, block, width // block, block, channels))
    x = ops.transpose(x, (0, 1, 3, 2, 4, 5))
    return ops.reshape(x, (-1, height // block, width // block, block**2 * channels))
