"""Probabilities of one set of classes as those of another that merges them."""

from __future__ import annotations

import numpy as np
from keras import ops

from mgpe_tf.labels import NUM_CLASSES, PARTS_TO_HELEN
from mgpe_tf.ops.tensor import Tensor


def to_helen(probabilities: Tensor) -> Tensor:
    """Probabilities of the nineteen parts, float [..., 19] -> of Helen's classes, [..., 11], by sums."""
    merging = np.eye(NUM_CLASSES, dtype="float32")[list(PARTS_TO_HELEN)]
    return ops.matmul(probabilities, ops.convert_to_tensor(merging, dtype=probabilities.dtype))
