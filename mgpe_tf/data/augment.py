"""Random changes of a training portrait, drawn from a seed alone: the same seed gives the same portrait."""

from __future__ import annotations

import tensorflow as tf

from mgpe_tf.config import AugmentationConfig
from mgpe_tf.data.changes import FAULT_DRAWS, LATER_DRAWS, change, has_faults, has_later

FAULTS, LATER = 1, 2
"""Folded into the seed for what spoils a picture, and for what came later still, so that the other draws stay what they
were before there was any."""


def augment(image, mask, config: AugmentationConfig, seed, partial: bool = False):
    """Flip, move and recolour one portrait with its mask, hide some of it, and take hair off the mask.

    Args:
      image, mask, config, partial: see ``changes.change``.
      seed: integer [2].

    Returns:
      (image, mask) as given.
    """
    seeds = tf.unstack(tf.random.split(seed, 4))
    chance = tf.random.stateless_uniform([], seeds[0])
    moves, colours, cut = (
        tf.random.stateless_uniform([n], own, -1.0, 1.0) for own, n in zip(seeds[1:], (4, 3, 3), strict=True)
    )
    faults = later = None
    if has_faults(config):
        noise, chances = tf.unstack(tf.random.split(tf.random.fold_in(seed, FAULTS), 2))
        faults = tf.random.stateless_normal(image.shape, noise), tf.random.stateless_uniform([FAULT_DRAWS], chances)
    if has_later(config):
        later = tf.random.stateless_uniform([LATER_DRAWS], tf.random.fold_in(seed, LATER))
    return change(image, mask, config, chance, moves, colours, cut, faults, later, partial)
