"""The similarity by which one mask's face lies on another's: a turn, a scale and a shift."""

from __future__ import annotations

import numpy as np
from keras import ops

from mgpe_tf import labels
from mgpe_tf.ops.tensor import Tensor

WEIGHTS = {
    labels.SKIN: 1.0,
    labels.LEFT_BROW: 2.0,
    labels.RIGHT_BROW: 2.0,
    labels.LEFT_EYE: 3.0,
    labels.RIGHT_EYE: 3.0,
    labels.NOSE: 2.0,
    labels.UPPER_LIP: 2.0,
    labels.INNER_MOUTH: 1.0,
    labels.LOWER_LIP: 2.0,
}
"""How much the centre of each class counts; hair is worn in any shape."""

LEAST = 1.0
"""Cells that a class must fill to count."""

CAUTION = 0.1
"""Square cells that are added to the variance of the centres, as if of a pair that is not turned: where few classes are
seen, little is turned."""


def face_similarity(source: Tensor, target: Tensor) -> Tensor:
    """The map from positions in the target to those in the source, by least squares over the centres of the classes.

    Args:
      source, target: what cells of a grid hold of each class (``class_shares``), float [B, H, W, 11].

    Returns:
      float [B, 2, 3], of positions (x, y) in cells, whose centres lie on integers; the identity where no class of a
      face is seen in both.
    """
    table = np.array([WEIGHTS.get(label, 0.0) for label in range(labels.NUM_CLASSES)], np.float32)
    (x, y, sizes), (to_x, to_y, to_sizes) = _centres(target), _centres(source)
    weights = ops.where(ops.minimum(sizes, to_sizes) >= LEAST, table, 0.0)
    weights = weights / ops.maximum(ops.sum(weights, axis=-1, keepdims=True), 1e-6)

    def mean(values: Tensor) -> Tensor:
        return ops.sum(weights * values, axis=-1, keepdims=True)

    left, top, to_left, to_top = (mean(values) for values in (x, y, to_x, to_y))
    x, y, to_x, to_y = x - left, y - top, to_x - to_left, to_y - to_top
    variance = mean(x * x + y * y) + CAUTION
    cosine, sine = (mean(to_x * x + to_y * y) + CAUTION) / variance, mean(to_y * x - to_x * y) / variance
    right, down = to_left - (cosine * left - sine * top), to_top - (sine * left + cosine * top)
    rows = ops.concatenate([cosine, -sine, right], axis=-1), ops.concatenate([sine, cosine, down], axis=-1)
    return ops.stack(rows, axis=1)


def _centres(shares: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """x and y of each class's centre, and how many cells it fills, [B, 11] each."""
    height, width = shares.shape[1:3]
    columns, rows = ops.arange(width, dtype="float32"), ops.arange(height, dtype="float32")
    sizes = ops.sum(shares, axis=(1, 2))
    some = ops.maximum(sizes, 1e-6)
    x = ops.sum(ops.sum(shares, axis=1) * columns[None, :, None], axis=1) / some
    y = ops.sum(ops.sum(shares, axis=2) * rows[None, :, None], axis=1) / some
    return x, y, sizes
