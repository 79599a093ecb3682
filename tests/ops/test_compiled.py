"""XLA: every op gives what it gives eagerly (up to fused rounding), at any batch size and in static shapes."""

from __future__ import annotations

import numpy as np
import pytest
from keras import ops

from mgpe_tf.geometry import component
from mgpe_tf.ops import (
    class_shares,
    component_centres,
    component_mask,
    crop,
    cubic_enlarge,
    enlarge_labels,
    flow_warp,
    one_hot_mask,
    place,
    random_flow,
    reflect_pad,
    similarity_warp,
    stretches,
)
from mgpe_tf.ops.flow import NUMBERS

tf = pytest.importorskip("tensorflow")


def _inputs():
    rng = np.random.default_rng(0)
    images = rng.standard_normal((2, 32, 24, 3)).astype(np.float32)
    masks = rng.integers(0, 11, (2, 32, 24)).astype(np.uint8)
    matrices = rng.standard_normal((2, 2, 3)).astype(np.float32)
    return tf.constant(images), tf.constant(masks), tf.constant(matrices)


def _everything(images, masks, matrices):
    centres = component_centres(masks, component("mouth"))
    cropped = crop(images, centres, (8, 10))
    return {
        "centres": centres,
        "crop": cropped,
        "place": place(cropped, centres, (16, 12)),
        "reflected": reflect_pad(images, 3),
        "one_hot": one_hot_mask(masks),
        "member": component_mask(masks, component("skin")),
        "enlarged": enlarge_labels(masks, 1.1),
        "shares": class_shares(masks[:, :24], 8),
        "enlarged map": cubic_enlarge(images, (40, 30)),
        "random flow": random_flow(ops.tile(matrices[:, 0], (1, -(-NUMBERS // 3)))[:, :NUMBERS], 20),
        "stretches": stretches(images[..., :2])[1],
        "flow": flow_warp(images, 9 * images[..., :2]),
        "warp": similarity_warp(images, matrices),
        "nearest": similarity_warp(masks[..., None], matrices, "nearest"),
    }


def test_compiled_agrees_with_eager():
    compiled = tf.function(_everything, jit_compile=True)(*_inputs())
    for name, eager in _everything(*_inputs()).items():
        np.testing.assert_allclose(compiled[name], eager, rtol=1e-4, atol=1e-4, err_msg=name)


def test_shapes_are_static_but_for_the_batch():
    signature = [tf.TensorSpec((None, *x.shape[1:]), x.dtype) for x in _inputs()]
    shapes = tf.function(_everything, input_signature=signature).get_concrete_function().structured_outputs
    expected = {name: x.shape[1:] for name, x in _everything(*_inputs()).items()}
    assert {name: x.shape[1:] for name, x in shapes.items()} == expected
