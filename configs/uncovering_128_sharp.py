"""What a portrait looks like behind its hair, at 128x128: uncovering_128 trained on against a discriminator.

Data: as for configs/uncovering_128.py.
Command: python -m mgpe_tf.train --config=configs/uncovering_128_sharp.py --workdir=runs/uncovering_sharp \
    --config.trunk_path=TRUNK.npz --config.start_path=runs/uncovering --config.data.path=DATA/train,MORE/train \
    --config.data.validation_path=DATA/val --config.data.label_set=celebamask_hq
Expected time: not measured.
Expected score: not measured.
Size: 0.8M parameters, 0.59 GMAC per portrait
    (python -m benchmarks.benchmark --config=configs/uncovering_128_sharp.py --count).
Scale of the norms: L1 means.
"""

from __future__ import annotations

from mgpe_tf.config import Config, LossConfig
from mgpe_tf.shipped import load_config


def get_config() -> Config:
    """The experiment."""
    config = load_config("uncovering_128")
    config.name = "uncovering_128_sharp"
    config.loss = LossConfig(global_=3.0, structure=0.5, perceptual=4.0, adversarial=0.1, norm="l1", gan="hinge")
    training = config.training
    training.steps, training.learning_rate, training.discriminator_learning_rate = 2500, 4e-4, 2e-4
    training.beta_1, training.beta_2 = 0.0, 0.99
    return config
