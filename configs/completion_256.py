"""The completion at 256x256: carried and generated pixels to one portrait, against projected discriminators.

Data: as for configs/parser_256.py; more portraits, self-labelled by ``prepare``, help.
Command: python -m mgpe_tf.train --config=configs/completion_256.py --workdir=runs/completion \
    --config.trunk_path=TRUNK.npz --config.data.path=DATA/train --config.data.validation_path=DATA/val
Expected time: not measured in full.
Expected score: not measured.
Size: 2.3M parameters, 3.0 GMAC per completed image
    (python -m benchmarks.benchmark --config=configs/completion_256.py --count).
Scale of the norms: L1 means.
"""

from __future__ import annotations

from mgpe_tf.config import AugmentationConfig, Config, DataConfig, LossConfig, TrainingConfig
from mgpe_tf.presets import compact_generator


def get_config() -> Config:
    """The experiment."""
    return Config(
        name="completion_256",
        task="completion",
        generator=compact_generator(256),
        data=DataConfig(
            layout="folder",
            resolution=256,
            augmentation=AugmentationConfig(colour=0.1),
            view=AugmentationConfig(flip=0.0, rotation=5.0, scale=0.05, shift=0.03),
        ),
        loss=LossConfig(
            local=0.0,
            global_=4.0,
            perceptual=5.0,
            parsing=0.2,
            adversarial=0.1,
            feature_matching=0.0,
            norm="l1",
            gan="hinge",
        ),
        training=TrainingConfig(
            steps=5000,
            batch_size=8,
            learning_rate=4e-4,
            discriminator_learning_rate=2e-4,
            beta_1=0.0,
            beta_2=0.99,
            warmup=50,
            decay_start=0.5,
            clip_norm=1.0,
            ema=0.998,
        ),
    )
