"""The paper's editor at 256x256: its networks, its weights of the losses, its schedule (10 epochs at a constant rate
and 45 of linear decay, Adam 2e-4 with beta1 0.5, batch 4, vanilla GAN loss).

Data: as for configs/parser_256.py; the steps are those of 22,000 portraits (set training.steps for others).
Command: python -m mgpe_tf.train --config=configs/mgpe_256.py --workdir=runs/mgpe --config.parser_path=runs/parser \
    --config.data.path=DATA/train --config.data.validation_path=DATA/val
Expected time: 79 days on 2 CPU cores, estimated from 0.35 images/s (docs/reference/speed.md): a task for GPUs.
Expected score: not measured.
Size: 228.3M parameters on the generator's side, 12.1M of them in E_m, G_m, E_b, G_b; 63.5 GMAC per generated image,
    80.6 with the reconstructions of G_local (python -m benchmarks.benchmark --config=configs/mgpe_256.py --count).
Scale of the norms: means over the elements, so that no term depends on the resolution.
"""

from __future__ import annotations

from mgpe_tf.config import Config, DataConfig, TrainingConfig
from mgpe_tf.presets import paper_generator


def get_config() -> Config:
    """The experiment."""
    return Config(
        name="mgpe_256",
        generator=paper_generator(),
        data=DataConfig(layout="folder"),
        training=TrainingConfig(
            # 22,000 portraits / 4 per step x 55 epochs, each portrait once in a paired and once in an unpaired step.
            steps=605000,
            log_every=100,
            sample_every=5000,
            validate_every=5000,
            checkpoint_every=5000,
        ),
    )
