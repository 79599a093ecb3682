"""The second part of the compact editor's training at 256x256: paired steps alone, no discriminators.

Data: as for configs/parser_256.py.
Command: python -m mgpe_tf.train --config=configs/mgpe_compact_256_paired.py --workdir=runs/editor_paired \
    --config.start_path=runs/editor_local --config.data.path=DATA/train --config.data.validation_path=DATA/val
Before: configs/mgpe_compact_256_local.py.
Then: python -m mgpe_tf.train --config=configs/mgpe_compact_256.py --config.start_path=runs/editor_paired ...
Expected time: 5 to 8 hours on 2 CPU cores with --config.training.precision=mixed_bfloat16, reckoned from 8.9 to 5.4
    images/s on two machines (docs/explanation/training.md).
Size: 20.6M parameters on the generator's side, 4.8 GMAC per generated image
    (python -m tools.benchmark --config=configs/mgpe_compact_256_paired.py --count).
Scale of the norms: as in configs/mgpe_compact_128.py.
"""

from __future__ import annotations

from mgpe_tf.config import Config
from mgpe_tf.presets import compact_editor_without_adversary


def get_config() -> Config:
    """The experiment."""
    return compact_editor_without_adversary(256)
