"""The first part of the compact editor's training at 256x256: the local auto-encoders alone.

Data: as for configs/parser_256.py.
Command: python -m mgpe_tf.train --config=configs/mgpe_compact_256_local.py --workdir=runs/editor_local \
    --config.data.path=DATA/train --config.data.validation_path=DATA/val
Then: python -m mgpe_tf.train --config=configs/mgpe_compact_256_paired.py --config.start_path=runs/editor_local ...
Expected time: 3 hours on 2 CPU cores with --config.training.precision=mixed_bfloat16, estimated from 20 images/s
    (docs/explanation/experiments.md).
Expected score: not measured in full; L_local 0.293 after 4,500 steps, begun with weights of whole
    portraits (docs/explanation/experiments.md, run 8).
Size: 20.6M parameters on the generator's side, 4.8 GMAC per generated image
    (python -m benchmarks.benchmark --config=configs/mgpe_compact_256_local.py --count), of which those of E_m, G_m, E_b
    and G_b stay as they are.
Scale of the norms: as in configs/mgpe_compact_256.py.
"""

from __future__ import annotations

from mgpe_tf.config import AugmentationConfig, Config
from mgpe_tf.shipped import load_config


def get_config() -> Config:
    """The experiment: the second part's without the terms of a portrait that is generated."""
    config = load_config("mgpe_compact_256_paired")
    config.name = "mgpe_compact_256_local"
    config.loss.global_ = config.loss.parsing = config.loss.perceptual = config.loss.structure = 0.0
    config.data.view = AugmentationConfig(flip=0.0)
    config.training.steps = 30000
    return config
