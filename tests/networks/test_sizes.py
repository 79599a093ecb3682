"""Every way to compose the networks, at several resolutions; sizes that do not fit are named."""

from __future__ import annotations

import dataclasses

import keras
import numpy as np
import pytest
from keras import ops
from small import SIZE, VARIANTS, compact, paper_like, randomised, small_config

from mgpe_tf.config import ComponentConfig, Config, ParserConfig
from mgpe_tf.config_check import check_component
from mgpe_tf.errors import UserError
from mgpe_tf.geometry import component
from mgpe_tf.networks.discriminator import MultiScaleDiscriminator
from mgpe_tf.networks.generator import PortraitGenerator
from mgpe_tf.networks.local_embedding import ComponentAutoEncoder
from mgpe_tf.networks.mobile_parser import MobileParser
from mgpe_tf.networks.unet_parser import Parser
from mgpe_tf.objectives.editor import build_generator
from mgpe_tf.objectives.parser import build_parser

CROPS = {"left_eye": (32, 48), "right_eye": (32, 48), "skin": (256, 256), "hair": (256, 256), "mouth": (80, 144)}
"""(height, width) of the crops at 256 pixels, from the paper's code."""


def images(size: int):
    return keras.KerasTensor((2, size, size, 3)), keras.KerasTensor((2, size, size), dtype="int32")


