"""A run of seconds on a CPU, for any task; also a file for --config."""

from __future__ import annotations

import dataclasses

from mgpe_tf import config as c


def tiny_config(task: str = "parser", **training) -> c.Config:
    """Six steps at 64 pixels on synthetic portraits, everything random switched on: dropout, augmentation, sampled
    embeddings. ``training`` holds fields of ``TrainingConfig``."""
    part = c.ComponentConfig(encoder=(4,), image=(4,))
    whole = c.ComponentConfig(encoder=(4, 4), feature=(4,), image=(4,))
    generator = c.GeneratorConfig(
        stem=2,
        grid=4,
        embedding_dim=8,
        head_units=0,
        component_momentum=0.9,
        shared_decoder=True,
        eye=part,
        mouth=part,
        skin=whole,
        hair=whole,
        mask=(4, 4),
        width=8,
        blocks=1,
        upsampling="subpixel",
        foreground=(4,),
        background=4,
        fusion_scale=2,
        fusion_kernel=3,
    )
    options = c.TrainingConfig(
        steps=6,
        batch_size=2,
        ema=0.9,
        clip_norm=1.0,
        log_every=2,
        sample_every=4,
        validate_every=4,
        checkpoint_every=2,
        seed=5,
    )
    return c.Config(
        name="tiny",
        task=task,
        generator=generator,
        discriminator=c.DiscriminatorConfig(filters=(4, 4), scales=1),
        baseline=c.BaselineConfig(filters=(4, 4, 8), blocks=1, encoder=(4, 8), code_dim=3),
        parser=c.ParserConfig(filters=(8, 8, 8), dropout=0.3),
        registration=c.RegistrationConfig(cells=16, filters=(8, 8, 8)),
        data=c.DataConfig(
            resolution=64,
            synthetic_size=16,
            validation_size=4,
            augmentation=c.AugmentationConfig(rotation=10, scale=0.1, shift=0.05, colour=0.2),
        ),
        loss=c.LossConfig(kl=0.01, latent=0.5, end_point=0.3, label=3.0, bending=1.0, strain=1.0),
        training=dataclasses.replace(options, **training),
    )


get_config = tiny_config
