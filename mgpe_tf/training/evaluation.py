"""Validation during training: scores and sample grids of the product on portraits that are not trained on."""

from __future__ import annotations

import functools

import keras
import numpy as np
import tensorflow as tf

from mgpe_tf.config import DataConfig
from mgpe_tf.data.grids import picture_grid
from mgpe_tf.data.pipeline import read_all, validation_batches
from mgpe_tf.data.source import Source

BATCH = 8
"""Portraits per validation batch and rows of a sample grid."""


class Evaluation:
    """Scores and pictures.

    Args:
      objective: see ``mgpe_tf.objectives``.
      product: the network that is judged (the averaged weights where there are any).
      source: the validation portraits.
      config: its ``validation_size`` limits their number.
    """

    def __init__(self, objective, product: keras.Model, source: Source, config: DataConfig):
        self._objective = objective
        self._dataset = validation_batches(source, BATCH, config.validation_size)
        self._validation = tf.function(lambda batch: objective.validation(product, batch), autograph=False)
        self._pictures = tf.function(lambda batch: objective.pictures(product, batch), autograph=False)

    @functools.cached_property
    def _batches(self) -> list[dict]:
        return read_all(self._dataset)

    def scores(self) -> dict[str, float]:
        """Scores over the validation portraits, by name; each portrait counts the same."""
        totals, count = {}, 0
        for batch in self._batches:
            size = int(batch["target_mask"].shape[0])
            for name, value in self._validation(batch).items():
                totals[name] = totals.get(name, 0) + size * value.numpy().astype(np.float64)
            count += size
        return self._objective.scores({name: total / count for name, total in totals.items()})

    def picture(self) -> np.ndarray:
        """A grid of the first validation portraits, uint8 RGB."""
        return picture_grid({name: value.numpy() for name, value in self._pictures(self._batches[0]).items()})
