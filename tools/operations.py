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
      The count. Element-wise work, selection matrices and padding are not in it.
    """
    graph = tf.function(function).get_concrete_function(*specs).graph
    return sum(_macs(op) for op in _all_operations(graph))


def _all_operations(graph):
    yield from graph.get_operations()
    for function in graph._functions.values() if hasattr(graph, "_functions") else ():
        yield from function.graph.get_operations()


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
