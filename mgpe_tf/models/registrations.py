"""The registration networks as a function on masks."""

from __future__ import annotations

import functools
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from mgpe_tf import labels
from mgpe_tf.models.checkpoints import strict_assign
from mgpe_tf.models.flows import enlarged
from mgpe_tf.models.weights import read_weights
from mgpe_tf.networks.registration import Registration
from mgpe_tf.ops.one_hot import class_shares

CELLS = 64
"""Cells a side that the networks read."""

FILES = {False: "soft.npz", True: "stiff.npz"}
"""The network for one's own mask that was changed, and that for another's."""


class Registrations:
    """Flows between masks, by networks that are loaded when they are first needed.

    Args:
      folder: with ``FILES``.
    """

    def __init__(self, folder: Path):
        self._folder = folder
        self._networks = functools.cache(self._load)

    def flow(self, source: np.ndarray, target: np.ndarray, stiff: bool) -> np.ndarray:
        """The flow f with target(p) = source(p + f(p)).

        Args:
          source, target: uint8 [R, R] Helen ids.
          stiff: of two people: faces keep their shape; else of one face that was changed.

        Returns:
          float32 [R, R, 2], (right, down) in pixels.
        """
        shares = (class_shares(tf.constant(mask[None]), CELLS) for mask in (source, target))
        return enlarged(self._networks(stiff)(*shares).numpy()[0], source.shape)

    def _load(self, stiff: bool) -> tf.types.experimental.PolymorphicFunction:
        path = self._folder / FILES[stiff]
        network = Registration()
        empty = keras.KerasTensor((1, CELLS, CELLS, labels.NUM_CLASSES))
        network(empty, empty)
        strict_assign({v.path: v for v in network.weights}, read_weights(path))
        return tf.function(network, autograph=False)
