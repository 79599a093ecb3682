"""The interface between the training loop and a backend."""

from __future__ import annotations

import abc
import contextlib
import math
from collections.abc import Callable, Iterator

from mgpe_tf.config import Config
from mgpe_tf.data.source import Source
from mgpe_tf.objectives.objective import Objective
from mgpe_tf.training.records import Records
from mgpe_tf.training.run_folder import RunFolder
from mgpe_tf.training.signals import StopRequest
from mgpe_tf.training.state import TrainingState


class Runtime(abc.ABC):
    """By what a run computes: ``on_tensorflow.TensorFlow`` or ``on_jax.Jax``. ``str()`` says over which devices.

    Attributes:
      config: the experiment, with the paths of this machine.
      validation_source: the portraits on which the run is validated.
      writes: whether this process writes the run folder.
      save_seconds: time after which a checkpoint is due, besides those that ``training.checkpoint_every`` asks for.
    """

    config: Config
    validation_source: Source
    writes = True
    save_seconds = math.inf

    def scope(self) -> contextlib.AbstractContextManager:
        """The context in which networks and optimisers come into being."""
        return contextlib.nullcontext()

    @abc.abstractmethod
    def stop_request(self) -> StopRequest:
        """The signals that ask the run to stop early."""

    @abc.abstractmethod
    def step(self, objective: Objective, state: TrainingState):
        """The training step, of

        - ``step(kind, batch)``, which updates the networks of that kind of step and returns every term as a scalar
          that ``float`` reads,
        - ``publish()``, which brings the state's variables up to date.
        """

    @abc.abstractmethod
    def compiled(self, function: Callable, objective: Objective, state: TrainingState) -> Callable:
        """A fast function of one that reads a batch in numpy by the objective and the state's product."""

    @abc.abstractmethod
    def records(self, run: RunFolder | None, step) -> Records:
        """Where the terms of the steps go."""

    @abc.abstractmethod
    def batches(
        self, first_step: int, first_position: int, unpaired: bool
    ) -> contextlib.AbstractContextManager[Iterator]:
        """A context in which the steps' batches are read, from that of ``first_step`` on, before which the run has
        taken ``first_position`` portraits."""
