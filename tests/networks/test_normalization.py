"""The fused batch normalisation does what Keras's composition does."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from mgpe_tf.networks.normalization import EPSILON, BatchNorm


def trained(layer, x, upstream) -> list[np.ndarray]:
    """Output, the input's and the weights' gradients, and the moving statistics after one call."""
    layer.build(x.shape)
    layer.gamma.assign(np.linspace(-1, 2, x.shape[-1]))
    layer.beta.assign(np.linspace(0.5, -0.5, x.shape[-1]))
    weights = [v.value for v in layer.trainable_variables]
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x, training=True)
    gradients = tape.gradient(y, [x, *weights], upstream)
    moving = layer.moving_mean.value, layer.moving_variance.value
    return [tf.cast(v, tf.float32).numpy() for v in (y, *gradients, *moving)]


@pytest.mark.parametrize("shape", [(3, 6, 5, 4), (1, 2, 1, 4), (1, 1, 1, 4)])
def test_the_numbers_of_keras(shape):
    rng = np.random.default_rng(0)
    x, upstream = (tf.constant(rng.normal(1.0, 2.0, shape), tf.float32) for _ in range(2))
    ours = trained(BatchNorm(0.8), x, upstream)
    keras_layer = keras.layers.BatchNormalization(momentum=0.8, epsilon=EPSILON)
    for ours_, theirs in zip(ours, trained(keras_layer, x, upstream), strict=True):
        # One value a channel has no spread: 1 / sqrt(epsilon) enlarges the rounding of its gradient.
        np.testing.assert_allclose(ours_, theirs, rtol=1e-5, atol=1e-5 if np.prod(shape[:3]) > 1 else 1e-3)


def test_half_precision_keeps_statistics_in_single():
    rng = np.random.default_rng(1)
    x, upstream = (tf.cast(rng.normal(100.0, 1.0, (2, 16, 16, 4)), tf.bfloat16) for _ in range(2))
    layer = BatchNorm(0.0, dtype="mixed_bfloat16")
    *_, mean, variance = trained(layer, x, upstream)
    assert layer(x, training=True).dtype == tf.bfloat16
    exact = tf.cast(x, tf.float32).numpy()
    np.testing.assert_allclose(mean, exact.mean((0, 1, 2)), rtol=1e-6)
    np.testing.assert_allclose(variance, exact.var((0, 1, 2)), rtol=1e-3)
