"""Weights of a network in fewer bytes, for exported files that people download: the arithmetic stays float32."""

from __future__ import annotations

from collections.abc import Callable

import keras
import tensorflow as tf

LARGE = 250_000
"""Kernels of more numbers are stored in 8 bits: few layers, of which an editor's most bytes are."""


class SmallWeights:
    """The weights of some networks as variables of fewer bytes, which are enlarged whenever they are read.

    Kernels of more than ``LARGE`` numbers are rounded to 8 bits with one scale for each output channel, smaller ones to
    half precision; vectors, which are few, stay as they are.

    Args:
      networks: built ones.
    """

    def __init__(self, *networks: keras.Model):
        weights = [weight for network in networks for weight in network.weights]
        self._readers = [(weight, _stored(weight)) for weight in weights if len(weight.shape) > 1]

    def used_by(self, function: Callable) -> Callable:
        """The same function of tensors, with these weights in the place of the networks' own."""

        def with_small_weights(*args, **kwargs):
            with keras.StatelessScope([(weight, read()) for weight, read in self._readers]):
                return function(*args, **kwargs)

        return with_small_weights


def _stored(weight: keras.Variable) -> Callable[[], tf.Tensor]:
    """A variable of the weight in fewer bytes, as a function that reads it as float32."""
    values = tf.convert_to_tensor(weight)
    if values.shape.num_elements() <= LARGE:
        half = tf.Variable(tf.cast(values, tf.float16), trainable=False, name=weight.name)
        return lambda: tf.cast(half, tf.float32)
    scales = tf.maximum(tf.reduce_max(tf.abs(values), axis=list(range(len(values.shape) - 1))), 1e-12) / 127
    integers = tf.Variable(tf.cast(tf.round(values / scales), tf.int8), trainable=False, name=weight.name)
    scales = tf.Variable(scales, trainable=False, name=f"{weight.name}_scales")
    return lambda: tf.cast(integers, tf.float32) * scales
