"""What is told of work that takes long, on stderr where that is a terminal: log files keep to lines of text."""

from __future__ import annotations

import sys
from typing import Any

from tqdm import tqdm


def progress_bar(*arguments: Any, shown: bool = True, **options: Any) -> tqdm:
    """A bar of tqdm, of which the arguments are; `shown` is whether there is one at all."""
    return tqdm(*arguments, file=sys.stderr, disable=None if shown else True, **options)


def tell_waiting(line: str) -> None:
    """Says what is waited for."""
    if sys.stderr.isatty():
        print(line, file=sys.stderr, flush=True)
