"""Weights of fewer bytes: how few, how near, and that the network keeps its own."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf
from small import as_inputs, compact, portraits, small_config

from mgpe_tf.export.small_weights import SmallWeights
from mgpe_tf.objectives.editor import build_generator

RNG = np.random.default_rng(0)


def test_matrices_are_rounded_to_8_bits_by_columns_and_kernels_to_half_precision():
    dense, conv = keras.layers.Dense(3), keras.layers.Conv2D(4, 3)
    x, image = RNG.normal(size=(2, 5)).astype(np.float32), RNG.normal(size=(1, 4, 4, 2)).astype(np.float32)
    dense(x), conv(image)
    kernel = RNG.normal(size=(5, 3)).astype(np.float32) * [1, 100, 0]
    dense.kernel.assign(kernel)
    dense.bias.assign([1.0, 2.0, 1 / 3])
    small = SmallWeights(dense, conv)
    steps = np.abs(kernel).max(0) / 127
    rounded = np.round(kernel[:, :2] / steps[:2]) * steps[:2]
    expected = np.concatenate([x @ rounded, np.zeros((2, 1))], axis=1) + [1.0, 2.0, 1 / 3]
    np.testing.assert_allclose(small.used_by(dense)(x), expected, rtol=1e-5, atol=1e-5)
    half = tf.nn.conv2d(image, np.float16(conv.kernel).astype(np.float32), 1, "VALID") + conv.bias
    np.testing.assert_allclose(small.used_by(conv)(image), half, atol=1e-6)
    np.testing.assert_array_equal(dense.kernel, np.float32(kernel))


def test_a_stored_editor_is_much_smaller_and_draws_nearly_the_same(tmp_path):
    keras.utils.set_random_seed(0)
    generator = build_generator(small_config(compact(embedding_dim=64, width=32)))
    inputs = [tf.constant(x) for x in as_inputs(portraits())]
    specs = [tf.TensorSpec(x.shape, x.dtype) for x in inputs]
    sizes, drawn = {}, {}
    for name, function in (("large", generator.generate), ("small", SmallWeights(generator).used_by(generator.generate))):
        archive = keras.export.ExportArchive()
        archive.add_endpoint("edit", function, specs)
        archive.write_out(str(tmp_path / name), verbose=False)
        sizes[name] = (tmp_path / name / "variables/variables.data-00000-of-00001").stat().st_size
        model = tf.saved_model.load(tmp_path / name)
        drawn[name] = model.edit(*inputs).numpy()
    assert sizes["small"] < 0.5 * sizes["large"]
    difference = drawn["small"] - drawn["large"]
    assert difference.std() < 0.01 * drawn["large"].std()
