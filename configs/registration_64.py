"""The flow from a face's mask to the same face's edited mask, on a grid of 64x64 cells.

Data: as for configs/parser_256.py; only the masks are read.
Command: python -m mgpe_tf.train --config=configs/registration_64.py --workdir=runs/registration \
    --config.data.path=DATA/train --config.data.validation_path=DATA/val
Then: configs/registration_64_stiff.py, for other people's faces.
Expected time: 40 minutes on 2 CPU cores, estimated from 20 images/s beside other work.
Expected score: macro F1 of one person's mask moved to another's 0.686, L_strain 0.455, after 4,837 steps of 8
    (docs/explanation/experiments.md).
Size: 0.86M parameters, 0.19 GMAC per flow (python -m benchmarks.benchmark --config=configs/registration_64.py --count).
"""

from __future__ import annotations

from mgpe_tf.config import Config, DataConfig, LossConfig, TrainingConfig


def get_config() -> Config:
    """The experiment: flows soft enough to follow every border."""
    return Config(
        name="registration_64",
        task="registration",
        data=DataConfig(layout="folder", resolution=128, validation_size=400),
        loss=LossConfig(end_point=0.3, label=4.0, bending=0.25),
        training=TrainingConfig(
            steps=3000,
            batch_size=16,
            learning_rate=6e-4,
            beta_1=0.9,
            warmup=50,
            decay_start=0.1,
            decay="cosine",
            clip_norm=1.0,
            ema=0.995,
        ),
    )
