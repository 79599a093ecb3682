"""Predictions of one set of classes as those of another that merges them."""

from __future__ import annotations

from keras import ops

from mgpe_tf.labels import HELEN_SUMS, NUM_CLASSES, PARTS_TO_HELEN
from mgpe_tf.ops.tensor import Tensor

MERGED = tuple(tuple(part for part, own in enumerate(PARTS_TO_HELEN) if own == helen) for helen in range(NUM_CLASSES))
"""The parts of each of Helen's classes."""


def to_helen(probabilities: Tensor) -> Tensor:
    """Probabilities of the nineteen parts, float [..., 19] -> of Helen's classes, [..., 11], by sums."""
    return ops.matmul(probabilities, ops.convert_to_tensor(HELEN_SUMS, dtype=probabilities.dtype))


def helen_logits(logits: Tensor) -> Tensor:
    """Logits of the nineteen parts, float [..., 19] -> of Helen's classes, [..., 11].

    Their softmax is ``to_helen`` of the parts' softmax.
    """
    sums = [ops.logsumexp(ops.take(logits, list(parts), axis=-1), axis=-1) for parts in MERGED]
    return ops.stack(sums, axis=-1)
