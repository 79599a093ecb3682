"""Every network is rebuilt from its config, in memory and from a .keras file; its variables keep their names."""

from __future__ import annotations

import json
import subprocess
import sys

import keras
import numpy as np
import pytest
from small import SIZE, as_inputs, compact, paper_like, portraits, randomised, small_config

from mgpe_tf.config import config_to_dict
from mgpe_tf.networks import (
    background,
    behind_hair,
    bicyclegan,
    blocks,
    carrying,
    completion,
    discriminator,
    efficientnet_lite,
    foreground,
    generator,
    inner_mouth,
    label_unet,
    lite_parser,
    local_embedding,
    mobile_parser,
    normalization,
    pix2pixhd,
    projected_discriminator,
    registration,
    uncovering,
    unet_parser,
)
from mgpe_tf.objectives.editor import build_discriminator, build_generator
from mgpe_tf.objectives.parser import build_parser

RNG = np.random.default_rng(0)


def maps(*shape: int) -> np.ndarray:
    return RNG.normal(size=(2, *shape)).astype(np.float32)


MASKS = RNG.integers(0, 11, (2, 16, 16)).astype(np.int32)

LAYERS = {
    "BatchNorm": lambda: (normalization.BatchNorm(0.4), [maps(8, 8, 3)]),
    "GroupNorm": lambda: (normalization.GroupNorm(4, 0.1), [maps(8, 8, 12)]),
    "Conv": lambda: (blocks.Conv(4, 3, 2, pad=1, pad_mode="reflect", use_bias=False), [maps(8, 8, 3)]),
    "SpectralConv": lambda: (blocks.SpectralConv(4, 3, pad=1), [maps(8, 8, 3)]),
    "ConvBlock": lambda: (blocks.ConvBlock(4, 4, 2, pad=1, momentum=0.3, activation="tanh"), [maps(8, 8, 3)]),
    "UpBlock": lambda: (blocks.UpBlock(4, "subpixel", use_bias=False, activation="leaky_relu"), [maps(4, 4, 3)]),
    "ResidualBlock": lambda: (blocks.ResidualBlock(4, "constant", identity=True), [maps(8, 8, 4)]),
    "ImageHead": lambda: (blocks.ImageHead(5, 2), [maps(4, 4, 3)]),
    "BackgroundEncoder": lambda: (background.BackgroundEncoder(4, 3, 2), [maps(8, 8, 3), maps(8, 8, 1)]),
    "FusionDecoder": lambda: (background.FusionDecoder(4, 5, 2, adds=True), [[maps(8, 8, 3), maps(8, 8, 2)]]),
    "MaskEncoder": lambda: (foreground.MaskEncoder((4, 6), 2), [maps(16, 16, 11)]),
    "ForegroundGenerator": lambda: (
        foreground.ForegroundGenerator(8, 2, (6,), "subpixel", 1),
        [[maps(4, 4, 3), maps(4, 4, 5)], [maps(8, 8, 2)]],
    ),
    "ComponentEncoder": lambda: (
        local_embedding.ComponentEncoder((4, 6), 5, head_units=7, stem=2, momentum=0.4, unit=True),
        [maps(8, 12, 3)],
    ),
    "ComponentDecoder": lambda: (
        local_embedding.ComponentDecoder((4,), (2, 3, 5), 2, "subpixel", 0.4, use_bias=False, unit=True),
        [maps(6)],
    ),
    "PatchDiscriminator": lambda: (discriminator.PatchDiscriminator((4, 6)), [maps(16, 16, 14)]),
    "MultiScaleDiscriminator": lambda: (
        discriminator.MultiScaleDiscriminator((4, 6), 3, "spectral"),
        [maps(32, 32, 11), maps(32, 32, 3)],
    ),
    "ProjectedDiscriminator": lambda: (
        projected_discriminator.ProjectedDiscriminator(2, 6),
        [maps(16, 16, 11), [maps(8, 8, 3), maps(4, 4, 5)]],
    ),
    "ProjectedScale": lambda: (projected_discriminator.ProjectedScale(6), [maps(8, 8, 3), maps(8, 8, 11)]),
    "PlainBlock": lambda: (completion.PlainBlock(4), [maps(8, 8, 4)]),
    "NoiseInput": lambda: (completion.NoiseInput(), [maps(8, 8, 4), maps(8, 8, 1)]),
    "Completion": lambda: (
        completion.Completion((4, 6), (1, 2)),
        [maps(16, 16, 3), maps(16, 16, 3), RNG.uniform(size=(2, 16, 16, 1)).astype(np.float32), MASKS, maps(8, 8, 1)],
    ),
    "Carrying": lambda: (
        carrying.Carrying(
            *(registration.Registration(filters=(8, 8, 16), name=name) for name in ("soft", "stiff")),
            completion.Completion((4, 6), (1, 2)),
        ),
        [maps(SIZE, SIZE, 3), *as_inputs(portraits())],
    ),
    "Parser": lambda: (unet_parser.Parser((4, 6, 8), 0.3, tanh=True), [maps(16, 24, 3)]),
    "DownStage": lambda: (mobile_parser.DownStage(4, 0), [maps(8, 8, 3)]),
    "MergeStage": lambda: (mobile_parser.MergeStage(4, 1), [maps(4, 4, 5), maps(8, 8, 3)]),
    "MobileParser": lambda: (mobile_parser.MobileParser((4, 6, 8), (0, 1, 2), (5, 7), (0, 1)), [maps(16, 24, 3)]),
    "LiteConv": lambda: (efficientnet_lite.LiteConv(4, 3, 2, linear=True), [maps(8, 8, 3)]),
    "InvertedResidual": lambda: (efficientnet_lite.InvertedResidual(12, 5, 1, 4, True), [maps(8, 8, 4)]),
    "EfficientNetLite0": lambda: (efficientnet_lite.EfficientNetLite0(), [maps(32, 32, 3)]),
    "LiteParser": lambda: (lite_parser.LiteParser((4, 6, 4, 5), (0, 1, 0, 0)), [maps(32, 32, 3)]),
    "GlobalGenerator": lambda: (pix2pixhd.GlobalGenerator((4, 6, 8), 2), [portraits()["target_mask"]]),
    "BicycleGenerator": lambda: (
        bicyclegan.BicycleGenerator((4, 6, 8), (4, 6), 3),
        [portraits()["target_mask"], maps(SIZE, SIZE, 3)],
    ),
    "GroupConvBlock": lambda: (label_unet.GroupConvBlock(8, merges=True), [maps(8, 8, 3), maps(4, 4, 5)]),
    "BehindHair": lambda: (behind_hair.BehindHair((8, 8, 16)), [maps(16, 8, 19)]),
    "Uncovering": lambda: (
        uncovering.Uncovering((8, 8, 16)),
        [maps(16, 16, 3), RNG.uniform(size=(2, 16, 16, 1)).astype(np.float32), np.abs(maps(16, 16, 19))],
    ),
    "InnerMouth": lambda: (
        inner_mouth.InnerMouth((8, 8, 16)),
        [maps(16, 24, 3), RNG.uniform(size=(2, 16, 24, 1)).astype(np.float32), np.abs(maps(16, 24, 11))],
    ),
    "Registration": lambda: (registration.Registration(3, (8, 8, 16)), [maps(16, 8, 3), maps(16, 8, 3)]),
    "PortraitGenerator": lambda: (generator.PortraitGenerator(paper_like(), SIZE), as_inputs(portraits())),
}
"""(layer with unusual options, its inputs) by the name of the class."""


