"""Random changes of a training portrait, drawn from a seed alone: the same seed gives the same portrait."""

from __future__ import annotations

import tensorflow as tf

from mgpe_tf.config import AugmentationConfig
from mgpe_tf.data.changes import change


def augment(image, mask, config: AugmentationConfig, seed):
    """Flip, move and recolour one portrait with its mask, and take hair off the mask.

    Args:
      image, mask, config: see ``changes.change``.
      seed: integer [2].

    Returns:
      (image, mask) as given.
    """
    seeds = tf.unstack(tf.random.split(seed, 4))
    chance = tf.random.stateless_uniform([], seeds[0])
    draws = (tf.random.stateless_uniform([n], seeds[i], -1.0, 1.0) for i, n in ((1, 4), (2, 3), (3, 3)))
    return change(image, mask, config, chance, *draws)
