"""A face parser for phones and CPUs at 256x256, trained with what helps: Dice loss, strong augmentation, cosine decay,
averaged weights.

Data: as for configs/parser_256.py; several data sets are joined by commas, each with its label set.
Command: python -m mgpe_tf.train --config=configs/parser_mobile_256.py --workdir=runs/parser_mobile \
    --config.data.path=DATA/celebamask_hq/train,DATA/helen_star/train \
    --config.data.validation_path=DATA/celebamask_hq/val,DATA/helen_star/val \
    --config.data.label_set=celebamask_hq,helen
Expected time: 4.5 hours on 2 CPU cores in bfloat16, estimated from 26 images/s that a network of four fifths
    of its operations gave beside other work. How the bundled weights came about is in docs/explanation/experiments.md.
Expected score: not measured in full; configs/shipped_parser.py came to a Helen overall F1 of 0.919 on
    CelebAMask-HQ and 0.900 on Helen.
Size: 3.4M parameters, 2.9 GMAC per parse
    (python -m benchmarks.benchmark --config=configs/parser_mobile_256.py --count).
"""

from __future__ import annotations

from mgpe_tf.config import AugmentationConfig, Config, DataConfig, LossConfig, ParserConfig, TrainingConfig


def get_config() -> Config:
    """The experiment."""
    return Config(
        name="parser_mobile_256",
        task="parser",
        parser=ParserConfig(
            kind="mobile",
            filters=(32, 48, 96, 160, 224),
            blocks=(0, 2, 2, 2, 1),
            up_filters=(96, 64, 48, 32),
            up_blocks=(2, 2, 2, 2),
        ),
        data=DataConfig(
            layout="folder",
            validation_size=400,
            augmentation=AugmentationConfig(rotation=20.0, scale=0.25, shift=0.06, colour=0.3),
        ),
        loss=LossConfig(dice=1.0),
        training=TrainingConfig(
            steps=20000, batch_size=16, learning_rate=2e-3, beta_1=0.9, decay_start=0.0, decay="cosine", ema=0.999
        ),
    )
