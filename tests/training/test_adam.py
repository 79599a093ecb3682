"""The fused Adam does what Keras's Adam does."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from mgpe_tf.training.adam import FusedAdam


def updated(optimizer_class, strategy, steps=4):
    """Weights, moments and iterations after some updates with the same gradients, two variables of two shapes."""
    rng = np.random.default_rng(0)
    with strategy.scope():
        variables = [keras.Variable(rng.normal(size=shape).astype(np.float32)) for shape in ((3, 4), (5,))]
        schedule = keras.optimizers.schedules.PolynomialDecay(0.1, 10)
        optimizer = optimizer_class(schedule, 0.5, 0.99, epsilon=1e-8, name="adam")
        optimizer.build(variables)

    @tf.function(autograph=False)
    def apply(gradients):
        strategy.run(lambda: optimizer.apply([tf.identity(g) for g in gradients], variables))

    for _ in range(steps):
        apply([tf.constant(rng.normal(size=v.shape), tf.float32) for v in variables])
    return [np.array(v.numpy()) for v in (*variables, *optimizer.variables)]


@pytest.mark.parametrize(
    "strategy", [tf.distribute.get_strategy, tf.distribute.OneDeviceStrategy, tf.distribute.MirroredStrategy]
)
def test_it_updates_as_the_optimizer_of_keras_does(strategy):
    device = {tf.distribute.OneDeviceStrategy: ("/cpu:0",), tf.distribute.MirroredStrategy: (["/cpu:0"],)}
    strategy = strategy(*device.get(strategy, ()))
    for expected, found in zip(updated(keras.optimizers.Adam, strategy), updated(FusedAdam, strategy), strict=True):
        np.testing.assert_allclose(found, expected, rtol=2e-6, atol=1e-7)
