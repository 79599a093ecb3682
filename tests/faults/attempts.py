"""Attempts at one run of training, which may end badly, in processes that take a second to start.

Each is ``python -m mgpe_tf.train`` in a process forked from one that has imported TensorFlow and not used it yet.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import sys
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path

from processes import TINY

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["mgpe_tf.cli", "mgpe_tf.training.on_tensorflow"])

ENDLESS = 10**6
"""Steps that are never done."""

SMALL = {
    "parser.filters": "4,4",
    "data.resolution": 32,
    "data.synthetic_size": 2,
    "data.validation_size": 1,
    "training.batch_size": 1,
    "training.steps": 12,
    "training.decay_start": 1,
    "training.log_every": 1,
    "training.checkpoint_every": 1,
    "training.sample_every": ENDLESS,
    "training.validate_every": ENDLESS,
}
"""Fields of a run of a second or two that does little but save. At its constant rate weights do not depend on how many
steps are still to come."""


def begin(workdir: Path, before: Callable[[], None] | None = None, **fields) -> BaseProcess:
    """Begins to train in ``workdir``, or to go on.

    Args:
      workdir: the run folder. What is written to stderr goes to ``said(workdir)``.
      before: called in the process ahead of all else; a function of a module.
      **fields: of the config, with "__" for dots, which replace those of ``SMALL``.
    """
    values = {**SMALL, **{name.replace("__", "."): value for name, value in fields.items()}}
    flags = [f"--config.{name}={value}" for name, value in values.items()]
    process = FORKS.Process(target=_train, args=(workdir, flags, before))
    process.start()
    return process


def end(process: BaseProcess, seconds: float = 300) -> int:
    """Waits for the exit code; a process that hangs is killed, and fails the test."""
    process.join(seconds)
    if process.is_alive():
        process.kill()
        raise AssertionError(f"hung for {seconds} s")
    return process.exitcode


def attempt(workdir: Path, before: Callable[[], None] | None = None, **fields) -> int:
    """Trains until it ends by itself: ``begin``, then ``end``."""
    return end(begin(workdir, before, **fields))


def wait_for(condition: Callable[[], bool], process: BaseProcess, seconds: float = 300) -> None:
    """Waits until ``condition()`` holds while the process runs."""
    limit = time.monotonic() + seconds
    while not condition():
        assert process.is_alive(), f"ended too early with {process.exitcode}"
        assert time.monotonic() < limit, "waited in vain"
        time.sleep(0.001)


def said(workdir: Path) -> str:
    """What all attempts in ``workdir`` have written to stderr."""
    return _log(workdir).read_text()


def _log(workdir: Path) -> Path:
    return workdir.with_name(f"{workdir.name}.log")


def _train(workdir: Path, flags: list[str], before: Callable[[], None] | None) -> None:
    with open(_log(workdir), "a") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    if before:
        before()
    sys.argv = ["train.py", f"--config={TINY}", f"--workdir={workdir}", *flags]
    runpy.run_module("mgpe_tf.train", run_name="__main__")
