"""BicycleGAN with small networks at 128x128, to be trained beside configs/mgpe_compact_128.py at about its cost.

Data: as for configs/parser_256.py. At 64 pixels: --config.data.resolution=64
Command: python -m mgpe_tf.train --config=configs/bicyclegan_128.py --workdir=runs/bicyclegan_128 \
    --config.data.path=DATA/train --config.data.validation_path=DATA/val
Expected time: not measured.
Expected score: not measured in full; after 400 of the steps, PSNR over the face 17.0 dB
    (docs/reference/evaluation.md).
Size: 33.5M parameters in G and E, 1.9 GMAC per generated image, the code of x_s included; a step generates two
    (python -m benchmarks.benchmark --config=configs/bicyclegan_128.py --count).
Not as in its paper: as in configs/bicyclegan_256.py; discriminators, batch and averaged weights are the
    compact editor's.
"""

from __future__ import annotations

from mgpe_tf.config import (
    AugmentationConfig,
    BaselineConfig,
    Config,
    DataConfig,
    DiscriminatorConfig,
    LossConfig,
    TrainingConfig,
)


def get_config() -> Config:
    """The experiment."""
    return Config(
        name="bicyclegan_128",
        task="bicyclegan",
        baseline=BaselineConfig(filters=(64, 128, 256, 512, 512, 512), encoder=(48, 96, 192, 384, 384)),
        discriminator=DiscriminatorConfig(filters=(32, 64, 128, 128)),
        data=DataConfig(layout="folder", resolution=128, augmentation=AugmentationConfig(colour=0.1)),
        loss=LossConfig(global_=10.0, kl=0.01, latent=0.5, gan="least_squares", norm="l1", label_enlargement=1.0),
        training=TrainingConfig(steps=40000, batch_size=8, decay_start=0.5, ema=0.999, unpaired=False),
    )
