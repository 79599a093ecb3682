"""The training loop, top to bottom: open, restore, step, log, validate, sample, checkpoint; a runtime computes."""

from __future__ import annotations

import contextlib
import dataclasses
import math
import os
import pathlib
import time
from collections.abc import Callable
from typing import NamedTuple

import keras
from absl import logging
from tqdm import tqdm

from mgpe_tf.config import Config
from mgpe_tf.config_check import check
from mgpe_tf.data.open import merging, with_label_sets
from mgpe_tf.data.order import is_paired
from mgpe_tf.errors import UserError
from mgpe_tf.models.checkpoints import CheckpointStore, weights_sha256
from mgpe_tf.objectives.parser import predicts_parts
from mgpe_tf.objectives.tasks import objective_of
from mgpe_tf.progress import progress_bar
from mgpe_tf.training.alarms import Alarms
from mgpe_tf.training.evaluation import Evaluation
from mgpe_tf.training.precision import set_precision
from mgpe_tf.training.run_folder import RunFolder, changes_of, file_errors, stored_config
from mgpe_tf.training.runtime import Runtime
from mgpe_tf.training.start import RESTING, start_from
from mgpe_tf.training.state import TrainingState


def train(
    config: Config, workdir: str | os.PathLike, open_runtime: Callable[[], Runtime], accept_changes: bool = False
) -> int:
    """Trains, or continues, the run in ``workdir`` to its last step.

    Args:
      config: the experiment.
      workdir: the run folder.
      open_runtime: called when the config's numbers are known to be sound.
      accept_changes: whether the run may go on with other values of ``run_folder.ACCEPTED_FIELDS``.

    Returns:
      The exit code: 0 when the last step is done or the runtime's time is over, 143 or 130 after SIGTERM or SIGINT (a
      checkpoint was written).

    Raises:
      UserError: a wrong config or data set, a loss that is not finite, a disk that is full.
    """
    check(config)
    stored = stored_config(workdir) or config
    options = config.training
    runtime = open_runtime()
    config = dataclasses.replace(config, data=with_label_sets(config.data))
    for folder in merging(config.data) if config.task == "parser" and predicts_parts(config) else ():
        logging.warning(
            "%s: its labels merge parts that this parser tells apart, and may teach it to make them up in such "
            "pictures; python -m mgpe_tf.prepare --known tells them first",
            folder,
        )
    set_precision(options.precision)
    keras.utils.set_random_seed(options.seed)
    with runtime.scope():
        objective, average = make_objective(runtime.config)
        state = TrainingState(objective, options, average)
    open_run = RunFolder(workdir) if runtime.writes else contextlib.nullcontext()
    with open_run as run, runtime.stop_request() as stop, file_errors(workdir):
        changes = changes_of(workdir, config, accept_changes) if run else {}
        store = CheckpointStore(pathlib.Path(workdir) / "checkpoints", options.keep_checkpoints)
        origin, begun = restore(state, store, config, stored)
        if state.step >= options.steps:
            logging.info("%s is done: %d steps; a higher --config.training.steps goes on", workdir, state.step)
            return 0
        logging.info("run folder %s: %s at step %d of %d on %s", workdir, origin, state.step, options.steps, runtime)
        if run:
            run.truncate_metrics(state.step)
            if begun.devices not in ("", str(runtime)):
                changes["devices"] = [begun.devices, str(runtime)]
            if changes:
                run.log(state.step, {"changes": changes})
                if begun.checkpoint:  # of an earlier version, it would be counted by the new config from now on
                    store.note(begun.checkpoint, {"examples": begun.examples})
            run.store_config(config)
        loop = Loop(config, run, store, state, objective, runtime, begun)
        with runtime.batches(state.step, begun.examples, loop.unpaired) as batches:
            loop.run(batches, stop)
    done = state.step >= options.steps
    logging.info("%s: %s", workdir, "done" if done else f"stopped at step {state.step}; the same command goes on")
    return 0 if done else stop.exit_code


class Begun(NamedTuple):
    """Where a run begins or goes on: the portraits that its steps have taken, by how many devices ("" if unknown), and
    the checkpoint's folder."""

    step: int = 0
    examples: int = 0
    devices: str = ""
    checkpoint: pathlib.Path | None = None


def restore(state: TrainingState, store: CheckpointStore, config: Config, stored: Config) -> tuple[str, Begun]:
    """Takes over the newest whole checkpoint, else the network to start from; returns words on where the run begins,
    and where that is. ``stored`` is the config until now: checkpoints of earlier versions do not count portraits."""
    checkpoint = store.restore_latest()
    if checkpoint is None and config.start_path:
        fresh = start_from(config.start_path, config.task, state)
        return f"starts from {config.start_path} ({fresh} variables afresh)", Begun()
    if checkpoint is None:
        return "starts", Begun()
    state.load(checkpoint.step, checkpoint.arrays)
    examples = checkpoint.info.get("examples", checkpoint.step * stored.training.batch_size)
    begun = Begun(checkpoint.step, examples, checkpoint.info.get("devices", ""), checkpoint.path)
    return f"continues from {checkpoint.path}", begun


