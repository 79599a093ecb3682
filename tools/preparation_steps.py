"""Seconds per photograph of each step of python -m mgpe_tf.prepare, whose flags it takes; the data set is written, too.

python -m tools.preparation_steps --input=PHOTOS --output=NEW_FOLDER --licence=measurement
"""

from __future__ import annotations

import cProfile
import pstats
import sys
from pathlib import Path

from absl import flags

if __package__ in (None, ""):  # run as a file: make the packages beside tools/ visible
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from mgpe_tf import cli, prepare

STEPS = {
    "read and decode": ("sample.py", "_image"),
    "find faces": ("detection.py", "detect"),
    "align and crop": ("alignment.py", "crop"),
    "parse": ("face_parser.py", "probabilities"),
    "judge sharpness": ("quality.py", "sharpness"),
    "write": ("dataset.py", "write"),
}
"""File and function of each step. Crops are made a second time where a turned face is looked at again."""


def table(stats: dict) -> list[str]:
    """The lines of the table, from the ``stats`` of a pstats.Stats."""
    found = {(Path(file).name, function): values for (file, _, function), values in stats.items()}
    photographs, total = found["sample.py", "prepare"][1], found["many.py", "prepare_here"][3]
    lines = [f"{name:16} {found[step][3] / photographs:8.4f} s" for name, step in STEPS.items() if step in found]
    return [f"{photographs} photographs, seconds of each:", *lines, f"{'all':16} {total / photographs:8.4f} s"]


def main(argv: list[str]) -> int:
    """Prepares, and prints the table."""
    flags.FLAGS.processes = 1
    profile = cProfile.Profile()
    code = profile.runcall(prepare.main, argv)
    print("\n".join(table(pstats.Stats(profile).stats)))
    return code


if __name__ == "__main__":
    cli.run(main, positional=True)
