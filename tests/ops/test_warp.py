"""Warp: closed forms, Keras's own sampler, borders, labels, gradient."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import ops

from mgpe_tf.ops import similarity_warp

IDENTITY = np.array([[[1, 0, 0], [0, 1, 0]]], np.float32)


def _images(dtype="float32") -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 200, (2, 9, 7, 3)).astype(dtype)


def _shift(x: float, y: float) -> np.ndarray:
    return IDENTITY + np.array([[[0, 0, x], [0, 0, y]]], np.float32)


@pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
def test_identity(interpolation):
    warped = similarity_warp(_images(), np.repeat(IDENTITY, 2, axis=0), interpolation)
    np.testing.assert_array_equal(ops.convert_to_numpy(warped), _images())


def test_shift_reads_from_the_right_and_mirrors_the_border():
    row = np.array([1.0, 2, 4, 8], np.float32).reshape(1, 1, 4, 1)
    for shift, expected in [(1, [2, 4, 8, 8]), (-2, [2, 1, 1, 2]), (0.5, [1.5, 3, 6, 8]), (9, [2, 4, 8, 8])]:
        warped = ops.convert_to_numpy(similarity_warp(row, _shift(shift, 0)))
        np.testing.assert_array_equal(warped.ravel(), expected)


def test_quarter_turn():
    images = _images()[:1, :7]
    turn = np.array([[[0, 1, 0], [-1, 0, 6]]], np.float32)
    np.testing.assert_array_equal(
        ops.convert_to_numpy(similarity_warp(images, turn)), np.rot90(images, k=1, axes=(2, 1))
    )


@pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
def test_agrees_with_keras(interpolation):
    matrices = np.array([[[0.9, -0.31, 2.3], [0.31, 0.9, -1.7]], [[1.2, 0.17, -3.1], [-0.17, 1.2, 4.4]]], np.float32)
    flat = np.concatenate([matrices.reshape(2, 6), np.zeros((2, 2), np.float32)], axis=1)
    expected = keras.ops.image.affine_transform(
        _images(), flat, interpolation=interpolation, fill_mode="reflect", data_format="channels_last"
    )
    warped = similarity_warp(_images(), matrices, interpolation)
    np.testing.assert_allclose(ops.convert_to_numpy(warped), ops.convert_to_numpy(expected), atol=2e-3)


def test_types_are_kept():
    labels = similarity_warp(_images("uint8"), np.repeat(_shift(0.4, -1.2), 2, axis=0), "nearest")
    assert ops.convert_to_numpy(labels).dtype == np.uint8
    half = similarity_warp(ops.cast(_images(), "bfloat16"), np.repeat(_shift(0.5, 0), 2, axis=0))
    assert "bfloat16" in str(half.dtype)


def test_gradient_in_images_is_the_adjoint():
    tf = pytest.importorskip("tensorflow")
    images, weights = tf.constant(_images()), np.random.default_rng(1).standard_normal((2, 9, 7, 3)).astype(np.float32)
    with tf.GradientTape() as tape:
        tape.watch(images)
        warped = tf.convert_to_tensor(similarity_warp(images, np.repeat(_shift(0.3, -2.6), 2, axis=0)))
        total = tf.reduce_sum(warped * weights)
    gradient = tape.gradient(total, images)
    np.testing.assert_allclose(np.sum(gradient * images), total, rtol=1e-4)
