"""BicycleGAN (Zhu et al. 2017) at 256x256, with which the paper compares: a U-Net with a code of 8 numbers at every
stage down, an encoder, a discriminator each for cVAE-GAN and cLR-GAN, least squares.

Data: as for configs/parser_256.py; the steps are as many as the paired ones of configs/mgpe_256.py.
Command: python -m mgpe_tf.train --config=configs/bicyclegan_256.py --workdir=runs/bicyclegan \
    --config.data.path=DATA/train --config.data.validation_path=DATA/val
Expected time: not measured; a task for GPUs.
Size: 66.1M parameters in G and E, 8.4 GMAC per generated image, the code of x_s included
    (python -m tools.benchmark --config=configs/bicyclegan_256.py --count).
Not as in its paper: E is its E_CNN, not E_ResNet, each batch goes whole through both halves, normalisation over the
    batch.
"""

from __future__ import annotations

from mgpe_tf.config import Config
from mgpe_tf.presets import bicyclegan


def get_config() -> Config:
    """The experiment."""
    config = bicyclegan()
    config.name, config.training.steps = "bicyclegan_256", 302500
    return config
