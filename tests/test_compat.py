"""What would break if Keras changed a name that is not its documented interface."""

from __future__ import annotations

import keras
import tensorflow as tf

from mgpe_tf.compat import OpenAdam, forget, layers_of, mark_as_built


class Nest(keras.layers.Layer):
    """Layers within layers, which count how often they are called."""

    def __init__(self, depth, marked):
        super().__init__()
        self.part = Nest(depth - 1, marked) if depth else keras.layers.Dense(2)
        self.depth, self.calls = depth, 0
        if marked:
            mark_as_built(self)

    def call(self, inputs):
        self.calls += 1
        return self.part(inputs)


def innermost(nest):
    return innermost(nest.part) if nest.depth else nest


def test_folding_would_find_no_layers_of_layers():
    model = keras.Sequential([Nest(2, marked=True)])
    model(tf.zeros((1, 3)))
    assert innermost(model.layers[0]).part in layers_of(model)
    assert {id(w) for w in model.weights} == {id(w) for layer in layers_of(model) for w in layer.weights}


def test_a_folded_network_would_keep_the_variables_of_what_is_gone():
    nest = Nest(0, marked=True)
    nest(tf.zeros((1, 3)))
    old, new = nest.part, keras.layers.Dense(2)
    forget(nest, old)
    nest.part = new
    nest(tf.zeros((1, 3)))
    assert {id(w) for w in nest.weights} == {id(w) for w in new.weights}


def test_networks_would_be_traced_once_for_each_of_their_levels():
    marked, plain = Nest(3, marked=True), Nest(3, marked=False)
    for nest in (marked, plain):
        nest(tf.zeros((1, 3)))
        assert len(nest.weights) == 2
    assert innermost(marked).calls == 1
    assert innermost(plain).calls > 1  # else it need not be marked any more


def test_the_fused_update_would_change_other_moments():
    variables = [keras.Variable(tf.ones(shape)) for shape in ((2,), (3,))]
    adam = OpenAdam(0.1, beta_1=0.5, beta_2=0.75)
    adam.build(variables)
    adam.apply([tf.fill((2,), 2.0), tf.fill((3,), 4.0)], variables)
    mean, square = adam.moments(variables[1])
    assert mean.numpy().tolist() == [2.0] * 3  # half of 4
    assert square.numpy().tolist() == [4.0] * 3  # a quarter of 16


def test_one_replica_would_join_all_gradients_to_sum_them():
    class Counting(OpenAdam):
        sums = 0

        def sum_over_replicas(self, gradients_and_variables):
            self.sums += 1
            return super().sum_over_replicas(gradients_and_variables)

    strategy = tf.distribute.OneDeviceStrategy("/cpu:0")
    with strategy.scope():
        variable = keras.Variable(tf.ones(2))
        adam = Counting(0.1)
        adam.build([variable])
    strategy.run(lambda: adam.apply([tf.ones(2)], [variable]))
    assert adam.sums == 1
