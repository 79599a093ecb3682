"""pix2pixHD with small networks at 128x128, to be trained beside configs/mgpe_compact_128.py at about its cost.

Data: as for configs/parser_256.py. At 64 pixels: --config.data.resolution=64
Command: python -m mgpe_tf.train --config=configs/pix2pixhd_128.py --workdir=runs/pix2pixhd_128 \
    --config.data.path=DATA/train --config.data.validation_path=DATA/val
Expected time: not measured.
Size: 11.7M parameters, 3.7 GMAC per generated image
    (python -m tools.benchmark --config=configs/pix2pixhd_128.py --count).
Not as in its paper: as in configs/pix2pixhd_256.py; discriminators, batch and averaged weights are the
    compact editor's.
"""

from __future__ import annotations

from mgpe_tf.config import Config
from mgpe_tf.presets import small_pix2pixhd


def get_config() -> Config:
    """The experiment."""
    return small_pix2pixhd(128)
