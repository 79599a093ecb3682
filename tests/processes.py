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


def start(workdir, *flags: str, way: str = "", **environment: str) -> forked.Process:
    """Begins to train in ``workdir`` with the tiny config and more flags in a way of ``tensorflow_with``."""
    module = ["tensorflow_with", way, "mgpe_tf.train"] if way else ["mgpe_tf.train"]
    arguments = [f"--config={TINY}", f"--workdir={workdir}", *flags]
    return forked.Process(*module, *arguments, env=_environment(environment))


def finish(process: forked.Process, seconds: float = 900) -> tuple[int, str]:
    """Waits for the end: (exit code, what was written to stderr). A process that hangs is killed."""
    try:
        _, stderr = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return process.returncode, stderr


def train(workdir, *flags: str, way: str = "") -> str:
    """Trains to the end, which must succeed; returns stderr."""
    code, stderr = finish(start(workdir, *flags, way=way))
    assert code == 0, stderr
    return stderr


def wait_for(condition, process: forked.Process, seconds: float = 900) -> None:
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
    path = {"PYTHONPATH": os.pathsep.join(sys.path)}
    call = f"{function.__module__}:{function.__name__}"
    result = forked.run("tensorflow_with", "two_devices", call, *arguments, env=_environment(path))
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
