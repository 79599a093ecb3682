"""Resident memory of a training, step by step: whether it grows.

Examples:
  python -m benchmarks.memory --output=runs/memory.csv -- --config=configs/demo.py --workdir=runs/memory
  python -m benchmarks.memory --output=runs/memory.csv --every=50 -- --config=tests/tiny.py --workdir=runs/memory \\
      --config.task=editor --config.parser_path=runs/tiny_parser --config.training.steps=5000

What follows ``--`` are the flags of ``python -m mgpe_tf.train``, which starts in a process of its own and logs every
``--every`` steps; at each new line of its metrics.jsonl the memory is read from /proc (Linux). The file has the columns
step and mib.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from absl import flags

from benchmarks.resident import report, sample
from mgpe_tf import cli
from mgpe_tf.errors import UserError
from mgpe_tf.storage.files import make_folder, write_text

OUTPUT = flags.DEFINE_string("output", None, "CSV file for the table.", required=True)
EVERY = flags.DEFINE_integer("every", 50, "Steps between two readings.", lower_bound=1)


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
        make_folder(Path(OUTPUT.value).parent)
        lines = [f"{step},{mib:.1f}\n" for step, mib in readings.items()]
        write_text(OUTPUT.value, "step,mib\n" + "".join(lines))
        print(report(readings))
    return training.returncode


if __name__ == "__main__":
    cli.run(main, positional=True)
