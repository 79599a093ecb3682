"""A folded network gives what it gave, and has no normalisation left."""

from __future__ import annotations

import numpy as np
import pytest
from keras import ops
from small import SIZE, VARIANTS, as_inputs, portraits, randomised, small_config

from mgpe_tf.compat import layers_of
from mgpe_tf.config import ParserConfig
from mgpe_tf.networks.bicyclegan import BicycleGenerator
from mgpe_tf.networks.blocks import ConvBlock, UpBlock
from mgpe_tf.networks.folding import fold
from mgpe_tf.networks.pix2pixhd import GlobalGenerator
from mgpe_tf.objectives.editor import build_generator
from mgpe_tf.objectives.parser import build_parser

TOLERANCE = 1e-4
"""Of the largest value: single precision through some twenty layers; a wrong scale is off by far more."""

MOBILE = ParserConfig(kind="mobile", filters=(4, 6, 8), blocks=(0, 1, 1), up_filters=(6, 4), up_blocks=(1, 1))


def picture(found: dict):
    return found["image"]


def check(network, *inputs, output=lambda found: found):
    network(*inputs)
    randomised(network)

    def outputs():
        return ops.convert_to_numpy(output(network(*inputs)))

    before = outputs()
    assert fold(network) is network
    np.testing.assert_allclose(outputs(), before, atol=TOLERANCE * np.abs(before).max())
    blocks = [layer for layer in layers_of(network) if isinstance(layer, (ConvBlock, UpBlock))]
    assert blocks and not any(block.norm for block in blocks)
    assert not any("/norm/" in weight.path for weight in network.weights)
    fold(network)  # there is nothing left to fold
    np.testing.assert_allclose(outputs(), before, atol=TOLERANCE * np.abs(before).max())


@pytest.mark.parametrize("variant", VARIANTS)
def test_generators(variant):
    generator = build_generator(small_config(VARIANTS[variant]()))
    check(generator, *as_inputs(portraits()), output=picture)


def test_parsers():
    config = small_config(task="parser")
    unet = build_parser(config)
    weights = [weight.path for weight in unet.weights]
    assert fold(unet) is unet and [weight.path for weight in unet.weights] == weights
    config.parser = MOBILE
    check(build_parser(config), as_inputs(portraits())[0])


def test_baselines():
    masks = portraits()["target_mask"]
    check(GlobalGenerator((4, 6, 8), 1), masks)
    check(BicycleGenerator((4, 6, 8), (4, 6), 3), masks, as_inputs(portraits())[0], output=picture)


@pytest.mark.parametrize("layer", [ConvBlock(4, 3), UpBlock(4, "transposed", use_bias=False), UpBlock(4, "subpixel")])
def test_every_way_to_make_maps(layer):
    check(layer, np.random.default_rng(1).normal(size=(2, SIZE // 8, SIZE // 4, 3)).astype(np.float32))
