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
    rows, columns = (
        ops.convert_to_tensor(cubic_matrix(length, new), dtype=maps.dtype)
        for length, new in zip(maps.shape[1:3], size, strict=True)
    )
    return ops.einsum("jq,biqc->bijc", columns, ops.einsum("ip,bpqc->biqc", rows, maps))


def between(maps: Tensor) -> Tensor:
    """Float [B, h, w, C] -> [B, 2 h, 2 w, C]: the values, and those half way to the next ones."""
    height, width, channels = maps.shape[1:]
    rows = ops.reshape(ops.stack([maps, _half_way(maps, 1)], axis=2), (-1, 2 * height, width, channels))
    return ops.reshape(ops.stack([rows, _half_way(rows, 2)], axis=3), (-1, 2 * height, 2 * width, channels))


def _half_way(maps: Tensor, axis: int) -> Tensor:
    """What lies half way from each value to the next along an axis of at least two."""
    length = maps.shape[axis]

    def part(values: Tensor, first: int, count: int = 1) -> Tensor:
        return values[:, first : first + count] if axis == 1 else values[:, :, first : first + count]

    end = part(maps, length - 1)
    step = end - part(maps, length - 2)
    longer = ops.concatenate([2 * part(maps, 0) - part(maps, 1), maps, end + step, end + 2 * step], axis=axis)
    before, here, there, after = (part(longer, i, length) for i in range(4))
    return (9 * (here + there) - before - after) / 16


@functools.lru_cache(maxsize=32)
def cubic_matrix(length: int, size: int) -> np.ndarray:
    """Float32 [size, length]: what each new position takes of each old one, size >= length >= 2.

    Both grids have their centres half a step from the frame's ends. Beyond the ends the old one goes on linearly.
    """
    matrix = np.zeros((size, length))
    positions = (np.arange(size) + 0.5) * length / size - 0.5
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
