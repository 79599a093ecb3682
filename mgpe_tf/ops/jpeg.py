"""The loss of JPEG compression (ITU-T T.81, Annexes A and K), as a tensor operation on any backend."""

from __future__ import annotations

import numpy as np
from keras import ops

from mgpe_tf.ops.tensor import Tensor

_LUMINANCE = np.array(
    [
        (16, 11, 10, 16, 24, 40, 51, 61),
        (12, 12, 14, 19, 26, 58, 60, 55),
        (14, 13, 16, 24, 40, 57, 69, 56),
        (14, 17, 22, 29, 51, 87, 80, 62),
        (18, 22, 37, 56, 68, 109, 103, 77),
        (24, 35, 55, 64, 81, 104, 113, 92),
        (49, 64, 78, 87, 103, 121, 120, 101),
        (72, 92, 95, 98, 112, 100, 103, 99),
    ],
    np.float32,
)
_CHROMINANCE = np.full((8, 8), 99, np.float32)
_CHROMINANCE[:4, :4] = [(17, 18, 24, 47), (18, 21, 26, 66), (24, 26, 56, 99), (47, 66, 99, 99)]
"""Quantisation tables of quality 50 (tables K.1 and K.2)."""

_FREQUENCIES = np.arange(8)[:, None]
_COSINES = np.cos(np.pi * _FREQUENCIES * (2 * _FREQUENCIES.T + 1) / 16) * np.where(_FREQUENCIES, 0.5, 8**-0.5)
_COSINES = _COSINES.astype(np.float32)
"""The discrete cosine transform of eight samples, orthonormal."""

_TO_YCC = np.array([(0.299, -0.168736, 0.5), (0.587, -0.331264, -0.418688), (0.114, 0.5, -0.081312)], np.float32)
_TO_RGB = np.linalg.inv(_TO_YCC).astype(np.float32)


def jpeg(image: Tensor, quality: Tensor) -> Tensor:
    """A picture as a JPEG file of a quality has it, colours at half the resolution (4:2:0).

    Args:
      image: float RGB [H, W, 3], 0 to 255, of any size.
      quality: float scalar, 1 to 100, as libjpeg counts it.

    Returns:
      float32 of the same shape; not rounded, and perhaps a little beyond 0 and 255.
    """
    height, width = image.shape[:2]
    padded = ops.pad(ops.cast(image, "float32"), ((0, -height % 16), (0, -width % 16), (0, 0)), mode="symmetric")
    luminance, *chrominances = ops.unstack(ops.matmul(padded, ops.convert_to_tensor(_TO_YCC)), axis=-1)
    luminance = _quantised(luminance - 128, _table(_LUMINANCE, quality)) + 128
    table = _table(_CHROMINANCE, quality)
    planes = [luminance, *(_doubled(_quantised(_halved(plane), table)) for plane in chrominances)]
    return ops.matmul(ops.stack(planes, axis=-1), ops.convert_to_tensor(_TO_RGB))[:height, :width]


def _table(base: np.ndarray, quality: Tensor) -> Tensor:
    """The quantisation table of a quality, float [8, 8]."""
    scale = ops.where(quality < 50, 5000 / quality, 200 - 2 * quality)
    return ops.clip(ops.floor((ops.convert_to_tensor(base) * scale + 50) / 100), 1, 255)


def _quantised(plane: Tensor, table: Tensor) -> Tensor:
    """A plane [H, W] whose 8x8 blocks have coefficients of whole steps alone."""
    height, width = plane.shape
    cosines = ops.convert_to_tensor(_COSINES)
    blocks = ops.transpose(ops.reshape(plane, (height // 8, 8, width // 8, 8)), (0, 2, 1, 3))
    steps = ops.round(ops.matmul(ops.matmul(cosines, blocks), ops.transpose(cosines)) / table)
    blocks = ops.matmul(ops.matmul(ops.transpose(cosines), steps * table), cosines)
    return ops.reshape(ops.transpose(blocks, (0, 2, 1, 3)), (height, width))


def _halved(plane: Tensor) -> Tensor:
    """Means of 2x2 pixels."""
    height, width = plane.shape
    return ops.mean(ops.reshape(plane, (height // 2, 2, width // 2, 2)), axis=(1, 3))


def _doubled(plane: Tensor) -> Tensor:
    return ops.repeat(ops.repeat(plane, 2, axis=0), 2, axis=1)
