"""Where the time of a call goes, by kind of operation: TensorFlow's profiler, read without TensorBoard."""

from __future__ import annotations

import collections
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import tensorflow as tf

# The one definition of the profiler's files that TensorFlow installs.
from tensorflow.tsl.profiler.protobuf.xplane_pb2 import XSpace

OPERATION = re.compile(r"[^:]+:(?:_Mkl(?:Native)?)?(?P<kind>\w+)")
"""Name of the event of an operation: the path of its node, and what it is; oneDNN's are prefixed."""

ARITHMETIC = ("Conv", "MatMul", "Einsum")
"""Parts of the names of operations that multiply; the rest moves, scales or copies what they made."""

SHOWN = 12
"""Kinds of operations that get a row of their own."""


def hot_spots(name: str, call: Callable[[], object], repeats: int) -> list[dict]:
    """Rows for one warm function: all operations, those that multiply, and the most expensive other kinds.

    Milliseconds of one call, added up over threads: operations that ran at the same time count each.
    """
    seconds = operation_seconds(call, repeats)
    total, groups = sum(seconds.values()), collections.Counter[str]()
    for kind, spent in seconds.items():
        groups["convolutions and products" if any(part in kind for part in ARITHMETIC) else kind] += spent
    rows = [("all operations", total), *groups.most_common(SHOWN)]
    return [
        {"name": f"{name}: {kind}", "value": 1000 * spent, "unit": "ms", "share": f"{spent / total:.1%}"}
        for kind, spent in rows
    ]


def operation_seconds(call: Callable[[], object], repeats: int) -> dict[str, float]:
    """Seconds of one call in each kind of operation, e.g. {"Conv2D": 0.2}; the call must have been traced before."""
    with tempfile.TemporaryDirectory() as folder:
        tf.profiler.experimental.start(folder)
        try:
            for _ in range(repeats):
                call()
        finally:
            tf.profiler.experimental.stop()
        [file] = Path(folder).rglob("*.xplane.pb")
        space = XSpace.FromString(file.read_bytes())
    seconds = collections.Counter[str]()
    for plane in space.planes:
        for event in (event for line in plane.lines for event in line.events):
            found = OPERATION.fullmatch(plane.event_metadata[event.metadata_id].name)
            if found and not found["kind"].endswith("Call"):  # a called function's operations are events themselves
                seconds[found["kind"]] += event.duration_ps / 1e12 / repeats
    return dict(seconds)
