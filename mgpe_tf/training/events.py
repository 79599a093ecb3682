"""TensorBoard events, which TensorFlow writes."""

from __future__ import annotations

import contextlib
import errno
from pathlib import Path

import numpy as np
import tensorflow as tf


class Events:
    """The events of a run.

    Args:
      folder: where they are written.

    Raises:
      OSError: from any method, if they cannot be.
    """

    def __init__(self, folder: Path):
        self._folder = str(folder)
        with self._os_errors():
            self._writer = tf.summary.create_file_writer(self._folder)

    def numbers(self, step: int, values: dict) -> None:
        """Writes those values that are floats."""
        with self._os_errors(), self._writer.as_default():
            for name, value in values.items():
                if isinstance(value, float):
                    tf.summary.scalar(name, value, step=step)
            self._writer.flush()

    def picture(self, step: int, picture: np.ndarray) -> None:
        """Writes a sample grid, uint8 RGB [H, W, 3]."""
        with self._os_errors(), self._writer.as_default():
            tf.summary.image("samples", picture[None], step=step)

    @contextlib.contextmanager
    def _os_errors(self):
        """TensorFlow's errors as Python's own, which the training loop knows."""
        try:
            yield
        except tf.errors.OpError as error:
            raise OSError(errno.EIO, error.message.splitlines()[0], self._folder) from error
