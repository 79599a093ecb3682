"""pix2pixHD (Wang et al. 2018) at 256x256, with which the paper compares: the global generator, discriminators at three
scales, matching of all their features, least squares.

Data: as for configs/parser_256.py; the steps are as many as the paired ones of configs/mgpe_256.py.
Command: python -m mgpe_tf.train --config=configs/pix2pixhd_256.py --workdir=runs/pix2pixhd \
    --config.data.path=DATA/train --config.data.validation_path=DATA/val
Expected time: not measured; a task for GPUs.
Expected score: not measured.
Size: 187.4M parameters, 59.8 GMAC per generated image
    (python -m benchmarks.benchmark --config=configs/pix2pixhd_256.py --count).
Not as in its paper: no instance maps, no VGG features, no local enhancer, batch 4, normalisation over the
    batch.
"""

from __future__ import annotations

from mgpe_tf.config import Config, DataConfig, DiscriminatorConfig, LossConfig, TrainingConfig


def get_config() -> Config:
    """The experiment."""
    return Config(
        name="pix2pixhd_256",
        task="pix2pixhd",
        discriminator=DiscriminatorConfig(scales=3),
        data=DataConfig(layout="folder"),
        loss=LossConfig(global_=0.0, gan="least_squares", norm="l1", label_enlargement=1.0),
        training=TrainingConfig(steps=302500, decay_start=0.5, unpaired=False),
    )
