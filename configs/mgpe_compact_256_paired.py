"""The second part of the compact editor's training at 256x256: paired steps alone, no discriminators.

Data: as for configs/parser_256.py.
Command: python -m mgpe_tf.train --config=configs/mgpe_compact_256_paired.py --workdir=runs/editor_paired \
    --config.start_path=runs/editor_local --config.data.path=DATA/train --config.data.validation_path=DATA/val
Before: configs/mgpe_compact_256_local.py.
Then: python -m mgpe_tf.train --config=configs/mgpe_compact_256.py --config.start_path=runs/editor_paired ...
Expected time: 5 to 8 hours on 2 CPU cores with --config.training.precision=mixed_bfloat16, estimated from 8.9 to 5.4
    images/s on two machines (docs/explanation/experiments.md).
Expected score: not measured in full; configs/shipped_editor.py came to 25.0 dB of PSNR and an SSIM of
    0.788 over the face.
Size: 20.6M parameters on the generator's side, 4.8 GMAC per generated image
    (python -m benchmarks.benchmark --config=configs/mgpe_compact_256_paired.py --count).
Scale of the norms: as in configs/mgpe_compact_256.py.
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
        name="mgpe_compact_256_paired",
        generator=compact_generator(256),
        discriminator=DiscriminatorConfig(filters=(32, 64, 128, 128)),
        parser=ParserConfig(filters=(32, 64, 128, 256, 256)),
        data=DataConfig(
            layout="folder",
            resolution=256,
            augmentation=AugmentationConfig(colour=0.1),
            view=AugmentationConfig(flip=0.0, rotation=2.0, scale=0.02, shift=0.03, cut_hair=0.3),
        ),
        loss=LossConfig(
            local=10.0,
            global_=50.0,
            adversarial=0.0,
            parsing=4.0,
            norm="l1",
            detail_weight=4.0,
            perceptual=8.0,
            structure=60.0,
            face_weight=3.0,
        ),
        training=TrainingConfig(
            steps=20000,
            batch_size=8,
            learning_rate=4e-4,
            beta_1=0.9,
            decay_start=0.2,
            decay="cosine",
            unpaired=False,
            ema=0.999,
        ),
    )
