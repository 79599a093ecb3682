"""What a portrait looks like behind its hair, at 128x128.

Data: CelebAMask-HQ, or other data sets of its nineteen classes; more portraits, self-labelled by ``prepare``, help.
Command: python -m mgpe_tf.train --config=configs/uncovering_128.py --workdir=runs/uncovering \
    --config.data.path=DATA/train,MORE/train --config.data.validation_path=DATA/val \
    --config.data.label_set=celebamask_hq
    The bundled weights were trained on from there: --config.start_path=runs/uncovering
    --config.training.learning_rate=6e-4 --config.training.steps=2500.
Expected time: 44 and 31 minutes on 2 CPU cores beside other work, measured.
Expected score: PSNR 21.6 dB of what is covered of face, ears and neck of 300 portraits after both
    (validation/psnr_hidden; 21.4 dB after the first, when clothes counted less); of smooth fillings 17.1 dB.
Size: 0.8M parameters, 0.59 GMAC per portrait
    (python -m benchmarks.benchmark --config=configs/uncovering_128.py --count).
Scale of the norms: L1 means.
"""

from __future__ import annotations

from mgpe_tf.config import AugmentationConfig, Config, DataConfig, LossConfig, TrainingConfig


def get_config() -> Config:
    """The experiment."""
    return Config(
        name="uncovering_128",
        task="uncovering",
        data=DataConfig(
            layout="folder",
            resolution=128,
            validation_size=300,
            augmentation=AugmentationConfig(rotation=8.0, scale=0.08, shift=0.03, colour=0.2),
        ),
        loss=LossConfig(global_=5.0, structure=1.0, norm="l1"),
        training=TrainingConfig(
            steps=3500,
            batch_size=16,
            learning_rate=1e-3,
            beta_1=0.9,
            warmup=50,
            decay_start=0.0,
            decay="cosine",
            clip_norm=1.0,
            ema=0.998,
        ),
    )
