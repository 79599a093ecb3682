"""The two families of generators that the experiments in configs/ train: the paper's and a compact one."""

from __future__ import annotations

from mgpe_tf.config import ComponentConfig, GeneratorConfig
from mgpe_tf.errors import UserError


def paper_generator() -> GeneratorConfig:
    """The networks of the paper, as the official code sizes them for 256x256."""
    whole = ComponentConfig(
        encoder=(64, 128, 256, 512, 512, 512, 512),
        feature=(256, 256, 256, 256, 256),
        image=(512, 512, 512, 512, 256, 128, 64),
    )
    part = ComponentConfig(encoder=(64, 128, 256, 512), feature=(256, 256), image=(256, 128, 64, 64))
    return GeneratorConfig(eye=part, mouth=part, skin=whole, hair=whole)


def compact_generator(resolution: int) -> GeneratorConfig:
    """A generator that a laptop can run: nearly all work is done on a 32x32 map, whatever the resolution.

    Patch convolutions bring crops and masks down at once, sub-pixel convolutions bring the portrait up, G_local
    decodes from the feature map that G_m gets (so that L_local trains that map too), heads are single linear layers,
    and embeddings are means of unit length. Since only the outermost layers depend on the resolution, a run at 128
    pixels can start one at 256.

    Raises:
      UserError: the resolution is not 128, 256 or 512.
    """
    stages = {128: 1, 256: 2, 512: 3}.get(resolution)
    if stages is None:
        raise UserError(f"a compact generator of {resolution} pixels: allowed are 128, 256, 512")
    eye = ComponentConfig(encoder=(64, 128, 128), feature=(64,), image=(32, 24, 16)[:stages])
    mouth = ComponentConfig(encoder=(64, 128, 128, 64), feature=(64,), image=(32, 24, 16)[:stages])
    whole = ComponentConfig(encoder=(48, 128, 192, 192, 128), feature=(192, 128, 96), image=(48, 24, 16)[:stages])
    return GeneratorConfig(
        stem=2**stages,
        grid=2 ** (stages + 1),
        head_units=0,
        variational=False,
        unit_latents=True,
        component_momentum=0.9,
        shared_decoder=True,
        eye=eye,
        mouth=mouth,
        skin=whole,
        hair=whole,
        mask=(64, 128),
        width=160,
        blocks=4,
        upsampling="subpixel",
        foreground=(96, 48, 24)[:stages],
        background=32,
        fusion_scale=2,
        fusion_kernel=3,
        skips=True,
    )
