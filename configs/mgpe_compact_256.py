"""The compact editor at 256x256: the one that a laptop can run.

Data: as for configs/parser_256.py.
Command: python -m mgpe_tf.train --config=configs/mgpe_compact_256.py --workdir=runs/editor \
    --config.start_path=runs/editor_paired --config.data.path=DATA/train --config.data.validation_path=DATA/val
    with runs/editor_paired of configs/mgpe_compact_256_paired.py, or without it from nothing
Expected time: 19 hours on 2 CPU cores, reckoned from 4.7 images/s (docs/reference/speed.md).
Size: 20.6M parameters on the generator's side, 4.8 GMAC per generated image
    (python -m tools.benchmark --config=configs/mgpe_compact_256.py --count).
Scale of the norms: as in configs/mgpe_compact_128.py.
"""

from __future__ import annotations

from mgpe_tf.config import Config
from mgpe_tf.presets import compact_editor


def get_config() -> Config:
    """The experiment."""
    return compact_editor(256)
