"""The bundled face parser, saved_models/parser_mobile: the mobile parser in the six trainings by which it came about.

Data: data/celebamask_hq_256 and data/helen_star_256, each with a train/ and a val/ as for configs/parser_256.py: 4,700
portraits of CelebAMask-HQ and 1,899 photographs of Helen to learn from, 300 and 100 to validate. Helen, which was
behind, is named several times.
Command: each begins with the one before.
    python -m mgpe_tf.train --config=configs/shipped_parser.py:plain --workdir=runs/parser_plain
    python -m mgpe_tf.train --config=configs/shipped_parser.py:mild --workdir=runs/parser_mild
    python -m mgpe_tf.train --config=configs/shipped_parser.py:1 --workdir=runs/parser_1
    python -m mgpe_tf.train --config=configs/shipped_parser.py:2 --workdir=runs/parser_2
    python -m mgpe_tf.train --config=configs/shipped_parser.py:3 --workdir=runs/parser_3
    python -m mgpe_tf.train --config=configs/shipped_parser.py:4 --workdir=runs/parser_4
Expected time: 132 minutes of plain, 76, 15, 26 and 72 of 1 to 4, measured on 2 CPU cores beside other work; that of
    mild was not noted.
Expected score: Helen overall F1 on CelebAMask-HQ and on Helen: plain 0.916 and 0.887, mild 0.917 and 0.888, then 0.919
    and 0.897, 0.919 and 0.898, 0.919 and 0.898, 0.919 and 0.900 (docs/explanation/experiments.md).
Size: 3.4M parameters, 2.9 GMAC per parse
    (python -m benchmarks.benchmark --config=configs/shipped_parser.py --count).
Not as it was: plain was stopped and continued twice, and named Helen once in its first 5,700 steps; how often mild
    named it was not noted.
"""

from __future__ import annotations

import dataclasses

from mgpe_tf.config import AugmentationConfig, Config, DataConfig, LossConfig, ParserConfig, TrainingConfig
from mgpe_tf.shipped import stage_of


def get_config(stage: str = "4") -> Config:
    """One of the trainings."""
    return stage_of({"plain": plain, "mild": mild, "1": first, "2": second, "3": third, "4": fourth}, stage)


def folders(helen: int) -> dict[str, tuple[str, ...]]:
    """The data's folders and label sets, those of Helen several times."""
    return {
        "path": ("data/celebamask_hq_256/train", *["data/helen_star_256/train"] * helen),
        "validation_path": ("data/celebamask_hq_256/val", *["data/helen_star_256/val"] * helen),
        "label_set": ("celebamask_hq", *["helen"] * helen),
    }


def plain() -> Config:
    """From nothing, without residual blocks on the way up: 2.76M parameters."""
    return Config(
        name="shipped_parser",
        task="parser",
        parser=ParserConfig(
            kind="mobile",
            filters=(32, 48, 96, 160, 224),
            blocks=(0, 2, 2, 2, 1),
            up_filters=(96, 64, 48, 32),
            up_blocks=(),
        ),
        data=DataConfig(
            layout="folder",
            resolution=256,
            validation_size=400,
            augmentation=AugmentationConfig(rotation=20.0, scale=0.25, shift=0.06, colour=0.3),
            **folders(2),
        ),
        loss=LossConfig(dice=1.0),
        training=TrainingConfig(
            steps=12000,
            batch_size=16,
            learning_rate=2e-3,
            beta_1=0.9,
            decay_start=0.0,
            decay="cosine",
            ema=0.999,
            precision="mixed_bfloat16",
        ),
    )


def mild() -> Config:
    """With weaker augmentation; then the network was at its limit."""
    config = plain()
    config.start_path = "runs/parser_plain"
    config.data.augmentation = AugmentationConfig(rotation=6.0, scale=0.08, shift=0.02, colour=0.15)
    config.training.steps, config.training.learning_rate = 1200, 3e-4
    return config


def first() -> Config:
    """With a residual block in each stage of the way up, which begins as the identity: 3.06M parameters."""
    config = plain()
    config.start_path = "runs/parser_mild"
    config.parser.up_blocks = (1, 1, 1, 1)
    config.data = dataclasses.replace(config.data, **folders(4))
    config.data.augmentation = AugmentationConfig(rotation=12.0, scale=0.15, shift=0.04, colour=0.25)
    config.training.steps, config.training.learning_rate = 7500, 1e-3
    return config


def second() -> Config:
    """With weaker augmentation again."""
    config = first()
    config.start_path = "runs/parser_1"
    config.data = dataclasses.replace(config.data, **folders(6))
    config.data.augmentation = AugmentationConfig(rotation=6.0, scale=0.08, shift=0.02, colour=0.15)
    config.training.steps, config.training.learning_rate, config.training.ema = 1500, 5e-4, 0.998
    return config


def third() -> Config:
    """From what the second reads off each portrait and its mirror image, too."""
    config = second()
    config.start_path = config.parser_path = "runs/parser_2"
    config.loss.distillation = 2.0
    config.training.steps = 1700
    return config


def fourth() -> Config:
    """From what the third reads, with a second residual block in each stage of the way up: 3.36M parameters."""
    config = third()
    config.start_path = config.parser_path = "runs/parser_3"
    config.parser.up_blocks = (2, 2, 2, 2)
    config.data.augmentation = AugmentationConfig(rotation=10.0, scale=0.12, shift=0.03, colour=0.2)
    config.training.steps, config.training.learning_rate, config.training.ema = 4200, 1e-3, 0.999
    return config
