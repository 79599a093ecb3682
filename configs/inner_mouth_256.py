"""What an opened mouth shows, at 256x256, against a projected discriminator.

Data: portraits whose mouth is open, those where it is wide open in a folder of their own; more, self-labelled by
    ``prepare``, help.
Command: python -m mgpe_tf.train --config=configs/inner_mouth_256.py --workdir=runs/inner_mouth \
    --config.trunk_path=TRUNK.npz --config.data.path=DATA/open,DATA/wide --config.data.validation_path=DATA/val
Expected time: 43 minutes on 2 CPU cores beside other work, measured over 4,500 steps.
Expected score: PSNR 16.8 dB of the hidden inside of 141 open mouths (validation/psnr_inside); of smooth fillings
    13.6 dB (docs/explanation/experiments.md).
Size: 0.8M parameters, 0.2 GMAC per mouth
    (python -m benchmarks.benchmark --config=configs/inner_mouth_256.py --count).
Scale of the norms: L1 means.
"""

from __future__ import annotations

from mgpe_tf.config import AugmentationConfig, Config, DataConfig, LossConfig, TrainingConfig


def get_config() -> Config:
    """The experiment."""
    return Config(
        name="inner_mouth_256",
        task="inner_mouth",
        data=DataConfig(
            layout="folder",
            resolution=256,
            validation_size=300,
            augmentation=AugmentationConfig(rotation=10.0, scale=0.15, colour=0.2),
        ),
        loss=LossConfig(global_=2.0, perceptual=4.0, adversarial=0.1, norm="l1", gan="hinge"),
        training=TrainingConfig(
            steps=4500,
            batch_size=16,
            learning_rate=5e-4,
            discriminator_learning_rate=2e-4,
            beta_1=0.0,
            beta_2=0.99,
            warmup=50,
            decay_start=0.5,
            clip_norm=1.0,
            ema=0.998,
        ),
    )
