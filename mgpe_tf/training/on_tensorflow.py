"""Training by TensorFlow, over all its GPUs or, in a cluster, over those of all workers."""

from __future__ import annotations

import contextlib
import functools
import os

import tensorflow as tf

from mgpe_tf.config import Config
from mgpe_tf.data.open import open_source
from mgpe_tf.data.pipeline import drain, training_batches, user_errors
from mgpe_tf.objectives.objective import Objective
from mgpe_tf.objectives.parser import predicts_parts, takes_unknown
from mgpe_tf.training import loop, strategy
from mgpe_tf.training.events import Events
from mgpe_tf.training.records import Records
from mgpe_tf.training.runtime import Runtime
from mgpe_tf.training.signals import StopRequest
from mgpe_tf.training.step import TrainStep


def train(config: Config, workdir: str | os.PathLike, accept_changes: bool = False) -> int:
    """Trains, or continues, the run in ``workdir``: see ``loop.train``."""
    return loop.train(config, workdir, functools.partial(TensorFlow, config), accept_changes)


class TensorFlow(Runtime):
    """See ``runtime.Runtime``.

    Args:
      config: the experiment.
    """

    def __init__(self, config: Config):
        self.config = config
        self.source, self.validation_source = (
            open_source(config.data, split, predicts_parts(config), unknown=takes_unknown(config))
            for split in ("train", "validation")
        )
        self.strategy = strategy.make_strategy()
        self.writes = strategy.is_chief(self.strategy)

    def __str__(self):
        return strategy.describe(self.strategy)

    @contextlib.contextmanager
    def scope(self):
        """See ``Runtime.scope``; every variable that is made in a cluster is sent by the chief."""
        with strategy.worker_errors(), self.strategy.scope():
            yield

    def stop_request(self):
        """See ``Runtime.stop_request``."""
        return StopRequest(strategy.any_worker(self.strategy))

    def step(self, objective: Objective, state):
        """See ``Runtime.step``."""
        return TrainStep(objective, state, self.strategy, self.config)

    def compiled(self, function, objective: Objective, state):
        """See ``Runtime.compiled``."""
        return tf.function(function, autograph=False)

    def records(self, run, step):
        """See ``Runtime.records``."""
        return Records(run, self.config.training.batch_size, Events(run.path / "events") if run else None)

    @contextlib.contextmanager
    def batches(self, first_step, first_position, unpaired):
        """See ``Runtime.batches``; they are distributed over the replicas."""
        options = self.config.training
        with tf.device("CPU:0"):
            reading = tf.Variable(True, trainable=False)
        with user_errors(), strategy.worker_errors():
            batches = iter(
                self.strategy.distribute_datasets_from_function(
                    lambda context: training_batches(
                        self.source,
                        self.config.data,
                        batch_size=options.batch_size,
                        seed=options.seed,
                        first_step=first_step,
                        first_position=first_position,
                        unpaired=unpaired,
                        input_context=context,
                        reading=reading,
                    )
                )
            )
            try:
                yield batches
            finally:
                drain(batches, reading)
