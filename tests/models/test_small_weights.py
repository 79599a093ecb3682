"""Weights of fewer bytes: how few, how near, and that the network keeps its own."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf
from small import as_inputs, compact, portraits, randomised, small_config

from mgpe_tf.config import ParserConfig
from mgpe_tf.models import small_weights
from mgpe_tf.models.small_weights import FoldedSmallWeights, SmallWeights
from mgpe_tf.objectives.editor import build_generator
from mgpe_tf.objectives.parser import build_parser

RNG = np.random.default_rng(0)


def test_large_kernels_are_rounded_to_8_bits_by_outputs_and_small_ones_to_half_precision(monkeypatch):
    monkeypatch.setattr(small_weights, "LARGE", 40)
    dense, conv, small = keras.layers.Dense(9), keras.layers.Conv2D(4, 3), keras.layers.Conv2D(2, 3)
    x, image = RNG.normal(size=(2, 5)).astype(np.float32), RNG.normal(size=(1, 4, 4, 2)).astype(np.float32)
    dense(x), conv(image), small(image)
    dense.kernel.assign(RNG.normal(size=(5, 9)).astype(np.float32) * [1, 100, 0, 1, 1, 1, 1, 1, 1])
    dense.bias.assign(np.arange(9) / 3)
    kept = np.asarray(dense.kernel)
    weights = SmallWeights(dense, conv, small)
    np.testing.assert_allclose(weights.used_by(dense)(x), x @ rounded(kept) + np.arange(9) / 3, rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(dense.kernel, kept)
    for layer, kernel in ((conv, rounded(np.asarray(conv.kernel))), (small, np.float16(small.kernel))):
        expected = tf.nn.conv2d(image, kernel.astype(np.float32), 1, "VALID")
        np.testing.assert_allclose(weights.used_by(layer)(image), expected, atol=1e-5)


def rounded(kernel: np.ndarray) -> np.ndarray:
    """To the nearest of 255 even steps between the largest numbers of each output, up and down."""
    matrix = kernel.reshape(-1, kernel.shape[-1])
    steps = np.maximum(np.abs(matrix).max(0), 1e-12) / 127
    return (np.round(matrix / steps) * steps).reshape(kernel.shape)


def test_a_stored_editor_is_much_smaller_and_draws_nearly_the_same(tmp_path):
    keras.utils.set_random_seed(0)
    generator = build_generator(small_config(compact(embedding_dim=64, width=32)))
    inputs = [tf.constant(x) for x in as_inputs(portraits())]
    specs = [tf.TensorSpec(x.shape, x.dtype) for x in inputs]
    sizes, drawn = {}, {}
    functions = {"large": generator.generate, "small": SmallWeights(generator).used_by(generator.generate)}
    for name, function in functions.items():
        archive = keras.export.ExportArchive()
        archive.add_endpoint("edit", function, specs)
        archive.write_out(str(tmp_path / name), verbose=False)
        sizes[name] = (tmp_path / name / "variables/variables.data-00000-of-00001").stat().st_size
        model = tf.saved_model.load(tmp_path / name)
        drawn[name] = model.edit(*inputs).numpy()
    assert sizes["small"] < 0.6 * sizes["large"]
    difference = drawn["small"] - drawn["large"]
    assert difference.std() < 0.01 * drawn["large"].std()


def test_a_folded_twin_reads_them():
    """Without its normalisations; what is stored has the names of the network with them."""
    config = small_config(task="parser")
    config.parser = ParserConfig("mobile", (4, 6, 8), blocks=(0, 1, 1), up_filters=(6, 4), up_blocks=(1, 1))
    network, twin = build_parser(config), build_parser(config)
    randomised(network)
    before = network.get_weights()
    weights = FoldedSmallWeights(network, twin)
    image = tf.constant(as_inputs(portraits())[0])
    expected, found = network(image), tf.function(weights.used_by(twin))(image)
    assert np.abs(found - expected).max() < 0.01 * np.abs(expected).max()
    assert np.abs(twin(image) - expected).max() > 0.1 * np.abs(expected).max()  # its own weights are others
    for array, kept in zip(network.get_weights(), before):
        np.testing.assert_array_equal(array, kept)
