"""The sizes of the two families of generators."""

from __future__ import annotations

import math

import pytest
from small import SIZE

from mgpe_tf.config import Config, GeneratorConfig
from mgpe_tf.errors import UserError
from mgpe_tf.objectives.editor import build_generator
from mgpe_tf.presets import compact_generator, paper_generator

OUTERMOST = ("mask_encoder/conv_0", "background_encoder", "fusion", "stem", "up_1", "head", "_image_decoder")
"""Parts of the compact generator that may depend on the resolution."""


def build(config: GeneratorConfig, resolution: int):
    experiment = Config(generator=config)
    experiment.data.resolution = resolution
    return build_generator(experiment)


def test_only_the_outermost_layers_of_the_compact_generator_depend_on_the_resolution():
    shapes = []
    for resolution in (128, 256):
        model = build(compact_generator(resolution), resolution)
        shapes.append({v.path: tuple(v.shape) for v in model.weights})
    differing = {p for p in shapes[0].keys() | shapes[1].keys() if shapes[0].get(p) != shapes[1].get(p)}
    assert differing and all(any(part in path for part in OUTERMOST) for path in differing)
    shared = sum(math.prod(shapes[0][p]) for p in shapes[0].keys() - differing)
    assert shared > 0.97 * sum(math.prod(s) for s in shapes[1].values())


@pytest.mark.parametrize("resolution", [128, 256, 512])
def test_the_compact_generator_works_on_a_map_of_32(resolution):
    config = compact_generator(resolution)
    assert resolution // config.grid == 32
    assert config.grid == config.stem * 2 ** (len(config.mask) - 1) == config.fusion_scale * 2 ** len(config.foreground)


def test_other_resolutions_are_refused():
    with pytest.raises(UserError, match="compact generator of 64 pixels: allowed are 128, 256, 512"):
        compact_generator(SIZE)


def test_the_papers_generator_fits_256_alone():
    with pytest.raises(UserError, match=r"generator.eye.feature has 2 stages; .* \(data.resolution 128\)"):
        build(paper_generator(), 128)