def make_objective(config: Config):
    """The objective of the experiment's task, and a second instance of its product for the averaged weights (or None).

    Raises:
      UserError: an unknown task, or a trained network that is missing.
    """
    kind = objective_of(config.task)
    objective = kind(config, **{name: RESTING[name](config) for name in kind.reads(config)})
    return objective, kind.build(config) if config.training.ema else None


class Loop:
    """The steps of one run from its state's step to the last.

    Args:
      config: the experiment.
      run: the run folder; None in a process that writes nothing.
      store: the checkpoints.
      state, objective: what it trains.
      runtime: by what.
      begun: where.
    """

    def __init__(self, config, run, store, state, objective, runtime, begun):
        self.begun = begun
        self.config, self.run_folder, self.store, self.state, self.runtime = config, run, store, state, runtime
        self.unpaired = "unpaired" in objective.kinds
        self.step = runtime.step(objective, state)
        self.records = runtime.records(run, self.step)
        self.evaluation = Evaluation(
            objective,
            state.product,
            runtime.validation_source,
            config.data,
            lambda function: runtime.compiled(function, objective, state),
        )
        self.alarms = Alarms(objective.alarms)
        self.pending, self.saved = [], time.monotonic()

    def run(self, batches, stop) -> None:
        """Runs the steps that are left, or until a stop is requested."""
        options, state = self.config.training, self.state
        self.records.start()
        with training_bar(options, state.step, self.examples, self.run_folder is not None) as bar:
            while state.step < options.steps and not stop.requested():
                kind = "paired" if is_paired(state.step, self.unpaired) else "unpaired"
                terms = self.step(kind, next(batches))
                self.pending.append((state.step, kind, terms))
                bar.update(options.batch_size)
                self.periodic(state.step)
        self.finish()

    @property
    def examples(self) -> int:
        """The portraits that all steps of the run have taken."""
        return self.begun.examples + (self.state.step - self.begun.step) * self.config.training.batch_size

    def settle(self) -> None:
        """Waits for the steps that were begun: takes note of their terms, which no step has to wait for, and brings
        the state up to date. Stops the run at a term that is not finite, before it can reach a checkpoint."""
        for step, kind, terms in self.pending:
            terms = {name: float(value) for name, value in terms.items()}
            bad = [name for name, value in terms.items() if not math.isfinite(value)]
            if bad:
                self.stop(f"{bad[0]} is {terms[bad[0]]} in the {kind} step {step}")
            self.records.add(f"{kind}/" if self.unpaired else "", terms)
        self.pending.clear()
        self.step.publish()

    def stop(self, reason: str, remedy: str = "lower training.learning_rate or set training.clip_norm") -> None:
        """Raises the UserError of a run that must not go on, by default one that has diverged."""
        raise UserError(
            f"training stopped: {reason}; last good checkpoint: {self.store.newest() or 'none yet'}; {remedy}"
        )

    def watch(self, step: int, values: dict[str, float]) -> None:
        """Stops the run, if the values that are logged after a step say so."""
        if found := self.alarms.ringing(step, values):
            self.stop(*found)

    def periodic(self, step: int) -> None:
        """The work that is due after a step."""
        options = self.config.training
        due = {
            name
            for name in ("log", "validate", "sample", "checkpoint")
            if step % getattr(options, f"{name}_every") == 0 and step < options.steps
        }
        if time.monotonic() - self.saved > self.runtime.save_seconds:
            due.add("checkpoint")
        if due:
            self.settle()
        logged = self.records.write(step, self.rates()) if "log" in due else {}
        if "validate" in due:
            scores = self.evaluation.scores()
            self.records.write_validation(step, scores)
            logged |= scores
        if "sample" in due:
            self.records.write_picture(step, self.evaluation.picture())
        if "checkpoint" in due:
            self.save()
        self.watch(step, logged)

    def finish(self) -> None:
        """Leaves a complete run folder behind, at the last step or wherever a stop was requested."""
        self.settle()
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
            info = {"config": self.config.name, "examples": self.examples, "devices": str(self.runtime)}
            self.store.save(self.state.step, self.state.arrays(), info)
        self.saved = time.monotonic()

    def rates(self) -> dict[str, float]:
        """The learning rate of each network's optimiser."""
        return {f"learning_rate/{n}": float(o.learning_rate) for n, o in self.state.optimizers.items()}


def training_bar(options, step: int, examples: int, shown: bool) -> tqdm:
    """Images done and to do, images per second and the time left."""
    return progress_bar(
        total=examples + (options.steps - step) * options.batch_size,
        initial=examples,
        unit="img",
        unit_scale=True,
        desc="train",
        shown=shown,
        mininterval=0.5,
        dynamic_ncols=True,
    )
