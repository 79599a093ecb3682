"""The registration networks as a function on masks."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import tensorflow as tf

from mgpe_tf.models.flows import enlarged
from mgpe_tf.models.resting import CELLS, SOFT, STIFF, registration_network
from mgpe_tf.ops.one_hot import class_shares


class Registrations:
    """Flows between masks, by networks that are loaded when they are first needed.

    Args:
      folder: with the files ``resting.SOFT`` and ``STIFF``.
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
        return tf.function(registration_network(self._folder / (STIFF if stiff else SOFT)), autograph=False)
