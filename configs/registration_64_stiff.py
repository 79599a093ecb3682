"""The flow from one person's mask to another's, on a grid of 64x64 cells.

Data: as for configs/registration_64.py.
Command: python -m mgpe_tf.train --config=configs/registration_64_stiff.py --workdir=runs/registration_stiff \
    --config.start_path=runs/registration \
    --config.data.path=DATA/train --config.data.validation_path=DATA/val
Expected time: 27 minutes on 2 CPU cores, reckoned from 20 images/s beside other work.
Size: 0.86M parameters, 0.19 GMAC per flow
    (python -m tools.benchmark --config=configs/registration_64_stiff.py --count).
"""

from __future__ import annotations

from mgpe_tf.config import Config
from mgpe_tf.presets import stiff_registration


def get_config() -> Config:
    """The experiment."""
    return stiff_registration()
