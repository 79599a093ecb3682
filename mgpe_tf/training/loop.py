"""The training loop, top to bottom: open, restore, step, log, validate, draw, checkpoint."""

from __future__ import annotations

import contextlib
import math
import os
import pathlib
import sys

import keras
import tensorflow as tf
from absl import logging
from tqdm import tqdm

from mgpe_tf.config import Config
from mgpe_tf.data.pipeline import drain, is_paired, training_batches, user_errors
from mgpe_tf.data.source import open_source
from mgpe_tf.errors import UserError
from mgpe_tf.objectives.editor import EditorObjective, build_generator
from mgpe_tf.objectives.parser import ParserObjective, build_parser
from mgpe_tf.training.checkpoints import CheckpointStore, weights_sha256
from mgpe_tf.training.evaluation import Evaluation
from mgpe_tf.training.limits import check_limits
from mgpe_tf.training.records import Records
from mgpe_tf.training.restore import load_frozen_parser, start_from
from mgpe_tf.training.run_folder import RunFolder, file_errors
from mgpe_tf.training.signals import StopRequest
from mgpe_tf.training.state import TrainingState
from mgpe_tf.training.step import TrainStep
from mgpe_tf.training.strategy import describe, is_chief, make_strategy, set_precision, worker_errors


def train(config: Config, workdir: str | os.PathLike) -> int:
    """Trains, or continues, the run in ``workdir`` to its last step.

    Args:
      config: the experiment.
      workdir: the run folder.

    Returns:
      The exit code: 0 when the last step is done, 143 or 130 after SIGTERM or SIGINT (a checkpoint was written).

    Raises:
      UserError: a wrong config or data set, a loss that is not finite, a disk that is full.
    """
    check_limits(config)
    options = config.training
    set_precision(options.precision)
    keras.utils.set_random_seed(options.seed)
    source = open_source(config.data, "train")
    evaluation_source = open_source(config.data, "validation")
    strategy = make_strategy()
    with strategy.scope():
        objective, average = make_objective(config)
        state = TrainingState(objective, options, average)
    with open_run(workdir, strategy) as run, StopRequest(strategy) as stop, file_errors(workdir):
        if run:
            run.store_config(config)
        store = CheckpointStore(pathlib.Path(workdir) / "checkpoints", options.keep_checkpoints)
        origin = restore(state, store, config)
        if state.step >= options.steps:
            logging.info("%s is done: %d steps; a higher --config.training.steps goes on", workdir, state.step)
            return 0
        logging.info("run folder %s: %s at step %d of %d on %s", workdir, origin, state.step, options.steps,
                     describe(strategy))
        if run:
            run.truncate_metrics(state.step)
        evaluation = Evaluation(objective, state.product, evaluation_source, config.data)
        loop = Loop(config, run, store, strategy, objective, state, evaluation)
        with user_errors(), worker_errors(), loop.batches(source) as batches:
            loop.run(batches, stop)
    return 0 if state.step >= options.steps else stop.exit_code


def open_run(workdir: str | os.PathLike, strategy):
    """The run folder in the process that writes it; in the other workers of a cluster a context of None."""
    return RunFolder(workdir) if is_chief(strategy) else contextlib.nullcontext()


def restore(state: TrainingState, store: CheckpointStore, config: Config) -> str:
    """Takes over the newest whole checkpoint, else the network to start from; returns words on where the run begins."""
    checkpoint = store.restore_latest()
    if checkpoint is None and config.start_path:
        fresh = start_from(config.start_path, config.task, state)
        return f"starts from {config.start_path} ({fresh} variables afresh)"
    if checkpoint is None:
        return "starts"
    state.load(checkpoint.step, checkpoint.arrays)
    return f"continues from {checkpoint.path}"


def make_objective(config: Config):
    """The objective of the experiment's task, and a second instance of its product for the averaged weights (or None).

    Raises:
      UserError: an unknown task, or an editor without a trained parser.
    """
    if config.task not in ("editor", "parser"):
        raise UserError(f'config.task is "{config.task}"; allowed are "editor" and "parser"')
    if config.task == "parser":
        objective, build = ParserObjective(config), build_parser
    else:
        objective, build = EditorObjective(config, load_frozen_parser(config)), build_generator
    return objective, build(config) if config.training.ema else None


