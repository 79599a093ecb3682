"""What is told of work that takes long, on stderr: bars in a terminal, and in a log file a line now and then."""

from __future__ import annotations

import sys
from typing import Any

from tqdm import tqdm

EVERY = 30.0
"""Seconds from one line of a log file to the next; of shorter work there is none."""

LINE = "{desc}: {percentage:.0f}%, {n_fmt} of {total_fmt}, {elapsed} passed, {remaining} left, {rate_fmt}"


class _Log:
    """stderr as a file of lines, to which tqdm writes what it shows in a terminal."""

    def write(self, text: str) -> None:
        if line := text.strip():
            print(line.removeprefix(": "), file=sys.stderr)

    def flush(self) -> None:
        sys.stderr.flush()


def progress_bar(*arguments: Any, shown: bool = True, **options: Any) -> tqdm:
    """A bar of tqdm, of which the arguments are; `shown` is whether there is one at all."""
    if sys.stderr.isatty():
        return tqdm(*arguments, file=sys.stderr, disable=not shown, **options)
    lines = {"bar_format": LINE, "delay": EVERY, "mininterval": EVERY, "maxinterval": EVERY, "dynamic_ncols": False}
    return tqdm(*arguments, file=_Log(), disable=not shown, **{**options, **lines})


def tell_waiting(line: str) -> None:
    """Says what is waited for."""
    if sys.stderr.isatty():
        print(line, file=sys.stderr, flush=True)
