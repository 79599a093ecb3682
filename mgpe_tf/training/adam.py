"""Adam as one kernel."""

from __future__ import annotations

import tensorflow as tf

from mgpe_tf.compat import OpenAdam


class FusedAdam(OpenAdam):
    """Keras's Adam with TensorFlow's fused update.

    Keras composes the update of some twenty operations a variable, each of which reads and writes tensors of the
    variable's size. The kernel passes once over weights, moments and gradient, and needs no memory besides. Arguments,
    state and result are those of ``keras.optimizers.Adam``, ``amsgrad`` excepted.
    """

    def update_step(self, gradient, variable, learning_rate) -> None:
        """Updates a variable and its moments in place."""
        mean, square = self.moments(variable)
        step = tf.cast(self.iterations.value + 1, variable.dtype)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=mean.value.handle,
            v=square.value.handle,
            beta1_power=tf.pow(self.beta_1, step),
            beta2_power=tf.pow(self.beta_2, step),
            lr=tf.cast(learning_rate, variable.dtype),
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=tf.cast(gradient, variable.dtype),
        )

    def sum_over_replicas(self, gradients_and_variables) -> list[tuple]:
        """Adds each gradient up over the replicas.

        That joins all gradients in one operation. With one replica there is nothing to add up, and each gradient can be
        applied and freed as soon as it is there.
        """
        if tf.distribute.get_strategy().num_replicas_in_sync == 1:
            return gradients_and_variables
        return super().sum_over_replicas(gradients_and_variables)