class Loop:
    """The steps of one run from its state's step to the last.

    Args:
      config: the experiment.
      run: the run folder; None in a process that writes nothing.
      store: the checkpoints.
      strategy, objective, state: what it trains.
      evaluation: validation and sample grids.
    """

    def __init__(self, config, run, store, strategy, objective, state, evaluation):
        self.config, self.run_folder, self.store, self.state = config, run, store, state
        self.strategy, self.evaluation = strategy, evaluation
        self.step = TrainStep(objective, state, strategy, config)
        self.records = Records(run, config.training.batch_size)
        self.unpaired = config.task == "editor" and config.training.unpaired

    @contextlib.contextmanager
    def batches(self, source):
        """Inside this context, the run's batches from its current step on, distributed over the replicas."""
        options = self.config.training
        with tf.device("CPU:0"):
            reading = tf.Variable(True, trainable=False)
        batches = iter(self.strategy.distribute_datasets_from_function(
            lambda context: training_batches(
                source, self.config.data, batch_size=options.batch_size, seed=options.seed,
                first_step=self.state.step, unpaired=self.unpaired, input_context=context, reading=reading)))
        try:
            yield batches
        finally:
            drain(batches, reading)

    def run(self, batches, stop) -> None:
        """Runs the steps that are left, or until a stop is requested."""
        options, state = self.config.training, self.state
        self.records.start()
        with progress_bar(options, state.step, self.run_folder is not None) as bar:
            while state.step < options.steps and not stop.requested():
                kind = "paired" if is_paired(state.step, self.unpaired) else "unpaired"
                terms = {name: float(value) for name, value in self.step(kind, next(batches)).items()}
                self.check_finite(kind, terms)
                self.records.add(f"{kind}/" if self.unpaired else "", terms)
                bar.update(options.batch_size)
                self.periodic(state.step)
        self.finish()

    def check_finite(self, kind: str, terms: dict[str, float]) -> None:
        """Stops the run at a term that is not finite, before it can reach a checkpoint."""
        bad = [name for name, value in terms.items() if not math.isfinite(value)]
        if bad:
            self.stop(f"{bad[0]} is {terms[bad[0]]} in the {kind} step {self.state.step}")

    def stop(self, reason: str) -> None:
        """Raises the UserError of a run that has diverged."""
        raise UserError(
            f"training stopped: {reason}; last good checkpoint: {self.store.newest() or 'none yet'}; lower "
            "training.learning_rate or set training.clip_norm")

    def periodic(self, step: int) -> None:
        """What falls due after a step."""
        options = self.config.training
        if step % options.log_every == 0 and step < options.steps:
            self.records.write(step, self.rates())
        if step % options.validate_every == 0 and step < options.steps:
            self.records.write_validation(step, self.evaluation.scores())
        if step % options.sample_every == 0 and step < options.steps:
            self.records.write_picture(step, self.evaluation.picture())
        if step % options.checkpoint_every == 0 and step < options.steps:
            self.save()

    def finish(self) -> None:
        """Leaves a complete run folder behind, at the last step or wherever a stop was requested."""
        if self.state.step >= self.config.training.steps:
            self.records.write_validation(self.state.step, self.evaluation.scores())
        self.records.write_picture(self.state.step, self.evaluation.picture())
        self.save()
        digest = weights_sha256(self.state.arrays())
        self.records.write(self.state.step, {**self.rates(), "weights_sha256": digest})

    def save(self) -> None:
        """Writes a checkpoint; UserError if a weight is not finite, so that a checkpoint never holds one."""
        bad = self.state.not_finite()
        if bad:
            self.stop(f"{bad} is not finite after step {self.state.step}")
        if self.run_folder is not None:
            self.store.save(self.state.step, self.state.arrays(), {"config": self.config.name})

    def rates(self) -> dict[str, float]:
        """The learning rate of each network's optimiser."""
        return {f"learning_rate/{n}": float(o.learning_rate) for n, o in self.state.optimizers.items()}


def progress_bar(options, step: int, shown: bool) -> tqdm:
    """Images done and to do, images per second and the time left, on stderr; every half minute when it is a file."""
    size = options.batch_size
    return tqdm(total=options.steps * size, initial=step * size, unit="img", unit_scale=True, desc="train",
                disable=not shown, mininterval=0.5 if sys.stderr.isatty() else 30.0, dynamic_ncols=True)
