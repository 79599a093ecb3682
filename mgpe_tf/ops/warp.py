"""Resampling of images and label maps along affine maps and flows.

``keras.ops.image.affine_transform`` samples alike, but its TensorFlow kernel does not compile under XLA.
"""

from __future__ import annotations

from keras import ops

from mgpe_tf.ops.cubic import between
from mgpe_tf.ops.tensor import Tensor


def similarity_warp(images: Tensor, matrices: Tensor, interpolation: str = "bilinear") -> Tensor:
    """Resample every image through its own affine map, mirroring at the borders (d c b a | a b c d | d c b a).

    Args:
      images: [B, H, W, C]; floating for "bilinear", of any type for "nearest" (labels as [B, H, W, 1]).
      matrices: float [B, 2, 3], from output to input pixel coordinates (x, y); pixel centres lie on integers.
      interpolation: "bilinear" or "nearest" (for labels).

    Returns:
      [B, H, W, C] in the images' type (the blending itself is float32); differentiable in ``images``.
    """
    x, y = _input_coordinates(ops.cast(matrices, "float32"), *images.shape[1:3])
    return _sample(images, x, y, interpolation)


def flow_warp(images: Tensor, flow: Tensor, interpolation: str = "bilinear") -> Tensor:
    """Resample every image along its own flow: at p what the image has at p + f(p).

    Args:
      images: as for ``similarity_warp``, with the same borders.
      flow: float [B, H, W, 2], (right, down) in pixels; see ``mgpe_tf.ops.flow``.
      interpolation: as for ``similarity_warp``, or "cubic": "bilinear" among the pixels and those half way between
        them by cubic convolution, which keeps details that the former blurs.

    Returns:
      [B, H, W, C] in the images' type; differentiable in ``images`` and, by "bilinear", in ``flow``.
    """
    height, width = images.shape[1:3]
    flow = ops.cast(flow, "float32")
    x = ops.arange(width, dtype="float32") + flow[..., 0]
    y = ops.arange(height, dtype="float32")[:, None] + flow[..., 1]
    if interpolation == "cubic":
        return _sample(between(images), 2 * x, 2 * y, "bilinear")
    return _sample(images, x, y, interpolation)


def _sample(images: Tensor, x: Tensor, y: Tensor, interpolation: str) -> Tensor:
    """The images at positions x and y, float32 [B, H, W] each."""
    if interpolation == "nearest":
        return _read(images, ops.round(y), ops.round(x))
    pixels = ops.cast(images, "float32")
    left, top = ops.floor(x), ops.floor(y)
    dx, dy = (x - left)[..., None], (y - top)[..., None]

    def row(position: Tensor) -> Tensor:
        return (1 - dx) * _read(pixels, position, left) + dx * _read(pixels, position, left + 1)

    return ops.cast((1 - dy) * row(top) + dy * row(top + 1), images.dtype)


def _input_coordinates(matrices: Tensor, height: int, width: int) -> Tensor:
    """float [B, 2, 3] -> x and y, float [B, H, W] each.

    Written out rather than as a matrix product, which a GPU may round to TF32: 10 bits are too few for a coordinate.
    """
    columns = ops.arange(width, dtype="float32")
    rows = ops.arange(height, dtype="float32")[:, None]
    entry = matrices[:, :, :, None, None]
    return tuple(entry[:, i, 0] * columns + entry[:, i, 1] * rows + entry[:, i, 2] for i in (0, 1))


def _read(images: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """The pixels [B, H, W, C] at whole-numbered float positions [B, H, W], mirrored into the frame."""
    height, width, channels = images.shape[1:]
    batch = ops.arange(ops.shape(images)[0], dtype="int32")[:, None, None]
    flat = (batch * height + _mirrored(rows, height)) * width + _mirrored(columns, width)
    return ops.take(ops.reshape(images, (-1, channels)), flat, axis=0)


def _mirrored(positions: Tensor, length: int) -> Tensor:
    """Whole-numbered float positions -> int32 in 0..length-1."""
    folded = ops.mod(ops.cast(positions, "int32"), 2 * length)
    return ops.minimum(folded, 2 * length - 1 - folded)
