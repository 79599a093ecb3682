"""BicycleGAN (Zhu et al. 2017) at 256x256, with which the paper compares: a U-Net with a code of 8 numbers at every
stage down, an encoder, a discriminator each for cVAE-GAN and cLR-GAN, least squares.

Data: as for configs/parser_256.py; the steps are as many as the paired ones of configs/mgpe_256.py.
Command: python -m mgpe_tf.train --config=configs/bicyclegan_256.py --workdir=runs/bicyclegan \
    --config.data.path=DATA/train --config.data.validation_path=DATA/val
Expected time: not measured; a task for GPUs.
Expected score: not measured.
Size: 66.1M parameters in G and E, 8.4 GMAC per generated image, the code of x_s included
    (python -m benchmarks.benchmark --config=configs/bicyclegan_256.py --count).
Not as in its paper: E is its E_CNN, not E_ResNet, each batch goes whole through both halves, normalisation over the
    batch.
"""

from __future__ import annotations

from mgpe_tf.config import BaselineConfig, Config, DataConfig, LossConfig, TrainingConfig


def get_config() -> Config:
    """The experiment."""
    return Config(
        name="bicyclegan_256",
        task="bicyclegan",
        baseline=BaselineConfig(filters=(64, 128, 256, 512, 512, 512, 512, 512)),
        data=DataConfig(layout="folder"),
        loss=LossConfig(global_=10.0, kl=0.01, latent=0.5, gan="least_squares", norm="l1", label_enlargement=1.0),
        training=TrainingConfig(steps=302500, decay_start=0.5, unpaired=False),
    )
