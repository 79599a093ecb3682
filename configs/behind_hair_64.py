"""Which parts of a portrait hair hides, on a grid of 64x64 cells.

Data: CelebAMask-HQ, or other data sets of its nineteen classes; only the masks are read.
Command: python -m mgpe_tf.train --config=configs/behind_hair_64.py --workdir=runs/behind_hair \
    --config.data.path=DATA/train --config.data.validation_path=DATA/val --config.data.label_set=celebamask_hq
Expected time: 10 minutes on 2 CPU cores beside another training, measured over 3,500 steps.
Expected score: 93 % of the covered pixels of 300 masks told rightly after 3,500 steps (validation/accuracy), 91 % at
    256 pixels (saved_models/behind_hair/MODEL_CARD.md).
Size: 0.86M parameters, 0.19 GMAC per mask (python -m benchmarks.benchmark --config=configs/behind_hair_64.py --count).
"""

from __future__ import annotations

from mgpe_tf.config import Config, DataConfig, TrainingConfig


def get_config() -> Config:
    """The experiment."""
    return Config(
        name="behind_hair_64",
        task="behind_hair",
        data=DataConfig(layout="folder", resolution=128, validation_size=300),
        training=TrainingConfig(
            steps=3500,
            batch_size=16,
            learning_rate=1e-3,
            beta_1=0.9,
            warmup=50,
            decay_start=0.0,
            decay="cosine",
            clip_norm=1.0,
            ema=0.995,
        ),
    )
