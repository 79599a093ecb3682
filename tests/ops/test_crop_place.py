"""Crop and place: numpy loops, borders, adjointness, gradients, exactness in bfloat16."""

from __future__ import annotations

import numpy as np
import pytest
from keras import ops

from mgpe_tf.ops import crop, place

CENTRES = np.array([(6, 5), (0, 0), (11, 9), (-3, 4), (40, 40)], np.int32)
SIZES = [(4, 6), (5, 3), (12, 10), (16, 16)]


def _random(*shape) -> np.ndarray:
    return np.random.default_rng(sum(shape)).standard_normal(shape).astype(np.float32)


def _crop_by_loops(images, centres, size):
    result = np.zeros((len(images), *size, images.shape[3]), images.dtype)
    for b, i, j in np.ndindex(result.shape[:3]):
        row, column = centres[b][0] - size[0] // 2 + i, centres[b][1] - size[1] // 2 + j
        if 0 <= row < images.shape[1] and 0 <= column < images.shape[2]:
            result[b, i, j] = images[b, row, column]
    return result


@pytest.mark.parametrize("size", SIZES)
def test_crop_is_the_window_with_zeros_outside(size):
    images = _random(5, 12, 10, 2)
    np.testing.assert_array_equal(
        ops.convert_to_numpy(crop(images, CENTRES, size)), _crop_by_loops(images, CENTRES, size)
    )


@pytest.mark.parametrize("size", SIZES)
def test_place_is_the_adjoint_of_crop(size):
    images, features = _random(5, 12, 10, 2), _random(5, *size, 2)
    cropped = ops.convert_to_numpy(crop(images, CENTRES, size))
    placed = ops.convert_to_numpy(place(features, CENTRES, (12, 10)))
    np.testing.assert_allclose(np.sum(cropped * features), np.sum(images * placed), rtol=1e-4, atol=1e-4)


def test_place_puts_the_feature_at_its_centre_and_drops_the_rest():
    features = _random(2, 4, 2, 3)
    placed = ops.convert_to_numpy(place(features, np.array([(5, 4), (0, 9)], np.int32), (12, 10)))
    expected = np.zeros((2, 12, 10, 3), np.float32)
    expected[0, 3:7, 3:5] = features[0]
    expected[1, 0:2, 8:10] = features[1, 2:]
    np.testing.assert_array_equal(placed, expected)


def test_full_size_crop_at_the_image_centre_is_the_image():
    images = _random(1, 12, 10, 2)
    np.testing.assert_array_equal(ops.convert_to_numpy(crop(images, np.array([(6, 5)], np.int32), (12, 10))), images)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_low_precision_passes_values_unchanged(dtype):
    images = ops.cast(_random(5, 12, 10, 2), dtype)
    cropped = crop(images, CENTRES, (6, 6))
    rounded = ops.convert_to_numpy(ops.cast(images, "float32"))
    assert dtype in str(cropped.dtype)
    np.testing.assert_array_equal(
        ops.convert_to_numpy(ops.cast(cropped, "float32")), _crop_by_loops(rounded, CENTRES, (6, 6))
    )


def test_gradient_of_place_is_crop():
    tf = pytest.importorskip("tensorflow")
    features, weights = tf.constant(_random(5, 4, 6, 2)), _random(5, 12, 10, 2)
    with tf.GradientTape() as tape:
        tape.watch(features)
        total = tf.reduce_sum(tf.convert_to_tensor(place(features, CENTRES, (12, 10))) * weights)
    np.testing.assert_array_equal(tape.gradient(total, features), _crop_by_loops(weights, CENTRES, (4, 6)))
