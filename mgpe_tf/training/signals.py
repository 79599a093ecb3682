"""SIGTERM, SIGINT and the clock end a run at the next step boundary, so that its checkpoint is whole."""

from __future__ import annotations

import math
import os
import signal
import time


class StopRequest:
    """Catches the signals within a ``with`` block, and watches the clock.

    Args:
      any_worker: in a cluster, a function that tells from this worker's bool whether it is true of any, so that a
        signal to one stops all at the same step.
      end: reading of ``time.monotonic()`` at which the run stops too, though not before its first step.
    """

    def __init__(self, any_worker=None, end: float = math.inf):
        self._signal, self._any_worker, self._end, self._begun = 0, any_worker, end, False

    def __enter__(self) -> StopRequest:
        self._previous = {s: signal.signal(s, self._note) for s in (signal.SIGTERM, signal.SIGINT)}
        return self

    def __exit__(self, *_) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def _note(self, number, _frame) -> None:
        self._signal = number
        os.write(2, b"\nstopping after this step ...\n")  # not by print, which may be at work: this is any moment

    def requested(self) -> bool:
        """Whether the run should stop before the next step; in a cluster every worker must ask at every step."""
        if self._any_worker is None:
            begun, self._begun = self._begun, True
            return bool(self._signal) or (begun and time.monotonic() > self._end)
        # What the workers agreed on counts: a signal may arrive after they did.
        stop = self._any_worker(self._signal > 0)
        if stop and not self._signal:
            self._signal = signal.SIGTERM
        return stop

    @property
    def exit_code(self) -> int:
        """128 + the signal's number (143, 130), or 0 if none came, as when the time is over."""
        return 128 + self._signal if self._signal else 0
