"""The course of a training, from the metrics.jsonl of its run folder."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from mgpe_tf.evaluation.measure.runs import read_metrics

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Course = dict[str, tuple[list[int], list[float]]]
"""Steps and values by what they are of: "training", "paired" or "unpaired" steps, "validation", or a network."""

PREFIXES = ("paired", "unpaired", "validation")
"""Prefixes of a term's name in metrics.jsonl, of terms that not all steps have."""


def read_courses(metrics: Path) -> dict[str, Course]:
    """The course of every number of a metrics.jsonl, by the term's name."""
    courses: dict[str, Course] = {}
    for values in read_metrics(metrics):
        for name, value in values.items():
            if name != "step" and isinstance(value, (int, float)):
                term, what = _term(name)
                steps, numbers = courses.setdefault(term, {}).setdefault(what, ([], []))
                steps.append(values["step"])
                numbers.append(value)
    return courses


def course_plots(courses: dict[str, Course]) -> dict[str, Callable[[Axes], None]]:
    """Functions that draw the course of each term, by its name."""
    return {term: functools.partial(_draw, course) for term, course in courses.items()}


def _term(name: str) -> tuple[str, str]:
    """A name of metrics.jsonl as the term and what its values are of."""
    first, _, rest = name.partition("/")
    if not rest:
        return name, "training"
    return (rest, first) if first in PREFIXES else (first, rest)


def _draw(course: Course, axes: Axes) -> None:
    for what, (steps, values) in course.items():
        axes.plot(steps, values, label=what, marker="." if len(steps) < 2 or what == "validation" else "")
    axes.set_xlabel("step")
    if len(course) > 1 or "training" not in course:
        axes.legend()
