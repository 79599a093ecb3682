"""A worker of a cluster that dies ends the others with one line; all started again go on."""

from __future__ import annotations

import functools
import json
import os
import signal
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from attempts import ENDLESS, begin, end, said, wait_for
from ports import free_port
from processes import checkpoint_steps, metrics

BOUND = 180
"""Seconds after which a worker that has not noticed counts as hung."""

WHO = pytest.mark.parametrize("lost", [1, 0], ids=["worker", "chief"])
"""Which one is lost."""


def begin_workers(workdir: Path, before: dict[int, Callable] | None = None, **fields):
    """Begins worker 0, the chief, and worker 1 of one cluster; `before` is by number."""
    cluster = {"worker": [f"127.0.0.1:{free_port()}" for _ in range(2)]}
    fields = {"training__batch_size": 2, **fields}
    return [
        begin(workdir, functools.partial(join, cluster, number, (before or {}).get(number)), **fields)
        for number in range(2)
    ]


def join(cluster: dict, number: int, then: Callable | None) -> None:
    """Makes the process a worker of the cluster."""
    os.environ["TF_CONFIG"] = json.dumps({"cluster": cluster, "task": {"type": "worker", "index": number}})
    if then:
        then()


def die_while_building() -> None:
    """The process will be killed where the others wait for its networks."""
    from mgpe_tf.training import loop

    loop.make_objective = lambda *_: os.kill(os.getpid(), signal.SIGKILL)


def assert_ends_with_one_line(survivor: BaseProcess, workdir: Path, line: str) -> None:
    """The process must end by itself, soon, and say why."""
    assert end(survivor, BOUND) == 2, said(workdir)
    assert said(workdir).count(f"error: {line}") == 1 and "Traceback" not in said(workdir), said(workdir)


@WHO
def test_one_is_killed_between_steps(tmp_path, lost):
    workdir = tmp_path / "run"
    workers = begin_workers(workdir, training__steps=ENDLESS)
    wait_for(lambda: checkpoint_steps(workdir), workers[0])
    workers[lost].kill()
    assert_ends_with_one_line(workers[1 - lost], workdir, "another worker of the cluster has ended")

    steps = checkpoint_steps(workdir)[-1] + 2
    assert [end(worker) for worker in begin_workers(workdir, training__steps=steps)] == [0, 0], said(workdir)
    assert metrics(workdir)[-1]["step"] == steps and f"continues from {workdir}" in said(workdir)


@WHO
def test_one_is_killed_while_networks_are_built(tmp_path, lost):
    workers = begin_workers(tmp_path / "run", before={lost: die_while_building})
    assert end(workers[lost]) == -signal.SIGKILL
    assert_ends_with_one_line(workers[1 - lost], tmp_path / "run", "another worker of the cluster has ended")
