"""The compact editor at 128x128: quick to train, and a start for mgpe_compact_256.

Data: as for configs/parser_256.py; the parser must have been trained at 128 pixels.
Command: python -m mgpe_tf.train --config=configs/mgpe_compact_128.py --workdir=runs/compact_128 \
    --config.parser_path=runs/parser_128 --config.data.path=DATA/train --config.data.validation_path=DATA/val
Expected time: 12 hours on 2 CPU cores, estimated from 7.1 images/s (docs/explanation/experiments.md).
Expected score: not measured in full; after 3,000 of the steps PSNR 22.1 dB, with wider discriminators
    (docs/explanation/experiments.md).
Size: 20.3M parameters on the generator's side, 3.9 GMAC per generated image
    (python -m benchmarks.benchmark --config=configs/mgpe_compact_128.py --count).
Scale of the norms: as in configs/mgpe_compact_256.py.
"""

from __future__ import annotations

from mgpe_tf.config import Config
from mgpe_tf.presets import compact_generator
from mgpe_tf.shipped import load_config


def get_config() -> Config:
    """The experiment."""
    config = load_config("mgpe_compact_256")
    config.name = "mgpe_compact_128"
    config.generator = compact_generator(128)
    config.data.resolution = 128
    return config
