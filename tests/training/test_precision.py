"""Half precision, loss scaling over replicas, and compiled steps."""

from __future__ import annotations

import numpy as np
import pytest
from processes import on_two_devices
from tiny import tiny_config


@pytest.fixture
def eager():
    """Tracing takes longer than a few steps; the dtype policy is put back."""
    import keras
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)
    keras.config.set_dtype_policy("float32")


def losses(**options):
    """L_P of three steps."""
    from steps import Steps

    return Steps(tiny_config(**options)).take(3).terms["paired/L_P"]


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_half_precision_has_nearly_the_losses_of_single_precision(eager, precision):
    single, half = losses(), losses(precision=precision)
    assert half != single
    np.testing.assert_allclose(half, single, rtol=0.02)


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_the_editor_trains_in_half_precision(eager, parser_run, precision):
    from steps import Steps

    config = tiny_config("editor", precision=precision)
    config.parser_path = str(parser_run)
    steps = Steps(config).take(2)
    assert steps.state.not_finite() == "" and all(np.isfinite(steps.terms["unpaired/L_G"]))
    assert {v.dtype for v in steps.state.networks["generator"].weights} == {"float32"}


def test_a_compiled_step_has_the_losses_of_an_interpreted_one():
    np.testing.assert_allclose(losses(jit=True), losses(), rtol=1e-3)


def check_overflow():
    """Runs where there are two logical CPUs: a gradient of the second replica overflows in every step but the last."""
    import tensorflow as tf
    from steps import Steps

    overflows = tf.Variable(True)

    class Overflowing:
        """An objective with an infinite gradient on the second replica. It is that of the last bias: normalisation
        over the replicas would pass on any other to the first."""

        def __init__(self, objective):
            self._objective = objective

        def __getattr__(self, name):
            return getattr(self._objective, name)

        def losses(self, kind, batch):
            totals, terms = self._objective.losses(kind, batch)
            second = tf.distribute.get_replica_context().replica_id_in_sync_group == 1
            bias = next(v for v in self.networks["parser"].weights if v.path == "parser/head/conv/bias")
            overflow = tf.where(overflows & second, np.inf, 0.0) * tf.reduce_sum(bias)
            return {"parser": totals["parser"] + overflow}, terms

    def scale():
        return float(steps.state.variables()[scale_name].numpy())

    mirrored = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    steps = Steps(tiny_config(precision="mixed_float16", clip_norm=0.0), mirrored, wrap=Overflowing)
    scale_name = next(name for name in steps.state.variables() if name.endswith("dynamic_scale"))
    first, before = scale(), steps.replicas()
    steps.take(2)
    assert scale() == first / 4
    trained = [name for name in before if name.endswith(("kernel", "bias", "gamma", "beta"))]
    for name in trained:
        for value in steps.replicas()[name]:
            np.testing.assert_array_equal(value, before[name][0], err_msg=name)
    overflows.assign(False)
    steps.take(1)
    assert scale() == first / 4 and steps.state.not_finite() == ""
    after = steps.replicas()
    assert sum((after[name][0] != before[name][0]).any() for name in trained) > len(trained) / 2
    for name, (one, other) in after.items():
        np.testing.assert_array_equal(one, other, err_msg=name)


def test_an_overflow_on_one_replica_skips_the_step_on_all():
    on_two_devices(check_overflow)
