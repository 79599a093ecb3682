"""In which precision a run computes."""

from __future__ import annotations

from collections.abc import Sequence

import keras

from mgpe_tf.config_check import names_of
from mgpe_tf.errors import UserError

PRECISIONS = names_of("training.precision")


def set_precision(precision: str, allowed: Sequence[str] = PRECISIONS) -> None:
    """Sets Keras's dtype policy for the networks built afterwards; UserError for a name that is not ``allowed``."""
    if precision not in allowed:
        raise UserError(f"training.precision is {precision!r}; allowed here: {', '.join(allowed)}")
    keras.config.set_floatx("float64" if precision == "float64" else "float32")
    keras.config.set_dtype_policy(precision)
