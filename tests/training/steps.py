"""A few training steps without a run folder."""

from __future__ import annotations

import keras
import tensorflow as tf

from mgpe_tf.config import Config
from mgpe_tf.data.open import open_source
from mgpe_tf.data.pipeline import drain, is_paired, training_batches
from mgpe_tf.training.loop import make_objective
from mgpe_tf.training.precision import set_precision
from mgpe_tf.training.state import TrainingState
from mgpe_tf.training.step import TrainStep


class Steps:
    """A fresh run over a strategy's replicas; ``take`` goes on. Its terms are lists of floats by kind/symbol."""

    def __init__(self, config: Config, strategy: tf.distribute.Strategy | None = None, wrap=lambda o: o):
        self.config = config
        strategy = strategy or tf.distribute.OneDeviceStrategy("CPU:0")
        set_precision(config.training.precision)
        keras.utils.set_random_seed(config.training.seed)
        with strategy.scope():
            objective, average = make_objective(config)
            self.state = TrainingState(objective, config.training, average)
        self.step = TrainStep(wrap(objective), self.state, strategy, config)
        self.unpaired = config.task == "editor" and config.training.unpaired
        self.source, self.strategy, self.terms = open_source(config.data, "train"), strategy, {}

    def take(self, count: int) -> Steps:
        """Takes steps."""
        options, reading = self.config.training, tf.Variable(True)
        batches = iter(
            self.strategy.distribute_datasets_from_function(
                lambda context: training_batches(
                    self.source,
                    self.config.data,
                    batch_size=options.batch_size,
                    seed=options.seed,
                    unpaired=self.unpaired,
                    first_step=self.state.step,
                    input_context=context,
                    reading=reading,
                )
            )
        )
        for _ in range(count):
            kind = "paired" if is_paired(self.state.step, self.unpaired) else "unpaired"
            for name, value in self.step(kind, next(batches)).items():
                self.terms.setdefault(f"{kind}/{name}", []).append(float(value))
        drain(batches, reading)
        return self

    def replicas(self) -> dict[str, list]:
        """Every variable's value on each replica, as arrays by name."""
        return {
            name: [value.numpy() for value in getattr(v.value, "values", [v.value])]
            for name, v in self.state.variables().items()
        }
