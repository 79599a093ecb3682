"""The completion at 256x256: carried and generated pixels to one portrait, against projected discriminators.

Data: as for configs/parser_256.py; more portraits, self-labelled by ``prepare``, help.
Command: python -m mgpe_tf.train --config=configs/completion_256.py --workdir=runs/completion \
    --config.trunk_path=TRUNK.npz --config.data.path=DATA/train --config.data.validation_path=DATA/val
Expected time: 2 hours on 2 CPU cores beside other work (bfloat16, AVX-512), measured over 2,950 steps.
Expected score: PSNR 19.3 dB of holes (validation/psnr_holes), where the editor alone has 19.7; with the bundled editor
    36.3 dB over faces from another view (python -m mgpe_tf.evaluate editor). Look at the sheets.
Size: 1.4M parameters, 1.8 GMAC per completed image
    (python -m benchmarks.benchmark --config=configs/completion_256.py --count).
Scale of the norms: L1 means.
Not as it was: the bundled one ended at step 2,950, and the losses changed on the way (docs/explanation/experiments.md).
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
            steps=4500,
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
