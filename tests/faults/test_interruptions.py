"""Signals at bad moments, two runs at once, and clocks that jump."""

from __future__ import annotations

import itertools
import os
import signal
import time
from multiprocessing import connection

import pytest
from attempts import ENDLESS, attempt, begin, end, said, wait_for
from processes import checkpoint_steps, digest, metrics


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_amid_a_save(tmp_path, number):
    """The save is finished, a last one made, and the run can go on; a second signal is no hurry."""
    stopped, whole = tmp_path / "stopped", tmp_path / "whole"
    process = begin(stopped, training__steps=ENDLESS)
    wait_for(lambda: any(stopped.glob("checkpoints/.tmp-*")), process)
    for _ in range(2):
        os.kill(process.pid, number)
    assert end(process) == 128 + number, said(stopped)
    step = metrics(stopped)[-1]["step"]
    assert checkpoint_steps(stopped)[-1] == step and not list(stopped.glob("checkpoints/.tmp-*"))
    for workdir in (stopped, whole):
        assert attempt(workdir, training__steps=step + 2) == 0, said(workdir)
    assert digest(stopped) == digest(whole) and "Traceback" not in said(stopped)


def test_two_runs_that_begin_at_once(tmp_path):
    workdir = tmp_path / "run"
    both = [begin(workdir, training__steps=ENDLESS) for _ in range(2)]
    [sentinel] = connection.wait([process.sentinel for process in both], 300)
    lost, won = both if sentinel == both[0].sentinel else reversed(both)
    assert end(lost) == 2
    assert f"error: --workdir={workdir} is in use by process {won.pid}" in said(workdir)
    wait_for(lambda: checkpoint_steps(workdir), won)
    os.kill(won.pid, signal.SIGTERM)
    assert end(won) == 143, said(workdir)


def clock_that_jumps():
    """From now on every look at the clock is a day before or after the last one."""
    real, jumps = time.time, itertools.cycle([-86_400, 86_400])
    time.time = lambda: real() + next(jumps)


def test_clocks_that_jump(tmp_path, undisturbed):
    """Files from the future, the newest checkpoint the oldest of all by its date."""
    workdir = tmp_path / "run"
    process = begin(workdir)
    wait_for(lambda: len(checkpoint_steps(workdir)) > 1, process)
    process.kill()
    assert end(process) == -signal.SIGKILL
    now = time.time()
    for path in workdir.rglob("*"):
        os.utime(path, (now + 1e6, now + 1e6))
    newest = max(workdir.glob("checkpoints/step-????????"))
    for path in (newest, *newest.iterdir()):
        os.utime(path, (1e6, 1e6))
    assert attempt(workdir, clock_that_jumps) == 0, said(workdir)
    assert f"continues from {newest} " in said(workdir)
    assert digest(workdir) == undisturbed and "Traceback" not in said(workdir)
