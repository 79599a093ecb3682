"""Two replicas do what one does."""

from __future__ import annotations

import numpy as np
import pytest
from processes import on_two_devices
from tiny import tiny_config


def check_editor(parser_path):
    """Runs where there are two logical CPUs."""
    import tensorflow as tf
    from steps import Steps

    tf.config.run_functions_eagerly(True)  # tracing takes longer than these steps
    # Rounding is far below what a mistake does, but Adam makes whole steps of it where a gradient is nearly zero. In
    # float64 even that stays small.
    config = tiny_config("editor", batch_size=4, clip_norm=0.5, precision="float64")
    config.parser_path = parser_path
    one = Steps(config).take(4)
    two = Steps(config, tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])).take(4)
    for name, values in one.terms.items():
        np.testing.assert_allclose(two.terms[name], values, rtol=1e-12, err_msg=name)
    for name, (first, second) in two.replicas().items():
        np.testing.assert_array_equal(first, second, err_msg=name)


def check_share():
    """Runs where there are two logical CPUs."""
    import tempfile

    from mgpe_tf.errors import UserError
    from mgpe_tf.training.on_tensorflow import train

    with pytest.raises(UserError, match="training.batch_size is 3; allowed are positive multiples of 2"):
        train(tiny_config(batch_size=3), tempfile.mkdtemp())


def test_the_editor_on_two_replicas_takes_the_steps_of_one(parser_run):
    on_two_devices(check_editor, str(parser_run))


def test_replicas_that_cannot_share_a_batch_are_a_mistake():
    on_two_devices(check_share)
