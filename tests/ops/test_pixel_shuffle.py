"""Pixel shuffles against TensorFlow's kernels, as Keras gives them and as they are written out for Keras 3.12."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from mgpe_tf.ops.pixel_shuffle import depth_to_space, space_to_depth

tf = pytest.importorskip("tensorflow")


@pytest.fixture(params=["keras", "written out"], autouse=True)
def implementation(request, monkeypatch):
    if request.param == "written out":
        monkeypatch.delattr(keras.ops, "depth_to_space", raising=False)
        monkeypatch.delattr(keras.ops, "space_to_depth", raising=False)


@pytest.mark.parametrize("block", [2, 4])
def test_they_are_the_kernels_of_tensorflow(block):
    x = np.arange(2 * 4 * 8 * 32, dtype=np.float32).reshape(2, 4, 8, 32)
    np.testing.assert_array_equal(depth_to_space(x, block), tf.nn.depth_to_space(x, block))
    np.testing.assert_array_equal(space_to_depth(x, block), tf.nn.space_to_depth(x, block))
    np.testing.assert_array_equal(space_to_depth(depth_to_space(x, block), block), x)


def test_the_batch_may_be_unknown():
    signature = [tf.TensorSpec((None, 4, 6, 8))]
    both = tf.function(lambda x: (depth_to_space(x, 2), space_to_depth(x, 2)), input_signature=signature)
    assert [tuple(y.shape) for y in both(tf.zeros((3, 4, 6, 8)))] == [(3, 8, 12, 2), (3, 2, 3, 32)]
    shapes = both.get_concrete_function().structured_outputs
    assert [tuple(y.shape[1:]) for y in shapes] == [(8, 12, 2), (2, 3, 32)]
