"""TensorFlow without its chatter, so that what the commands print is what users need to read."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator


def import_tensorflow() -> None:
    """Imports TensorFlow without what its native code writes to stderr: failures come as exceptions besides.

    TF_CPP_MIN_LOG_LEVEL=0 in the environment shows everything.
    """
    # At 2, graphs that its optimiser leaves as they are and computers without a GPU still cause lines of errors.
    if os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3") == "0":
        return
    with held_back_stderr():  # some lines that are written during the import heed no level
        import tensorflow as tf
    tf.get_logger().setLevel("WARNING")


@contextlib.contextmanager
def held_back_stderr() -> Iterator[None]:
    """Keeps back what Python and native code write to stderr; shows it if the block fails."""
    sys.stderr.flush()
    stderr = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            held.seek(0)
            os.write(stderr, held.read())
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
