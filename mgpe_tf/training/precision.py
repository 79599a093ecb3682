"""In which precision a run computes."""

from __future__ import annotations

import keras


def set_precision(precision: str) -> None:
    """Sets Keras's dtype policy for the networks built afterwards, by ``training.precision``."""
    keras.config.set_floatx("float64" if precision == "float64" else "float32")
    keras.config.set_dtype_policy(precision)
