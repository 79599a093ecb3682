"""Counts the multiply-accumulate operations of a computation from its graph, not by hand."""

from __future__ import annotations

import math
from collections.abc import Callable

import tensorflow as tf


def count_macs(function: Callable, *inputs) -> int:
    """Multiply-accumulate operations of the convolutions and matrix products that ``function(*inputs)`` needs.

    Args:
      function: computes with TensorFlow or Keras and returns tensors; all its networks are built.
      inputs: its arguments, nested structures of tensors or of ``tf.TensorSpec`` with static shapes.

    Returns:
      The count, a called function counted at each call. What the results do not depend on is not in it, nor are
      element-wise work, selection matrices (crop and place), loops and padding.
    """
    graph = tf.function(function, autograph=False).get_concrete_function(*inputs).graph
    return sum(_macs(op) for op in _needed(graph))


def _needed(graph):
    """The operations on which the graph's outputs depend, those of a called function once for each of its calls."""
    waiting, seen = [tensor.op for tensor in graph.outputs], set()
    while waiting:
        op = waiting.pop()
        if op in seen:
            continue
        seen.add(op)
        waiting += [tensor.op for tensor in op.inputs]
        yield op
        if op.type.endswith("PartitionedCall"):
            yield from _needed(graph._get_function(op.get_attr("f").name).graph)


def _macs(op) -> int:
    if op.type == "Conv2D":
        return _size(op.outputs[0]) * _size(op.inputs[1]) // op.inputs[1].shape[-1]
    if op.type == "Conv2DBackpropInput":  # a transposed convolution: every input value meets the whole kernel
        return _size(op.inputs[2]) * _size(op.inputs[1]) // op.inputs[1].shape[-1]
    if op.type == "MatMul":
        inner = op.inputs[0].shape[0 if op.get_attr("transpose_a") else 1]
        return _size(op.outputs[0]) * inner
    return 0


def _size(tensor) -> int:
    return math.prod(tensor.shape)