def registered_networks() -> set[str]:
    kinds = [k for k in keras.saving.get_custom_objects().values() if issubclass(k, keras.layers.Layer)]
    return {kind.__name__ for kind in kinds if kind.__module__.startswith("mgpe_tf.networks")}


def test_every_network_is_tried_here():
    assert registered_networks() == set(LAYERS)


def same(first, second) -> None:
    """Equal outputs, in whatever nest they come."""
    first, second = keras.tree.flatten(first), keras.tree.flatten(second)
    assert len(first) == len(second)
    for a, b in zip(first, second):
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(a), keras.ops.convert_to_numpy(b))


@pytest.mark.parametrize("name", LAYERS)
def test_from_config(name):
    layer, inputs = LAYERS[name]()
    layer(*inputs)
    config = json.loads(json.dumps(layer.get_config()))
    twin = type(layer).from_config(config)
    twin(*inputs)
    assert [v.path for v in twin.weights] == [v.path for v in layer.weights]
    randomised(layer)
    twin.set_weights(layer.get_weights())
    same(twin(*inputs), layer(*inputs))
    assert json.loads(json.dumps(twin.get_config())) == config


@pytest.mark.parametrize("name", ["Parser", "MultiScaleDiscriminator", "PortraitGenerator"])
def test_keras_file(name, tmp_path):
    model, inputs = LAYERS[name]()
    model(*inputs)
    randomised(model)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    same(loaded(*inputs), model(*inputs))


def paths() -> list[list[str]]:
    """The paths of the weights of each network, in order: the keys of checkpoints."""
    config = small_config(compact())
    networks = [build_generator(config), build_parser(config), build_discriminator(config, "D2")]
    return [[v.path for v in network.weights] for network in networks]


def test_weights_have_names_of_their_own_that_stay():
    first = paths()
    for names, network in zip(first, ("generator", "parser", "D2")):
        assert len(set(names)) == len(names) > 9
        assert {name.split("/")[0] for name in names} == {network}
    assert paths() == first
    code = f"import sys; sys.path[:0] = {sys.path!r}; import json, test_round_trip as t; print(json.dumps(t.paths()))"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert json.loads(output.splitlines()[-1]) == first


def test_the_config_of_a_generator_is_plain_data():
    model, _ = LAYERS["PortraitGenerator"]()
    assert model.get_config()["config"] == config_to_dict(paper_like())
