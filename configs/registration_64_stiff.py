"""The flow from one person's mask to another's, on a grid of 64x64 cells.

Data: as for configs/registration_64.py.
Command: python -m mgpe_tf.train --config=configs/registration_64_stiff.py --workdir=runs/registration_stiff \
    --config.start_path=runs/registration \
    --config.data.path=DATA/train --config.data.validation_path=DATA/val
Expected time: 27 minutes on 2 CPU cores, estimated from 20 images/s beside other work.
Expected score: macro F1 of one person's mask moved to another's 0.600, L_strain 0.013, after 2,300 steps of 8
    (docs/explanation/experiments.md).
Size: 0.86M parameters, 0.19 GMAC per flow
    (python -m benchmarks.benchmark --config=configs/registration_64_stiff.py --count).
"""

from __future__ import annotations

from mgpe_tf.config import Config
from mgpe_tf.shipped import load_config


def get_config() -> Config:
    """The experiment: stiffer flows than the one's that it begins with, which would distort another person's face."""
    config = load_config("registration_64")
    config.name = "registration_64_stiff"
    config.loss.label, config.loss.bending, config.loss.strain = 3.0, 3.0, 3.0
    config.training.steps, config.training.learning_rate = 2000, 5e-4
    return config
