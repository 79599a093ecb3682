"""Counted operations against counts by hand."""

from __future__ import annotations

import keras
import pytest
from small import SIZE, compact, small_config

from mgpe_tf.networks.blocks import Conv, UpBlock
from mgpe_tf.objectives.editor import build_generator

tf = pytest.importorskip("tensorflow")

from benchmarks.operations import count_macs  # noqa: E402, it imports tensorflow

IMAGE = tf.TensorSpec((2, 16, 12, 3))


def built(layer, spec=IMAGE):
    layer(keras.KerasTensor(spec.shape))
    return layer


@pytest.mark.parametrize(
    ("layer", "macs"),
    [
        (lambda: Conv(5, 3, pad=1), 2 * 16 * 12 * 5 * 9 * 3),
        (lambda: Conv(5, 4, 2, pad=1), 2 * 8 * 6 * 5 * 16 * 3),
        (lambda: Conv(5, 7, pad=3, pad_mode="reflect"), 2 * 16 * 12 * 5 * 49 * 3),
        (lambda: keras.layers.Conv2D(6, 3, groups=3), 2 * 14 * 10 * 6 * 9 * 1),
        # Every input pixel is multiplied by the whole kernel.
        (lambda: UpBlock(5), 2 * 16 * 12 * 3 * 16 * 5),
        (lambda: UpBlock(5, "subpixel"), 2 * 16 * 12 * 3 * 9 * 4 * 5),
    ],
)
def test_convolutions(layer, macs):
    assert count_macs(built(layer()), IMAGE) == macs


def test_matrix_products():
    spec = tf.TensorSpec((4, 6))
    assert count_macs(built(keras.layers.Dense(5), spec), spec) == 4 * 6 * 5
    assert count_macs(lambda x: tf.matmul(x, x, transpose_a=True), spec) == 6 * 4 * 6
    assert count_macs(lambda x: tf.matmul(x, x, transpose_b=True), spec) == 4 * 6 * 4


def test_a_nested_function_counts_at_every_call():
    layer = built(Conv(3, 3, pad=1))
    inner = tf.function(layer)
    middle = tf.function(lambda x: inner(inner(x)))
    compiled = tf.function(lambda x: inner(x), jit_compile=True)
    once = 2 * 16 * 12 * 3 * 9 * 3
    assert count_macs(lambda x: inner(x), IMAGE) == once
    assert count_macs(lambda x: layer(middle(x)) + middle(x), IMAGE) == 5 * once
    assert count_macs(lambda x: compiled(x) + x, IMAGE) == once


def test_element_wise_work_is_free():
    assert count_macs(lambda x: tf.nn.relu(x) * 2 + tf.reduce_mean(x), IMAGE) == 0


def test_a_generator_is_the_sum_of_its_stages():
    model = build_generator(small_config(compact()))
    image, mask = tf.TensorSpec((1, SIZE, SIZE, 3)), tf.TensorSpec((1, SIZE, SIZE), tf.int32)
    embed = count_macs(lambda x, m: model.embed(model.crops(x, m)), image, mask)
    embeddings = [tf.TensorSpec((1, 8))] * 5
    names = [c.name for c in model.components]
    decode = count_macs(lambda *e: model.decode(dict(zip(names, e))), *embeddings)
    features = [tf.TensorSpec((1, *c.feature_size, 6 if c.name in ("skin", "hair") else 8)) for c in model.components]
    render = count_macs(lambda x, m, *f: model.render(dict(zip(names, f)), x, m), image, mask, *features)
    assert count_macs(model.generate, image, mask, image, mask) == embed + decode + render
    assert min(embed, decode, render) > 0
