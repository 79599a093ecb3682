"""Training in processes of its own, as users start it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import forked

TINY = Path(__file__).with_name("tiny.py")

TWO_DEVICES = """
import runpy, sys
import tensorflow as tf
halves = [tf.config.LogicalDeviceConfiguration()] * 2
tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], halves)
"""

TRAIN = """
sys.argv[0] = "train.py"
runpy.run_module("mgpe_tf.train", run_name="__main__")
"""


def start(workdir, *flags: str, devices: int = 1, **environment: str) -> subprocess.Popen | forked.Process:
    """Begins to train in ``workdir`` with the tiny config and more flags on 1 or 2 logical CPUs."""
    arguments = [f"--config={TINY}", f"--workdir={workdir}", *flags]
    if devices == 1:
        return forked.Process("mgpe_tf.train", *arguments, env=_environment(environment))
    return subprocess.Popen(
        [sys.executable, "-c", TWO_DEVICES + TRAIN, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=_environment(environment),
    )


def finish(process: subprocess.Popen | forked.Process, seconds: float = 900) -> tuple[int, str]:
    """Waits for the end: (exit code, what was written to stderr). A process that hangs is killed."""
    try:
        _, stderr = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return process.returncode, stderr


def train(workdir, *flags: str, devices: int = 1) -> str:
    """Trains to the end, which must succeed; returns stderr."""
    code, stderr = finish(start(workdir, *flags, devices=devices))
    assert code == 0, stderr
    return stderr


def wait_for(condition, process: subprocess.Popen, seconds: float = 900) -> None:
    """Waits until ``condition()`` holds while the process runs."""
    limit = time.monotonic() + seconds
    while not condition():
        if process.poll() is not None:
            raise AssertionError(f"ended too early with {process.returncode}: {process.stderr.read()}")
        if time.monotonic() > limit:
            process.kill()
            raise AssertionError("waited in vain")
        time.sleep(0.01)


def on_two_devices(function, *arguments: str) -> None:
    """Calls a test module's function in a process with two logical CPUs; what it raises fails the test."""
    code = f"{TWO_DEVICES}\nimport {function.__module__} as module\nmodule.{function.__name__}(*{arguments!r})"
    result = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=600,
        env=_environment({"PYTHONPATH": os.pathsep.join(sys.path)}),
    )
    assert result.returncode == 0, result.stderr


def checkpoint_steps(workdir) -> list[int]:
    """The steps of the checkpoints in a run folder."""
    return sorted(int(path.name[5:]) for path in Path(workdir, "checkpoints").glob("step-????????"))


def metrics(workdir) -> list[dict]:
    """The lines of metrics.jsonl."""
    return [json.loads(line) for line in Path(workdir, "metrics.jsonl").read_text().splitlines()]


def digest(workdir) -> str:
    """The hash of the weights in the last line of metrics.jsonl."""
    return metrics(workdir)[-1]["weights_sha256"]


def _environment(more: dict[str, str]) -> dict[str, str]:
    """The environment of a process that sees no GPU."""
    return {**os.environ, "CUDA_VISIBLE_DEVICES": "-1", **more}
