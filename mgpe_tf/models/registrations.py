"""The registration networks as a function on masks."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import tensorflow as tf

from mgpe_tf.models.resting import SOFT, STIFF, registration_network
from mgpe_tf.networks.carrying import flow_of_another, flow_of_own


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
        masks = (tf.constant(mask[None].astype(np.int32)) for mask in (source, target))
        found: np.ndarray = self._networks(stiff)(*masks).numpy()[0]
        return found

    def _load(self, stiff: bool) -> tf.types.experimental.PolymorphicFunction:
        network = registration_network(self._folder / (STIFF if stiff else SOFT))
        flow = flow_of_another if stiff else flow_of_own
        return tf.function(functools.partial(flow, network), autograph=False)
