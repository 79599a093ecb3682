"""Seconds per photograph of each step of python -m mgpe_tf.prepare, whose flags it takes; the data set is written, too.

python -m benchmarks.preparation_steps --input=PHOTOS --output=NEW_FOLDER --licence=measurement
"""

from __future__ import annotations

import collections
import functools
import sys
import time
from collections.abc import Callable
from pathlib import Path

from absl import flags

if __package__ in (None, ""):  # run as a file: make the packages beside benchmarks/ visible
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from mgpe_tf import cli, prepare
from mgpe_tf.quiet import import_tensorflow


class Clock:
    """Seconds and calls by step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = collections.defaultdict(float)
        self.calls: collections.Counter[str] = collections.Counter()

    def watch(self, step: str, owner: object, name: str) -> None:
        """Counts a function of a class or module as a step. (A profiler of Python 3.12 and newer mixes threads up.)"""
        setattr(owner, name, self._timed(step, getattr(owner, name)))

    def _timed(self, step: str, function: Callable) -> Callable:
        @functools.wraps(function)
        def call(*arguments, **options):
            begin = time.perf_counter()
            try:
                return function(*arguments, **options)
            finally:
                self.seconds[step] += time.perf_counter() - begin
                self.calls[step] += 1

        return call

    def table(self) -> list[str]:
        """The lines to print. Crops are made a second time where a turned face is looked at again."""
        photographs = self.calls["prepare"]
        total = self.seconds.pop("prepare") + self.seconds["write"]
        rows = {**self.seconds, "all": total}
        return [
            f"{photographs} photographs, seconds of each:",
            *(f"{step:16} {seconds / photographs:8.4f} s" for step, seconds in rows.items()),
        ]


def watch_steps(clock: Clock) -> None:
    """Lets the clock watch what ``prepare`` does with a photograph."""
    from mgpe_tf.data.alignment import Alignment
    from mgpe_tf.data.detection import MtcnnDetector
    from mgpe_tf.models.face_parser import FaceParser
    from mgpe_tf.preparation import sample
    from mgpe_tf.preparation.dataset import Writer

    clock.watch("prepare", sample.Preparer, "prepare")
    clock.watch("read and decode", sample.Preparer, "_image")
    clock.watch("find faces", MtcnnDetector, "detect")
    clock.watch("align and crop", Alignment, "crop")
    clock.watch("parse", FaceParser, "probabilities")
    clock.watch("judge sharpness", sample, "sharpness")
    clock.watch("write", Writer, "write")


def main(argv: list[str]) -> int:
    """Prepares, and prints the table."""
    flags.FLAGS.processes = 1
    import_tensorflow()
    clock = Clock()
    watch_steps(clock)
    code = prepare.main(argv)
    print("\n".join(clock.table()))
    return code


if __name__ == "__main__":
    cli.run(main, positional=True)
