"""Repeated timings after warm-up runs, and the rows of a table that they become."""

from __future__ import annotations

import resource
import statistics
import sys
import time
from collections.abc import Callable

import tensorflow as tf

WARM_UP = 2
"""Runs before the first that counts; the first of them compiles."""

SHORTEST = 0.1
"""Seconds that a timed repeat of a quick function lasts at least: it is called as often as that takes."""


def timed_compiled(function: Callable, inputs: tuple, repeats: int) -> list[float]:
    """Seconds of a call of the compiled function, one figure per repeat."""
    compiled = tf.function(function, autograph=False)

    def call():
        compiled(*inputs)
        tf.test.experimental.sync_devices()

    return timed(call, repeats)


def timed(call: Callable[[], object], repeats: int, shortest: float = SHORTEST) -> list[float]:
    """Seconds of a call, one figure per repeat; a repeat is the mean of the calls that fill ``shortest`` seconds."""
    calls = 1
    for _ in range(WARM_UP):
        start = time.perf_counter()
        call()
        calls = max(1, round(shortest / (time.perf_counter() - start)))
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        for _ in range(calls):
            call()
        seconds.append((time.perf_counter() - start) / calls)
    return seconds


def timed_row(name: str, values: list[float], unit: str) -> dict:
    """The median, least and greatest of the repeats."""
    return {**row(name, statistics.median(values), unit), "min": min(values), "max": max(values)}


def row(name: str, value: float, unit: str) -> dict:
    """A single figure."""
    return {"name": name, "value": value, "unit": unit}


def resident_mib() -> float:
    """The largest resident memory of this process until now."""
    unit = 1 if sys.platform == "darwin" else 1024  # bytes or KiB
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20