@pytest.mark.parametrize(
    ("variant", "resolution"), [*((name, 64) for name in VARIANTS), ("paper", 128), ("compact", 128), ("compact", 256)]
)
def test_shapes(variant, resolution):
    config = VARIANTS[variant]()
    model = PortraitGenerator(config, resolution)
    output = model(*images(resolution), *images(resolution))
    assert output["image"].shape == (2, resolution, resolution, 3)
    expected = {name: (2, h * resolution // 256, w * resolution // 256, 3) for name, (h, w) in CROPS.items()}
    assert {name: crop.shape for name, crop in output["crops"].items()} == expected
    assert {name: crop.shape for name, crop in output["reconstructions"].items()} == expected
    mask = np.zeros((2, resolution, resolution), np.int32)
    features = {c.name: np.zeros((2, *c.feature_size, 8), np.float32) for c in model.components}
    grid = resolution // config.grid
    assert {m.shape[1:3] for m in (model.mask_maps(mask)[-1], *model.placed(features, mask))} == {(grid, grid)}


def test_widths_and_depths_follow_the_config():
    model = build_generator(small_config(paper_like(blocks=3, width=10, embedding_dim=7, foreground=(8, 5))))
    shapes = {v.path.removeprefix("generator/"): tuple(v.shape) for v in model.variables}
    assert shapes["foreground/block_2/inner/conv/kernel"] == (3, 3, 10, 10)
    assert "foreground/block_3/inner/conv/kernel" not in shapes
    assert shapes["left_eye_encoder/mean/out/kernel"] == (8, 7)
    assert shapes["hair_feature_decoder/dense/kernel"] == (7, 4 * 4 * 8)
    assert shapes["foreground/up_1/conv/kernel"] == (4, 4, 5, 8)
    # G_m reads E_m's feature and five components.
    assert shapes["foreground/merge/kernel"] == (1, 1, 8 + 8 + 8 + 6 + 6 + 8, 10)


@pytest.mark.parametrize("scales", [1, 2, 3])
def test_discriminators(scales):
    outputs = MultiScaleDiscriminator((4, 6, 8), scales)(
        keras.KerasTensor((2, 64, 64, 11)), keras.KerasTensor((2, 64, 64, 3))
    )
    sizes = [64 // 2**i for i in range(scales)]
    # Two strided stages and one of stride 1, each kernel of 4 padded by 2: n -> n // 2 + 1, then n + 1.
    expected = [(n // 2 + 1) // 2 + 2 for n in sizes]
    assert [feature.shape for feature, _ in outputs] == [(2, n, n, 8) for n in expected]
    assert [score.shape for _, score in outputs] == [(2, n + 1, n + 1, 1) for n in expected]


def test_parser_reads_oblong_images():
    assert Parser((4, 6))(keras.KerasTensor((2, 8, 20, 3))).shape == (2, 8, 20, 11)


def part(field: str, **changes) -> dict:
    return {field: dataclasses.replace(getattr(paper_like(), field), **changes)}


@pytest.mark.parametrize(
    ("config", "resolution", "message"),
    [
        (
            lambda: paper_like(mask=(4, 8)),
            64,
            "generator.mask has 2 stages: with generator.stem 1 E_m shrinks the mask by 2, but generator.grid is 4",
        ),
        (lambda: paper_like(mask=()), 64, "generator.mask has 0 stages"),
        (lambda: paper_like(stem=2), 64, "generator.mask has 3 stages: with generator.stem 2 .* by 8"),
        (
            lambda: paper_like(foreground=(8,)),
            64,
            "generator.foreground has 1 stages: with generator.fusion_scale 1 they enlarge by 2, but .*grid is 4",
        ),
        (lambda: compact(fusion_scale=4, foreground=()), 64, "generator.foreground has 0 stages"),
        (lambda: paper_like(fusion_kernel=4), 64, "generator.fusion_kernel is 4; allowed: odd sizes"),
        (lambda: paper_like(upsampling="nearest"), 64, "generator.upsampling is 'nearest'; allowed: transposed"),
        (lambda: paper_like(), 66, "data.resolution is 66: no multiple of generator.grid 4"),
        (lambda: paper_like(), 100, r"generator.eye.* a crop of 12x18 pixels \(data.resolution 100\)"),
        (lambda: paper_like(**part("eye", encoder=())), 64, "generator.eye.encoder has 0 stages; .* allows 1 to 3"),
        (lambda: paper_like(**part("mouth", encoder=(4,) * 5)), 64, "generator.mouth.encoder has 5 .* allows 1 to 4"),
        (lambda: paper_like(**part("eye", feature=(4,))), 64, "generator.eye.feature has 1 stages; .* multiple of 8"),
        (lambda: paper_like(**part("hair", image=(4,) * 7)), 64, "generator.hair.image has 7 .* no multiple of 128"),
        (
            lambda: compact(skin=ComponentConfig((4,), (4,), (4, 4, 4))),
            64,
            "generator.skin.image has 3 stages, which enlarge by 8; with .*shared_decoder .* divide generator.grid 4",
        ),
        (lambda: Config().generator, 256, "generator.eye.encoder has 0 stages"),
    ],
)
def test_sizes_that_do_not_fit_are_named(config, resolution, message):
    with pytest.raises(UserError, match=message) as error:
        PortraitGenerator(config(), resolution)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("stem", "most"), [(1, 3), (2, 3), (4, 2)])
def test_the_most_stages_that_a_crop_allows(stem, most):
    """Eyes of 8x12 pixels: as many halvings as leave one pixel; after a stem the first stage halves nothing."""

    eye = component("left_eye")
    config = compact(stem=stem, eye=ComponentConfig((4,) * most, (), (4,)))
    check_component(eye, config, SIZE)
    mean, _ = ComponentAutoEncoder(eye, config, SIZE).encoder(np.zeros((1, 8, 12, 3), np.float32))
    assert mean.shape == (1, 8)
    config.eye.encoder += (4,)
    with pytest.raises(UserError, match=f"generator.eye.encoder has {most + 1} stages; .* allows 1 to {most}"):
        check_component(eye, config, SIZE)


def test_parser_sizes_that_do_not_fit_are_named():
    config = small_config(task="parser")
    config.data.resolution = SIZE + 4
    with pytest.raises(UserError, match="the parser has 3 stages: .* multiple of 8 .* these are 68x68"):
        build_parser(config)
    with pytest.raises(UserError, match=r"parser.filters is \(\); allowed: at least 1"):
        Parser(())


def test_mobile_parser_reads_pixels_where_they_are():
    """A changed corner of the portrait changes the reading there most."""
    parser = MobileParser((4, 6, 8), (0, 1, 1), (6, 4))
    portrait = np.random.default_rng(0).normal(size=(1, 32, 48, 3)).astype(np.float32)
    parser(portrait)
    randomised(parser)
    edited = portrait.copy()
    edited[:, 24:28, 40:44] += 3
    change = np.abs(ops.convert_to_numpy(parser(edited) - parser(portrait))).max((0, -1))
    assert change.shape == (32, 48)
    row, column = np.unravel_index(change.argmax(), change.shape)
    assert 20 <= row < 32 and 36 <= column < 48


def test_blocks_on_the_way_up_leave_a_trained_parser_as_it_was():
    """So a training can begin with the weights of a parser that has none."""
    portrait = np.random.default_rng(0).normal(size=(1, 32, 48, 3)).astype(np.float32)
    parser = randomised(MobileParser((4, 6, 8), (0, 1, 1), (6, 4)))
    larger = MobileParser((4, 6, 8), (0, 1, 1), (6, 4), up_blocks=(2, 1))
    expected, _ = parser(portrait), larger(portrait)
    weights = {v.path: v for v in parser.weights}
    fresh = [v for v in larger.weights if v.path not in weights]
    assert {v.path.split("/")[1] for v in fresh} == {"up_0", "up_1"} and len(fresh) == 3 * 2 * (2 + 4)
    for v in larger.weights:
        if v.path in weights:
            v.assign(weights[v.path])
    np.testing.assert_array_equal(larger(portrait), expected)


def test_mobile_parser_mistakes_are_named():
    config = small_config(task="parser")
    config.parser = ParserConfig(kind="mobile", filters=(4, 4, 4), blocks=(1, 1, 1), up_filters=(4, 4))
    config.data.resolution = SIZE + 4
    with pytest.raises(UserError, match="the parser has 3 stages: .* multiple of 8 .* these are 68x68"):
        build_parser(config)
    config.parser.up_filters = (4, 4, 4)
    with pytest.raises(UserError, match="parser.filters, blocks and up_filters have 3, 3 and 3 entries"):
        build_parser(config)
    config.parser.up_filters, config.parser.up_blocks = (4, 4), (1,)
    with pytest.raises(UserError, match="parser.up_blocks has 1 entries; allowed: 2, as many as up_filters, or none"):
        build_parser(config)
    config.parser.kind = "mobil"
    with pytest.raises(UserError, match="parser.kind is 'mobil'; allowed: unet, mobile.*: did you mean 'mobile'"):
        build_parser(config)


def test_discriminators_without_scales_are_named():
    for options in ({"scales": 0}, {"filters": ()}):
        with pytest.raises(UserError, match=f"discriminator.{next(iter(options))} is"):
            MultiScaleDiscriminator(**options)
