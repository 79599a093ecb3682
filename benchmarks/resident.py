"""Readings of the resident memory of a training in another process."""

from __future__ import annotations

import json
import statistics
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

POLL = 0.2
"""Seconds between two looks at metrics.jsonl."""


def sample(training: subprocess.Popen, metrics: Path) -> Iterator[tuple[int, float]]:
    """(step, MiB) at each new line of metrics.jsonl, until the process ends."""
    last = 0
    while training.poll() is None:
        step = last_step(metrics)
        if step > last:
            try:
                yield step, resident_mib(training.pid)
            except (OSError, LookupError):  # it has just ended
                return
            last = step
        time.sleep(POLL)


def last_step(metrics: Path) -> int:
    """The step of the last whole line, 0 without one."""
    try:
        lines = metrics.read_text(encoding="utf-8").splitlines(keepends=True)
    except OSError:
        return 0
    whole = [line for line in lines[-2:] if line.endswith("\n")]
    return json.loads(whole[-1])["step"] if whole else 0


def resident_mib(pid: int) -> float:
    """What a process holds in memory now."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    [kib] = [line.split()[1] for line in status if line.startswith("VmRSS:")]
    return int(kib) / 1024


def report(readings: dict[int, float]) -> str:
    """Means over each fifth of the steps, the greatest reading, and the growth from the first fifth to the last."""
    steps = max(readings)
    fifths = [[mib for step, mib in readings.items() if i * steps < 5 * step <= (i + 1) * steps] for i in range(5)]
    means = [statistics.mean(fifth) for fifth in fifths if fifth]
    table = "  ".join(f"{mean:.1f}" for mean in means)
    return (
        f"MiB, means over fifths of {steps} steps: {table}; greatest {max(readings.values()):.1f}; "
        f"growth {means[-1] - means[0]:+.1f} ({means[-1] / means[0] - 1:+.2%})"
    )
