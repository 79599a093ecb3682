"""The paper's face parser P_F: a U-Net at 256x256.

Data: a folder with images/ and labels/ for training and one for validation. A folder of python -m mgpe_tf.prepare says
which ids its labels hold; for another one, --config.data.label_set=celebamask_hq, helen, lapa or bisenet does. The
official archives: --config.data.layout=celebamask_hq or helen.
Command: python -m mgpe_tf.train --config=configs/parser_256.py --workdir=runs/parser \
    --config.data.path=DATA/train --config.data.validation_path=DATA/val
    For a smaller editor: --config.data.resolution=128 --config.parser.filters=32,64,128,256,256
Expected time: 6 hours on 2 CPU cores, estimated from 7.9 images/s (docs/reference/speed.md); not run in full here.
Expected score: not measured; at 128 pixels with fewer filters, Helen overall F1 0.879 after 3,300 steps
    (docs/explanation/experiments.md).
Size: 29.3M parameters, 6.2 GMAC per parse (python -m benchmarks.benchmark --config=configs/parser_256.py --count).
"""

from __future__ import annotations

from mgpe_tf.config import AugmentationConfig, Config, DataConfig, TrainingConfig


def get_config() -> Config:
    """The experiment."""
    return Config(
        name="parser_256",
        task="parser",
        data=DataConfig(
            layout="folder",
            validation_size=300,
            augmentation=AugmentationConfig(rotation=10.0, scale=0.1, shift=0.03, colour=0.2),
        ),
        training=TrainingConfig(steps=10000, batch_size=16, learning_rate=1e-3, beta_1=0.9, decay_start=0.4, ema=0.998),
    )
