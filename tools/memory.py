"""Resident memory of a training, step by step: whether it grows.

Examples:
  python -m tools.memory --output=runs/memory.csv -- --config=configs/demo.py --workdir=runs/memory
  python -m tools.memory --output=runs/memory.csv --every=50 -- --config=tests/tiny.py --workdir=runs/memory \\
      --config.task=editor --config.parser_path=runs/tiny_parser --config.training.steps=5000

What follows ``--`` are the flags of ``python -m mgpe_tf.train``, which starts in a process of its own and logs every
``--every`` steps; at each new line of its metrics.jsonl the memory is read from /proc (Linux). The file has the columns
step and mib.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from absl import flags

from mgpe_tf import cli
from mgpe_tf.errors import UserError

OUTPUT = flags.DEFINE_string("output", None, "CSV file for the table.", required=True)
EVERY = flags.DEFINE_integer("every", 50, "Steps between two readings.", lower_bound=1)

POLL = 0.2
"""Seconds between two looks at metrics.jsonl."""


def main(argv: list[str]) -> int:
    """Trains, writes the table and says by how much the memory grew; returns the training's exit code."""
    flags_of_training = argv[1:]
    workdirs = [flag.partition("=")[2] for flag in flags_of_training if flag.startswith("--workdir=")]
    if not workdirs:
        raise UserError("after --: no --workdir=FOLDER among the flags of the training")
    metrics = Path(workdirs[-1]) / "metrics.jsonl"
    if metrics.exists():
        raise UserError(f"--workdir={workdirs[-1]} holds a run: give a new folder")
    command = [sys.executable, "-m", "mgpe_tf.train", *flags_of_training, f"--config.training.log_every={EVERY.value}"]
    with subprocess.Popen(command) as training:
        readings = dict(sample(training, metrics))
    if readings:
        Path(OUTPUT.value).parent.mkdir(parents=True, exist_ok=True)
        lines = [f"{step},{mib:.1f}\n" for step, mib in readings.items()]
        Path(OUTPUT.value).write_text("step,mib\n" + "".join(lines), encoding="utf-8")
        print(report(readings))
    return training.returncode


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


if __name__ == "__main__":
    cli.run(main, positional=True)
