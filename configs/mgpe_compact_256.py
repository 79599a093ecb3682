"""The compact editor at 256x256: the one that a laptop can run.

Data: as for configs/parser_256.py.
Command: python -m mgpe_tf.train --config=configs/mgpe_compact_256.py --workdir=runs/compact_256 \
    --config.parser_path=runs/parser --config.data.path=DATA/train --config.data.validation_path=DATA/val
Expected time: not run in full here. A step: python -m tools.benchmark --config=configs/mgpe_compact_256.py.
Size: 24.9M parameters on the generator's side, 4.9 GMAC per generated image
    (python -m tools.benchmark --config=configs/mgpe_compact_256.py --count).
Scale of the norms: as in configs/mgpe_compact_128.py.
"""

from __future__ import annotations

from mgpe_tf.config import (
    AugmentationConfig, Config, DataConfig, DiscriminatorConfig, LossConfig, ParserConfig, TrainingConfig)
from mgpe_tf.presets import compact_generator


def get_config() -> Config:
    """The experiment."""
    return Config(
        name="mgpe_compact_256",
        generator=compact_generator(256),
        discriminator=DiscriminatorConfig(filters=(32, 64, 128, 256)),
        parser=ParserConfig(filters=(32, 64, 128, 256, 256)),
        data=DataConfig(
            layout="folder", label_set="celebamask_hq", resolution=256,
            augmentation=AugmentationConfig(colour=0.1)),
        loss=LossConfig(local=10.0, global_=50.0, norm="l1", detail_weight=4.0),
        training=TrainingConfig(
            steps=40000, batch_size=8, learning_rate=4e-4, discriminator_learning_rate=2e-4, decay_start=0.5,
            ema=0.999),
    )
