"""The trunk, and the parser of nineteen classes that stands on it."""

from __future__ import annotations

import os
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops
from stored_trunk import store_trunk

from mgpe_tf.errors import UserError
from mgpe_tf.labels import NUM_PARTS
from mgpe_tf.networks.efficientnet_lite import EfficientNetLite0, imagenet_arrays, load_imagenet
from mgpe_tf.networks.folding import fold
from mgpe_tf.networks.lite_parser import LiteParser

SHARED = Path(__file__).resolve().parents[3] / "shared"
WEIGHTS = SHARED / "weights/efficientnet_lite0.npz"
IMAGES = np.random.default_rng(0).uniform(-1, 1, (2, 64, 64, 3)).astype("float32")


@pytest.mark.skipif(not WEIGHTS.is_file(), reason="needs the ImageNet weights")
def test_the_trunk_gives_what_tensorflow_gives_with_these_weights():
    import sys

    import tensorflow as tf

    sys.path.append(str(SHARED / "checks"))
    import realism

    trunk = EfficientNetLite0(name="trunk")
    found = trunk(IMAGES)
    with np.load(WEIGHTS) as arrays:
        load_imagenet(trunk, arrays, str(WEIGHTS))
    found = [trunk(IMAGES)[i] for i in (1, 2, 4)]
    wanted = realism.trunk(WEIGHTS)(tf.constant(IMAGES))
    for own, other in zip(found, [wanted[0], wanted[1], wanted[3]], strict=True):
        np.testing.assert_allclose(own, other, atol=1e-4)


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """(.npz file of random arrays, these arrays)."""
    path = tmp_path_factory.mktemp("trunk") / "trunk.npz"
    return path, store_trunk(path)


def test_arrays_reach_the_trunk_of_a_parser_under_their_names(stored):
    path, arrays = stored
    parser = LiteParser()
    parser(IMAGES)
    found = imagenet_arrays(path, "parser/trunk")
    by_path = {v.path: v for v in parser.trunk.weights}
    assert found.keys() == by_path.keys()
    kernel = found["parser/trunk/block_3/depthwise/conv/kernel"]
    np.testing.assert_array_equal(kernel[..., 0], arrays["_blocks.3._depthwise_conv.weight"][:, 0].transpose(1, 2, 0))
    np.testing.assert_array_equal(
        found["parser/trunk/block_15/project/norm/moving_variance"], arrays["_blocks.15._bn2.running_var"]
    )


def test_arrays_that_are_missing_or_damaged(stored, tmp_path):
    arrays = stored[1]
    less = tmp_path / "less.npz"
    np.savez(less, **{name: array for name, array in arrays.items() if name != "_blocks.4._bn1.bias"})
    with pytest.raises(UserError, match="less.npz: no array _blocks.4._bn1.bias"):
        imagenet_arrays(less, "trunk")
    other = tmp_path / "other.npz"
    np.savez(other, **{**arrays, "_conv_stem.weight": np.zeros((8, 3, 3, 3), "float32")})
    with pytest.raises(UserError, match="other.npz: _conv_stem has an array of shape"):
        imagenet_arrays(other, "trunk")
    os.truncate(other, 1000)
    with pytest.raises(UserError, match="other.npz: no .npz file"):
        imagenet_arrays(other, "trunk")
    with pytest.raises(UserError, match="none.npz"):
        imagenet_arrays(tmp_path / "none.npz", "trunk")


@pytest.mark.parametrize("size", [64, 96])
def test_sizes(size):
    parser = LiteParser()
    logits = parser(keras.KerasTensor((2, size, size, 3)))
    assert logits.shape == (2, size, size, NUM_PARTS)
    assert [tuple(m.shape) for m in parser.encode(IMAGES)] == [
        (2, 64 // s, 64 // s, c) for s, c in ((2, 16), (4, 24), (8, 40), (16, 112), (32, 320))
    ]
    # Trunk 2.96M and its statistics apart, with a decoder of less than half of that: phones hold it in memory.
    assert 4.0e6 < sum(np.prod(v.shape) for v in parser.trainable_variables) < 4.2e6


def test_what_does_not_fit():
    with pytest.raises(UserError, match="up_filters and up_blocks have 3 and 4 entries; allowed .* 4 each"):
        LiteParser((8, 8, 8), (1, 1, 1, 1))
    with pytest.raises(UserError, match="48x48"):
        LiteParser().encode(IMAGES[:, :48, :48])


def test_folded_it_gives_what_it_gave():
    parser, random = LiteParser((16, 8, 8, 8), (1, 0, 0, 1)), np.random.default_rng(2)
    parser(IMAGES)
    for v in parser.weights:
        if "/norm/" in v.path:
            v.assign(random.uniform(0.5, 1.5, v.shape))
    before = ops.convert_to_numpy(parser(IMAGES))
    fold(parser)
    assert not any("/norm/" in v.path for v in parser.weights)
    np.testing.assert_allclose(ops.convert_to_numpy(parser(IMAGES)), before, atol=1e-4 * np.abs(before).max())
