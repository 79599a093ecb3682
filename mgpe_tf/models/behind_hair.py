"""What lies behind a portrait's hair, by a network."""

from __future__ import annotations

import functools
from pathlib import Path

import cv2
import keras
import numpy as np
import tensorflow as tf

from mgpe_tf.labels import NUM_PARTS, PARTS
from mgpe_tf.models.checkpoints import strict_assign
from mgpe_tf.models.resting import CELLS
from mgpe_tf.models.weights import read_weights
from mgpe_tf.networks.behind_hair import BehindHair
from mgpe_tf.ops.one_hot import class_shares

ABOVE = tuple(PARTS[name] for name in ("hair", "hat", "eye_g", "ear_r"))
"""Parts that are not taken to be behind hair: a hat lies over it, and things that one wears nobody can guess."""

NEVER = -1e4
"""Their logit."""

FILE = "behind_hair.npz"
"""Of the network's weights."""


class PartsBehindHair:
    """Completes masks of nineteen classes, by a network that is loaded when it is first needed.

    Args:
      folder: with the file ``FILE``.
    """

    def __init__(self, folder: Path):
        self._folder = folder
        self._network = functools.cache(self._load)

    def __call__(self, parts: np.ndarray) -> np.ndarray:
        """A mask without hair: uint8 [R, R] of CelebAMask-HQ's ids -> the same, with what hair hides in its place."""
        shares = class_shares(tf.constant(parts[None]), CELLS, NUM_PARTS)
        logits = self._network()(shares).numpy()[0]
        logits[..., list(ABOVE)] = NEVER
        logits = cv2.resize(logits, parts.shape[::-1], interpolation=cv2.INTER_LINEAR)
        return np.where(parts == PARTS["hair"], logits.argmax(axis=-1), parts).astype(np.uint8)

    def _load(self) -> tf.types.experimental.PolymorphicFunction:
        network = BehindHair()
        network(keras.KerasTensor((1, CELLS, CELLS, NUM_PARTS)))
        strict_assign({v.path: v for v in network.weights}, read_weights(self._folder / FILE))
        return tf.function(network, autograph=False)
