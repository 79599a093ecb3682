"""The compact editor at 256x256: the one that a laptop can run.

Data: as for configs/parser_256.py.
Command: python -m mgpe_tf.train --config=configs/mgpe_compact_256.py --workdir=runs/editor \
    --config.start_path=runs/editor_paired --config.data.path=DATA/train --config.data.validation_path=DATA/val
    with runs/editor_paired of configs/mgpe_compact_256_paired.py, or without it from nothing
Expected time: 19 hours on 2 CPU cores, estimated from 4.7 images/s (docs/reference/speed.md).
Expected score: not measured.
Size: 20.6M parameters on the generator's side, 4.8 GMAC per generated image
    (python -m benchmarks.benchmark --config=configs/mgpe_compact_256.py --count).
Scale of the norms: L1 means; eyes, brows, nose and mouth weigh five times in L_global.
"""

from __future__ import annotations

from mgpe_tf.config import (
    AugmentationConfig,
    Config,
    DataConfig,
    DiscriminatorConfig,
    LossConfig,
    ParserConfig,
    TrainingConfig,
)
from mgpe_tf.presets import compact_generator


def get_config() -> Config:
    """The experiment."""
    return Config(
        name="mgpe_compact_256",
        generator=compact_generator(256),
        discriminator=DiscriminatorConfig(filters=(32, 64, 128, 128)),
        parser=ParserConfig(filters=(32, 64, 128, 256, 256)),
        data=DataConfig(layout="folder", resolution=256, augmentation=AugmentationConfig(colour=0.1)),
        loss=LossConfig(local=10.0, global_=50.0, norm="l1", detail_weight=4.0, perceptual=5.0),
        training=TrainingConfig(
            steps=40000, batch_size=8, learning_rate=4e-4, discriminator_learning_rate=2e-4, decay_start=0.5, ema=0.999
        ),
    )
