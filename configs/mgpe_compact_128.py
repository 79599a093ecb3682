from __future__ import annotations

from mgpe_tf.config import AugmentationConfig, Config, DataConfig, DiscriminatorConfig, LossConfig, TrainingConfig
from mgpe_tf.presets import compact_generator


def get_config() -> Config:
    """The experiment."""
    return Config(
        name="mgpe_compact_128",
        generator=compact_generator(128),
        discriminator=DiscriminatorConfig(filters=(32, 64, 128, 256)),
        data=DataConfig(
            layout="folder", label_set="celebamask_hq", resolution=128,
            augmentation=AugmentationConfig(colour=0.1)),
        loss=LossConfig(local=10.0, global_=50.0, norm="l1", detail_weight=4.0),
        training=TrainingConfig(steps=20000, batch_size=8, ema=0.999, decay_start=0.5),
    )
