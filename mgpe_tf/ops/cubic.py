"""Smooth enlargement of coarse maps by cubic convolution (Keys 1981, "Cubic convolution interpolation for digital image
processing", a = -1/2), as products with matrices.

Unlike the cubic resizing of most libraries (a = -3/4) it leaves linear maps linear, borders included, so an enlarged
flow does not ripple. Products are alike on every backend and in TFLite.
"""

from __future__ import annotations

import functools

import numpy as np
from keras import ops

from mgpe_tf.ops.tensor import Tensor


def cubic_enlarge(maps: Tensor, size: tuple[int, int]) -> Tensor:
    """Float [B, h, w, C] -> [B, H, W, C]: values at the centres of a finer grid over the same frame."""
    return _product(maps, *(cubic_matrix(length, new) for length, new in zip(maps.shape[1:3], size, strict=True)))


def between(maps: Tensor) -> Tensor:
    """Float [B, h, w, C] -> [B, 2 h, 2 w, C]: the values, and those half way to the next ones."""
    return _product(maps, *(_matrix(length, np.arange(2 * length) / 2) for length in maps.shape[1:3]))


def _product(maps: Tensor, *matrices: np.ndarray) -> Tensor:
    rows, columns = (ops.convert_to_tensor(matrix, dtype=maps.dtype) for matrix in matrices)
    return ops.einsum("jq,biqc->bijc", columns, ops.einsum("ip,bpqc->biqc", rows, maps))


@functools.lru_cache(maxsize=32)
def cubic_matrix(length: int, size: int) -> np.ndarray:
    """Float32 [size, length]: what each new position takes of each old one, size >= length >= 2.

    Both grids have their centres half a step from the frame's ends. Beyond the ends the old one goes on linearly.
    """
    return _matrix(length, (np.arange(size) + 0.5) * length / size - 0.5)


def _matrix(length: int, positions: np.ndarray) -> np.ndarray:
    """What each position takes of each value, float32 [len(positions), length]."""
    size = len(positions)
    matrix = np.zeros((size, length))
    first = np.floor(positions).astype(int) - 1
    for index in (first + tap for tap in range(4)):
        weight = _kernel(np.abs(positions - index))
        inside = np.clip(index, 0, length - 1)
        neighbour = np.where(index < 0, 1, length - 2)
        beyond = np.abs(index - inside)
        np.add.at(matrix, (np.arange(size), inside), weight * (1 + beyond))
        np.add.at(matrix, (np.arange(size), neighbour), -weight * beyond)
    return matrix.astype(np.float32)


def _kernel(distance: np.ndarray) -> np.ndarray:
    """Keys's weights at distances from 0 to 2."""
    near = (1.5 * distance - 2.5) * distance**2 + 1
    far = ((-0.5 * distance + 2.5) * distance - 4) * distance + 2
    return np.where(distance < 1, near, np.where(distance < 2, far, 0.0))
