"""The records of a run for people: metrics.jsonl, TensorBoard events, sample grids."""

from __future__ import annotations

import collections
import time

import numpy as np

from mgpe_tf.data.grids import save_picture
from mgpe_tf.training.run_folder import RunFolder


class Records:
    """Means of the terms between two lines, and where they go.

    Args:
      run: the run folder, or None in a process that writes nothing.
      batch_size: images per step, for the images per second.
      events: TensorBoard events besides; None for none (see ``training.events``).
      rates: by name, what an image costs: its part of a line is that times the images per second.
    """

    def __init__(self, run: RunFolder | None, batch_size: int, events=None, rates: dict[str, float] | None = None):
        self._run, self._batch_size, self._events, self._rates = run, batch_size, events, rates or {}
        self.start()

    def start(self) -> None:
        """Forgets what was noted and begins to count the seconds."""
        self._values: dict[str, list] = collections.defaultdict(list)
        self._steps, self._since = 0, time.monotonic()

    def add(self, prefix: str, terms: dict[str, float]) -> None:
        """Takes note of one step's terms."""
        self._steps += 1
        for name, value in terms.items():
            self._values[prefix + name].append(value)

    def write(self, step: int, extra: dict) -> dict[str, float]:
        """Writes a line: the means and the images per second since the last one if a step was noted, and ``extra``.
        Returns the means."""
        means = {name: float(np.mean(values)) for name, values in self._values.items()}
        if self._steps:
            seconds = max(time.monotonic() - self._since, 1e-9)
            speed = self._steps * self._batch_size / seconds
            means.update(images_per_second=speed, **{name: speed * cost for name, cost in self._rates.items()})
        self._log(step, {**means, **extra})
        self.start()
        return means

    def write_validation(self, step: int, scores: dict[str, float]) -> None:
        """Writes a line of validation scores, each named "validation/...". Its time counts for no rate."""
        started = time.monotonic()
        self._log(step, {f"validation/{name}": value for name, value in scores.items()})
        self._since += time.monotonic() - started

    def write_picture(self, step: int, picture: np.ndarray) -> None:
        """Writes a sample grid, uint8 RGB, as samples/step-N.png and samples/last.png."""
        if self._run is None:
            return
        save_picture(self._run.samples / f"step-{step:08d}.png", picture)
        save_picture(self._run.samples / "last.png", picture)
        if self._events:
            self._events.picture(step, picture)

    def _log(self, step: int, values: dict) -> None:
        if self._run is None:
            return
        self._run.log(step, values)
        if self._events:
            self._events.numbers(step, values)
