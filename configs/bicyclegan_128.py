"""BicycleGAN with small networks at 128x128, to be trained beside configs/mgpe_compact_128.py at about its cost.

Data: as for configs/parser_256.py. At 64 pixels: --config.data.resolution=64
Command: python -m mgpe_tf.train --config=configs/bicyclegan_128.py --workdir=runs/bicyclegan_128 \
    --config.data.path=DATA/train --config.data.validation_path=DATA/val
Expected time: not measured.
Size: 33.5M parameters in G and E, 1.9 GMAC per generated image, the code of x_s included; a step draws two
    (python -m tools.benchmark --config=configs/bicyclegan_128.py --count).
Not as in its paper: as in configs/bicyclegan_256.py; discriminators, batch and averaged weights are the
    compact editor's.
"""

from __future__ import annotations

from mgpe_tf.config import Config
from mgpe_tf.presets import small_bicyclegan


def get_config() -> Config:
    """The experiment."""
    return small_bicyclegan(128)
