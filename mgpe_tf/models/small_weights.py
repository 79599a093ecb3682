"""Weights of a network in fewer bytes, for exported files that people download: the arithmetic stays float32. And back,
for a training that begins with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from mgpe_tf.networks.folding import fold, folded_values, normalised

LARGE = 100_000
"""Kernels of more numbers are stored in 8 bits: few layers, of which an editor's most bytes are."""

SCALES = "_scales"
"""The ending of the name of the variable with the scales of an 8-bit kernel."""


class SmallWeights:
    """The weights of some networks as variables of fewer bytes, which are enlarged whenever they are read.

    Kernels of more than ``LARGE`` numbers are rounded to 8 bits with one scale for each output channel, smaller ones to
    half precision; vectors, which are few, stay as they are. Each is named as the weight that it stands for.

    Args:
      networks: built ones.
    """

    def __init__(self, *networks: keras.Model):
        weights = [weight for network in networks for weight in network.weights]
        self._readers = [(weight, _stored(weight)) for weight in weights]

    def used_by(self, function: Callable) -> Callable:
        """The same function of tensors, with these weights in the place of the networks' own."""

        def with_small_weights(*args, **kwargs):
            with keras.StatelessScope(self._read()):
                return function(*args, **kwargs)

        return with_small_weights

    def _read(self) -> list[tuple[keras.Variable, tf.Tensor]]:
        """Each weight and what is stored of it, as float32."""
        return [(weight, read()) for weight, read in self._readers]


class FoldedSmallWeights(SmallWeights):
    """Small weights of a network, read by its twin without normalisations: stored by the names with which a training
    begins, and folded whenever they are read, which takes less time than to normalise.

    Args:
      network: a built one.
      twin: the same, which is folded.
    """

    def __init__(self, network: keras.Model, twin: keras.Model):
        super().__init__(network)
        self._layers = list(zip(normalised(network), normalised(twin), strict=True))
        fold(twin)
        own = {weight.path: weight for weight in network.weights}
        self._same = [(weight, own[weight.path]) for weight in twin.weights if weight.path in own]

    def used_by(self, function: Callable) -> Callable:
        """The same function of tensors, by the twin, with these weights."""

        def with_folded_weights(*args, **kwargs):
            with keras.StatelessScope(self._read()):
                values = [(weight, own.value) for weight, own in self._same]
                for layer, twin in self._layers:
                    values += zip((twin.conv.kernel, twin.conv.bias), folded_values(layer.conv, layer.norm))
            with keras.StatelessScope(values):
                return function(*args, **kwargs)

        return with_folded_weights


def _stored(weight: keras.Variable) -> Callable[[], tf.Tensor]:
    """A variable of the weight in fewer bytes, as a function that reads it as float32."""
    values = tf.convert_to_tensor(weight)
    if len(values.shape) < 2:
        return tf.Variable(values, trainable=False, name=weight.path).value
    if values.shape.num_elements() <= LARGE:
        half = tf.Variable(tf.cast(values, tf.float16), trainable=False, name=weight.path)
        return lambda: tf.cast(half, tf.float32)
    scales = tf.maximum(tf.reduce_max(tf.abs(values), axis=list(range(len(values.shape) - 1))), 1e-12) / 127
    integers = tf.Variable(tf.cast(tf.round(values / scales), tf.int8), trainable=False, name=weight.path)
    scales = tf.Variable(scales, trainable=False, name=weight.path + SCALES)
    return lambda: tf.cast(integers, tf.float32) * scales


def read_small_weights(folder: Path) -> dict[str, np.ndarray]:
    """The weights that were exported to a SavedModel as ``SmallWeights``, by their paths; of one that was exported
    otherwise, arrays by other names.

    Loading a SavedModel is running its code: docs/explanation/security.md.
    """
    model = tf.saved_model.load(str(folder))
    variables = [variable for signature in model.signatures.values() for variable in signature.variables]
    stored = {variable.name.removesuffix(":0"): variable.numpy() for variable in variables}
    scales = {name.removesuffix(SCALES): stored.pop(name) for name in list(stored) if name.endswith(SCALES)}
    return {name: values.astype(np.float32) * scales.get(name, np.float32(1)) for name, values in stored.items()}
