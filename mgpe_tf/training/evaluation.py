"""Validation during training: scores and sample grids of the product on portraits that are not trained on."""

from __future__ import annotations

import functools
from collections.abc import Callable

import keras
import numpy as np

from mgpe_tf.config import DataConfig
from mgpe_tf.data.grids import picture_grid
from mgpe_tf.data.source import Source
from mgpe_tf.data.validation import validation_batches
from mgpe_tf.objectives.objective import Objective

BATCH = 8
"""Portraits per validation batch and rows of a sample grid."""


class Evaluation:
    """Scores and pictures.

    Args:
      objective: see ``mgpe_tf.objectives``.
      product: the network that is judged (the averaged weights where there are any).
      source: the validation portraits.
      config: its `validation_size` limits their number.
      compiled: makes a fast function of one that reads a batch by the networks (see ``runtime.Runtime``).
    """

    def __init__(
        self, objective: Objective, product: keras.Model, source: Source, config: DataConfig, compiled: Callable
    ):
        self._objective, self._source, self._size = objective, source, config.validation_size
        self._validation = compiled(lambda batch: objective.validation(product, batch))
        self._pictures = compiled(lambda batch: objective.pictures(product, batch))

    @functools.cached_property
    def _batches(self) -> list[dict]:
        return validation_batches(self._source, BATCH, self._size)

    def scores(self) -> dict[str, float]:
        """Scores over the validation portraits, by name; each portrait counts the same."""
        totals: dict[str, np.ndarray] = {}
        count = 0
        for batch in self._batches:
            size = len(batch["target_mask"])
            for name, value in self._validation(batch).items():
                totals[name] = totals.get(name, 0) + size * np.asarray(value, np.float64)
            count += size
        return self._objective.scores({name: total / count for name, total in totals.items()})

    def picture(self) -> np.ndarray:
        """A grid of the first validation portraits, uint8 RGB."""
        return picture_grid({name: np.asarray(value) for name, value in self._pictures(self._batches[0]).items()})
