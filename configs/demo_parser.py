"""The demo's face parser: a small P_F on synthetic portraits at 128x128, for the demo's L_GP.

Data: 600 synthetic portraits, nothing to download.
Command: python -m mgpe_tf.train --config=configs/demo_parser.py --workdir=runs/demo_parser
Expected time: 1 minute on 2 CPU cores: 24 s of steps (193 images/s), the rest painting portraits and starting.
Expected score: pixel accuracy 0.946, macro F1 of the ten foreground classes 0.55.
Size: 0.33M parameters, 0.089 GMAC per parse (python -m benchmarks.benchmark --config=configs/demo_parser.py --count).
"""

from __future__ import annotations

from mgpe_tf.config import Config, DataConfig, ParserConfig, TrainingConfig


def get_config() -> Config:
    """The experiment."""
    return Config(
        name="demo_parser",
        task="parser",
        parser=ParserConfig(filters=(16, 32, 64, 96), dropout=0.0),
        data=DataConfig(resolution=128, synthetic_size=600, validation_size=32),
        training=TrainingConfig(
            steps=600,
            batch_size=8,
            learning_rate=2e-3,
            beta_1=0.9,
            decay_start=0.5,
            ema=0.99,
            log_every=50,
            sample_every=200,
            validate_every=200,
            checkpoint_every=200,
        ),
    )
