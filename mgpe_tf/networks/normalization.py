"""Batch normalisation over all replicas, and group normalisation."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from mgpe_tf.ops.tensor import Tensor

EPSILON = 1e-5


@keras.saving.register_keras_serializable("mgpe_tf")
class BatchNorm(keras.layers.BatchNormalization):
    """Batch normalisation of [B, H, W, C] over batch, rows and columns, with statistics over all replicas.

    Args:
      momentum: share of the old value when a moving statistic is updated.
      epsilon: added to the variance.

    One replica on TensorFlow trains with the fused kernel: the numbers of Keras's own composition in a third of the
    time, and activations in half precision stay so. Keras synchronises replicas on TensorFlow only; a jitted JAX step
    sees the whole batch anyway.
    """

    def __init__(
        self, momentum: float = 0.9, epsilon: float = EPSILON, *, name: str | None = None, **kwargs: Any
    ) -> None:
        synchronized = keras.backend.backend() == "tensorflow"
        super().__init__(
            **{**kwargs, "momentum": momentum, "epsilon": epsilon, "synchronized": synchronized}, name=name
        )

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        """[B, H, W, C] -> the same shape."""
        if training and self.trainable and keras.backend.backend() == "tensorflow" and inputs.dtype != "float64":
            import tensorflow as tf  # the networks must run where only JAX is

            if tf.distribute.get_strategy().num_replicas_in_sync == 1:
                return self._fused(inputs, tf)
        return super().call(inputs, training=training)

    def _fused(self, inputs: Tensor, tf: Any) -> Tensor:
        empty = tf.zeros(0)
        output, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=inputs,
            scale=self.gamma,
            offset=self.beta,
            mean=empty,
            variance=empty,
            epsilon=self.epsilon,
            is_training=True,
        )
        # The kernel divides by n - 1, Keras by n.
        count = tf.cast(tf.reduce_prod(tf.shape(inputs)[:-1]), variance.dtype)
        variance *= (count - 1) / count
        for moving, value in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + value * (1.0 - self.momentum))
        return output


@keras.saving.register_keras_serializable("mgpe_tf")
class GroupNorm(keras.layers.GroupNormalization):
    """Group normalisation of [B, H, W, C] (Wu and He 2018): each portrait's groups of channels have mean 0, variance 1.

    Args:
      groups: their number, a divisor of C.
      epsilon: added to the variance.

    Keras's own reduces over axes that are no neighbours; means of channels, and then of groups, take half the time.
    """

    def __init__(self, groups: int = 8, epsilon: float = EPSILON, **kwargs: Any) -> None:
        super().__init__(groups=groups, epsilon=epsilon, **kwargs)

    def call(self, inputs: Tensor) -> Tensor:
        """[B, H, W, C] -> the same shape."""
        x, width = ops.cast(inputs, "float32"), inputs.shape[-1] // self.groups
        share = ops.convert_to_tensor(np.kron(np.eye(self.groups), np.full((width, width), 1 / width)), "float32")
        mean, square = (ops.matmul(ops.mean(values, axis=(1, 2)), share) for values in (x, ops.square(x)))
        scale = ops.rsqrt(square - ops.square(mean) + self.epsilon) * self.gamma
        shift = self.beta - mean * scale
        return ops.cast(x * scale[:, None, None] + shift[:, None, None], inputs.dtype)
