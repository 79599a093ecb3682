"""All uses of names of Keras that are not its documented interface.

A version of Keras may change them without a word; ``tests/test_compat.py`` says of each what would break then.
"""

from __future__ import annotations

import keras


def layers_of(network: keras.layers.Layer) -> list[keras.layers.Layer]:
    """A layer or model, its parts, the parts of these and so on. ``Model.layers`` ends at the first level."""
    return list(network._flatten_layers())


def forget(layer: keras.layers.Layer, part: keras.layers.Layer) -> None:
    """Ends that `part` is one of a layer's. Keras would keep the variables of one that is only assigned over."""
    layer._layers.remove(part)


def mark_as_built(layer: keras.layers.Layer) -> None:
    """Says that a layer has no variables of its own to make.

    Keras would trace the call of a layer that is not marked so once more to build its parts, and so at every level of
    nesting.
    """
    layer.built = True


class OpenAdam(keras.optimizers.Adam):
    """Adam whose moments can be had, and whose sum over the replicas of TensorFlow can be overridden."""

    def moments(self, variable: keras.Variable) -> tuple[keras.Variable, keras.Variable]:
        """The moving means of a variable's gradient and of its square."""
        index = self._get_variable_index(variable)
        return self._momentums[index], self._velocities[index]

    def sum_over_replicas(self, gradients_and_variables: list[tuple]) -> list[tuple]:
        """Adds each gradient up over the replicas."""
        return super()._all_reduce_sum_gradients(gradients_and_variables)

    def _all_reduce_sum_gradients(self, grads_and_vars: list[tuple]) -> list[tuple]:
        return self.sum_over_replicas(grads_and_vars)
