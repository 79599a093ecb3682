"""Counts the multiply-accumulate operations of a computation from its graph, not by hand."""

from __future__ import annotations

import math
from collections.abc import Callable

import tensorflow as tf


def count_macs(function: Callable, *specs: tf.TensorSpec) -> int:
    """Multiply-accumulate operations of convolutions and matrix products in ``function(*specs)``.

    Args:
      function: computes with TensorFlow or Keras; all its networks are built.
      specs: static shapes of its arguments.

    Returns:
      The count, a called function counted at each call. Element-wise work, selection matrices (einsum), loops and
      padding are not in it.
    """
    graph = tf.function(function).get_concrete_function(*specs).graph
    return sum(_macs(op) for op in _all_operations(graph))


def _all_operations(graph):
    """The graph's operations, those of a called function once for each of its calls."""
    for op in graph.get_operations():
        yield op
        if op.type.endswith("PartitionedCall"):
            yield from _all_operations(graph._get_function(op.get_attr("f").name).graph)


def _macs(op) -> int:
    if op.type == "Conv2D":
        return _size(op.outputs[0]) * _size(op.inputs[1]) // op.inputs[1].shape[-1]
    if op.type == "Conv2DBackpropInput":
        return _size(op.inputs[2]) * _size(op.inputs[1]) // op.inputs[1].shape[-1]
    if op.type == "MatMul":
        inner = op.inputs[0].shape[0 if op.get_attr("transpose_a") else 1]
        return _size(op.outputs[0]) * inner
    return 0


def _size(tensor) -> int:
    return math.prod(tensor.shape)
