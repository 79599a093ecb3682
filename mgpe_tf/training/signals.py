"""SIGTERM and SIGINT end a run at the next step boundary, so that its checkpoint is whole."""

from __future__ import annotations

import signal

import tensorflow as tf


class StopRequest:
    """Catches the signals within a ``with`` block.

    Args:
      strategy: workers of a cluster agree: a signal to one stops all at the same step.
    """

    def __init__(self, strategy: tf.distribute.Strategy):
        self._signal, self._sum = 0, None
        if strategy.extended._in_multi_worker_mode():
            add = tf.distribute.ReduceOp.SUM
            self._sum = tf.function(lambda value: strategy.reduce(add, strategy.run(lambda: value), axis=None))

    def __enter__(self) -> StopRequest:
        self._previous = {s: signal.signal(s, self._note) for s in (signal.SIGTERM, signal.SIGINT)}
        return self

    def __exit__(self, *_):
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def _note(self, number, _frame):
        self._signal = number

    def requested(self) -> bool:
        """Whether the run should stop before the next step; in a cluster every worker must ask at every step."""
        if self._sum is None:
            return bool(self._signal)
        # What the workers agreed on counts: a signal may arrive after they did.
        stop = bool(self._sum(tf.constant(float(self._signal > 0))))
        if stop and not self._signal:
            self._signal = signal.SIGTERM
        return stop

    @property
    def exit_code(self) -> int:
        """128 + the signal's number (143, 130), or 0 if none came."""
        return 128 + self._signal if self._signal else 0
