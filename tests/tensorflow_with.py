"""``python -m tensorflow_with WAY MODULE ...`` or ``WAY MODULE:FUNCTION ...``: a program, or a call of its function, in
one of the ``WAYS`` of TensorFlow, which may be imported, but not used yet."""

from __future__ import annotations

import importlib
import os
import runpy
import sys

import tensorflow as tf


def two_devices() -> None:
    """Two logical CPUs."""
    halves = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], halves)


WAYS = {way.__name__: way for way in (two_devices,)}

if __name__ == "__main__":
    way, subject, *arguments = sys.argv[1:]
    WAYS[way]()
    module, _, function = subject.partition(":")
    if function:
        sys.path[:0] = os.environ["PYTHONPATH"].split(os.pathsep)
        getattr(importlib.import_module(module), function)(*arguments)
    else:
        sys.argv[:] = [module, *arguments]
        runpy.run_module(module, run_name="__main__", alter_sys=True)
