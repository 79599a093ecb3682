"""A face parser of CelebAMask-HQ's nineteen classes at 256x256, on EfficientNet-Lite0's trunk.

Data: label sets of nineteen classes. Where labels merge some, as Helen's, it is free to make these up in such pictures:
``prepare --known`` tells them first (docs/how-to/prepare.md).
Command: python -m mgpe_tf.train --config=configs/parser_lite_256.py --workdir=runs/parser_lite \
    --config.start_path=TRUNK.npz \
    --config.data.path=DATA/celebamask_hq/train --config.data.validation_path=DATA/celebamask_hq/val \
    --config.data.label_set=celebamask_hq
Expected time: 7 hours on 2 CPU cores, estimated from 12 images/s (mixed_bfloat16, AVX-512).
Expected score: not measured; of the bundled parser, trained by stages, in configs/shipped_parser.py.
Size: 4.0M parameters, 2.1 GMAC per parse.
"""

from __future__ import annotations

from mgpe_tf.config import AugmentationConfig, Config, DataConfig, LossConfig, ParserConfig, TrainingConfig


def get_config() -> Config:
    """The experiment."""
    return Config(
        name="parser_lite_256",
        task="parser",
        parser=ParserConfig(kind="lite", up_filters=(128, 96, 64, 32), up_blocks=(1, 1, 1, 1)),
        data=DataConfig(
            layout="folder",
            validation_size=400,
            augmentation=AugmentationConfig(
                rotation=30.0,
                scale=0.3,
                shift=0.08,
                colour=0.35,
                blur=0.1,
                dark=0.1,
                gray=0.1,
                occlusion=0.15,
                jpeg=0.2,
            ),
        ),
        loss=LossConfig(dice=1.0),
        training=TrainingConfig(
            steps=20000,
            batch_size=16,
            learning_rate=1e-3,
            beta_1=0.9,
            warmup=300,
            decay_start=0.0,
            decay="cosine",
            ema=0.999,
        ),
    )
