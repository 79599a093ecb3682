"""The default: a small editor trained end to end on synthetic portraits at 128x128.

Data: 600 synthetic portraits, nothing to download.
Command: make train-demo, or, after the parser of configs/demo_parser.py,
    python -m mgpe_tf.train --config=configs/demo.py --workdir=runs/demo
Expected time: 4 minutes on 2 CPU cores.
Expected score: no number; what it generates is docs/images/demo.png.
Size: 5.7M parameters in G, 0.43 GMAC per generated image
    (python -m benchmarks.benchmark --config=configs/demo.py --count).
"""

from __future__ import annotations

from mgpe_tf.config import (
    ComponentConfig,
    Config,
    DataConfig,
    DiscriminatorConfig,
    GeneratorConfig,
    LossConfig,
    TrainingConfig,
)


def get_config() -> Config:
    """The experiment."""
    eye = ComponentConfig(encoder=(48, 96), image=(32, 24))
    mouth = ComponentConfig(encoder=(48, 96), image=(32, 24))
    whole = ComponentConfig(encoder=(32, 64, 96, 96), feature=(96, 64), image=(32, 24))
    return Config(
        name="demo",
        parser_path="runs/demo_parser",
        generator=GeneratorConfig(
            stem=4,
            grid=8,
            embedding_dim=128,
            head_units=0,
            variational=False,
            unit_latents=True,
            component_momentum=0.9,
            shared_decoder=True,
            eye=eye,
            mouth=mouth,
            skin=whole,
            hair=whole,
            mask=(48, 96),
            width=96,
            blocks=3,
            upsampling="subpixel",
            foreground=(64, 32),
            background=24,
            fusion_scale=2,
            fusion_kernel=3,
        ),
        discriminator=DiscriminatorConfig(filters=(24, 48, 96)),
        data=DataConfig(resolution=128, synthetic_size=600, validation_size=32),
        loss=LossConfig(global_=50.0, norm="l1", detail_weight=4.0),
        training=TrainingConfig(
            steps=700,
            batch_size=8,
            learning_rate=6e-4,
            decay_start=0.5,
            ema=0.99,
            log_every=50,
            sample_every=200,
            validate_every=350,
            checkpoint_every=350,
        ),
    )
