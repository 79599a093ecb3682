"""Training by Keras's JAX backend on one device, in a process that needs no TensorFlow."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import itertools
import math
import os
import time

import jax
from absl import logging

from mgpe_tf.config import Config
from mgpe_tf.data.label_sets import require_known
from mgpe_tf.data.open import open_source
from mgpe_tf.data.order import batch_indices, require_partners
from mgpe_tf.data.packed import PackedSource
from mgpe_tf.data.source import Source
from mgpe_tf.objectives.objective import Objective
from mgpe_tf.objectives.parser import predicts_parts, takes_unknown
from mgpe_tf.training import loop
from mgpe_tf.training.jax_portraits import Portraits
from mgpe_tf.training.jax_step import JaxStep, compiled, frozen_variables
from mgpe_tf.training.records import Records
from mgpe_tf.training.runtime import Runtime
from mgpe_tf.training.signals import StopRequest


@dataclasses.dataclass
class Options:
    """Settings of this machine and this piece of a training, not of the experiment.

    Attributes:
      data, validation_data: packed portraits (see ``data.packed``) in place of the config's; "" for the config's.
      parser: run folder of P_F in place of the config's; "" for the config's.
      minutes: time after which the run stops with a checkpoint.
      checkpoint_minutes: time between checkpoints, besides those that ``training.checkpoint_every`` asks for.
      peak_tflops: what the device could do at best, in 10^12 operations a second; 0 if that is of no interest.
    """

    data: str = ""
    validation_data: str = ""
    parser: str = ""
    minutes: float = math.inf
    checkpoint_minutes: float = math.inf
    peak_tflops: float = 0.0


def train(config: Config, workdir: str | os.PathLike, options: Options, accept_changes: bool = False) -> int:
    """Trains, or continues, the run in ``workdir``: see ``loop.train``. Its checkpoints are those of TensorFlow."""
    return loop.train(config, workdir, functools.partial(Jax, config, options), accept_changes)


class Jax(Runtime):
    """See ``runtime.Runtime``.

    Args:
      config: the experiment.
      options: what is of this machine.
    """

    def __init__(self, config: Config, options: Options):
        self.options = options
        self.end = time.monotonic() + 60 * options.minutes
        self.save_seconds = 60 * options.checkpoint_minutes
        self.config = dataclasses.replace(config, parser_path=options.parser or config.parser_path)
        self.source = self._open(options.data, "train")
        self.validation_source = self._open(options.validation_data, "validation")

    def _open(self, packed: str, split: str) -> Source:
        data = self.config.data
        partial, unknown = predicts_parts(self.config), takes_unknown(self.config)
        if not packed:
            return open_source(data, split, partial, unknown)
        source = PackedSource(packed, data.resolution)
        require_known(source.unknown and not unknown, packed)
        source.partial = partial
        return source

    def __str__(self):
        return f"1 {jax.devices()[0].device_kind} by JAX"

    def stop_request(self):
        """See ``Runtime.stop_request``."""
        return StopRequest(end=self.end)

    def step(self, objective: Objective, state):
        """See ``Runtime.step``."""
        return JaxStep(objective, state, Portraits(self.source, self.config, objective.noise), self.config)

    def compiled(self, function, objective: Objective, state):
        """See ``Runtime.compiled``."""
        return compiled(function, [*state.product.variables, *frozen_variables(objective)])

    def records(self, run, step):
        """See ``Runtime.records``: how much the device does is logged too."""
        per_image = step.operations / self.config.training.batch_size
        logging.info("%.4g GFLOP per image", per_image / 1e9)
        rates = {"tflops": per_image / 1e12}
        if self.options.peak_tflops:
            rates["share_of_peak"] = rates["tflops"] / self.options.peak_tflops
        return Records(run, self.config.training.batch_size, rates=rates)

    def batches(self, first_step, first_position, unpaired):
        """See ``Runtime.batches``: only the numbers of the portraits."""
        size, options = len(self.source), self.config.training
        require_partners(size, unpaired)
        return contextlib.nullcontext(
            batch_indices(first, options.batch_size, size, options.seed)
            for first in itertools.count(first_position, options.batch_size)
        )
