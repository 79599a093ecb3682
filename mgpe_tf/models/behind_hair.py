"""What lies behind a portrait's hair, by networks: which parts, and what these look like."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

import cv2
import keras
import numpy as np
import tensorflow as tf

from mgpe_tf.labels import NUM_PARTS, PARTS
from mgpe_tf.models.resting import CELLS, trained
from mgpe_tf.networks.behind_hair import BehindHair
from mgpe_tf.networks.uncovering import Uncovering
from mgpe_tf.ops.one_hot import class_shares

ABOVE = tuple(PARTS[name] for name in ("hair", "hat", "eye_g", "ear_r"))
"""Parts that are not taken to be behind hair: a hat lies over it, and things that one wears nobody can guess."""

NEVER = -1e4
"""Their logit."""

PARTS_FILE = "behind_hair.npz"
"""Of the weights of the network that tells the parts."""

PIXELS = 128
"""Pixels a side of the portraits that the other network reads."""

PIXELS_FILE = "uncovering.npz"
"""Of its weights."""


class WithoutHair:
    """Portraits without their hair, by networks that are loaded when they are first needed.

    Args:
      folder: with the files ``PARTS_FILE`` and ``PIXELS_FILE``.
    """

    def __init__(self, folder: Path):
        self._telling = functools.cache(lambda: _compiled(BehindHair(), folder / PARTS_FILE, CELLS, (NUM_PARTS,)))
        self._showing = functools.cache(
            lambda: _compiled(Uncovering(), folder / PIXELS_FILE, PIXELS, (3, 1, NUM_PARTS))
        )

    def parts(self, parts: np.ndarray) -> np.ndarray:
        """A mask without hair: uint8 [R, R] of CelebAMask-HQ's ids -> the same, with what hair hides in its place."""
        shares = class_shares(tf.constant(parts[None]), CELLS, NUM_PARTS)
        logits = self._telling()(shares).numpy()[0]
        logits[..., list(ABOVE)] = NEVER
        logits = cv2.resize(logits, parts.shape[::-1], interpolation=cv2.INTER_LINEAR)
        return np.where(parts == PARTS["hair"], logits.argmax(axis=-1), parts).astype(np.uint8)

    def pixels(self, portrait: np.ndarray, known: np.ndarray, behind: np.ndarray) -> np.ndarray:
        """A portrait without hair, smooth.

        Args:
          portrait: uint8 RGB [R, R, 3].
          known: bool [R, R], where no hair hides it.
          behind: its parts without hair, uint8 [R, R] of CelebAMask-HQ's ids.

        Returns:
          float32 [R, R, 3] in levels of 255; of the background it tells little.
        """
        size, seen = (PIXELS, PIXELS), known.astype(np.float32)
        share = cv2.resize(seen, size, interpolation=cv2.INTER_AREA)[..., None]
        total = cv2.resize(portrait * seen[..., None], size, interpolation=cv2.INTER_AREA)
        images = total / np.maximum(share, 1e-3) / 127.5 - 1
        side = max(len(behind) // PIXELS, 1) * PIXELS
        parts = cv2.resize(behind, (side, side), interpolation=cv2.INTER_NEAREST)
        shares = class_shares(tf.constant(parts[None]), PIXELS, NUM_PARTS)
        whole = (share >= 1).astype(np.float32)
        found = self._showing()(tf.constant(images[None]), tf.constant(whole[None]), shares).numpy()[0]
        larger = cv2.resize(found, portrait.shape[1::-1], interpolation=cv2.INTER_CUBIC)
        return np.clip(127.5 * (larger + 1), 0, 255).astype(np.float32)


def _compiled(
    network: keras.Model, path: Path, size: int, channels: Sequence[int]
) -> tf.types.experimental.PolymorphicFunction:
    """A network of inputs [1, size, size, C] with the weights of a file, compiled."""
    return tf.function(trained(network, path, *((1, size, size, count) for count in channels)), autograph=False)
