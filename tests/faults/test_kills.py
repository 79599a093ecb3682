"""A run that is killed again and again ends with the very weights of one that was not."""

from __future__ import annotations

import os
import random
import signal
import time
from multiprocessing.process import BaseProcess
from pathlib import Path

from attempts import ENDLESS, attempt, begin, end, said, wait_for
from processes import checkpoint_steps, digest, metrics

KILLS = int(os.environ.get("MGPE_TF_KILLS", 8))
"""How often the run is killed; ``make test-faults`` sets it to 50."""


def newest(workdir: Path) -> int:
    """The step of the newest checkpoint, 0 without one."""
    return max(checkpoint_steps(workdir), default=0)


def halves(workdir: Path) -> list[Path]:
    """What a save has not finished yet."""
    return [*workdir.glob("checkpoints/.tmp-*"), *workdir.glob("checkpoints/*.replaced")]


def hold_amid_checkpoint(workdir: Path, process: BaseProcess, generator: random.Random) -> None:
    """Stops the run at a random moment of a save; how long one takes is the machine's affair, so this may take some."""
    while True:
        wait_for(lambda: halves(workdir), process)
        time.sleep(generator.uniform(0, 0.01))
        os.kill(process.pid, signal.SIGSTOP)
        time.sleep(0.05)  # until it stands
        if halves(workdir):
            return
        os.kill(process.pid, signal.SIGCONT)


def kill(workdir: Path, number: int, start: float, generator: random.Random) -> bool:
    """Goes on with the run and kills it: in turn amid a checkpoint, twice between steps, and within the `start` seconds
    in which it imports, traces and reads its checkpoint. Tells whether a checkpoint was left unfinished."""
    before, process = newest(workdir), begin(workdir, training__steps=ENDLESS)
    if number % 4 == 3:
        time.sleep(generator.uniform(0, start))
    else:
        wait_for(lambda: newest(workdir) > before, process)
        if number % 4 == 0:
            hold_amid_checkpoint(workdir, process, generator)
        else:
            time.sleep(generator.uniform(0, 0.02))
    process.kill()
    assert end(process) == -signal.SIGKILL, said(workdir)
    assert newest(workdir) >= before
    return bool(halves(workdir))


def test_kills_at_random_moments(tmp_path):
    whole, killed, generator = tmp_path / "whole", tmp_path / "killed", random.Random(7)
    started = time.monotonic()
    process = begin(tmp_path / "timed")
    wait_for(lambda: newest(tmp_path / "timed") > 0, process)
    start = time.monotonic() - started
    end(process)

    unfinished = sum(kill(killed, number, start, generator) for number in range(KILLS))
    steps = newest(killed) + 5
    print(f"{KILLS} kills up to step {newest(killed)}, {unfinished} of them amid a checkpoint")
    assert unfinished
    for workdir in (killed, whole):
        assert attempt(workdir, training__steps=steps) == 0, said(workdir)
    assert digest(killed) == digest(whole)
    assert [line["step"] for line in metrics(killed)] == [line["step"] for line in metrics(whole)]
    assert checkpoint_steps(killed) == checkpoint_steps(whole) == [steps - 1, steps]
    assert len(list((killed / "checkpoints").iterdir())) == 2
    assert "damaged" not in said(killed) and "Traceback" not in said(killed)
