"""The flow from a face's mask to the same face's edited mask, on a grid of 64x64 cells.

Data: as for configs/parser_256.py; only the masks are read.
Command: python -m mgpe_tf.train --config=configs/registration_64.py --workdir=runs/registration \
    --config.data.path=DATA/train --config.data.validation_path=DATA/val
Then: configs/registration_64_stiff.py, for other people's faces.
Expected time: 40 minutes on 2 CPU cores, reckoned from 20 images/s beside other work.
Size: 0.86M parameters, 0.19 GMAC per flow (python -m tools.benchmark --config=configs/registration_64.py --count).
"""

from __future__ import annotations

from mgpe_tf.config import Config
from mgpe_tf.presets import registration


def get_config() -> Config:
    """The experiment."""
    return registration()
