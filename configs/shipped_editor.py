"""The bundled editor, saved_models/editor_compact: the compact editor in the last six of the fifteen trainings by which
it came about.

Data: data/celebamask_hq_256 with a train/ and a val/ as for configs/parser_256.py: 4,700 portraits of CelebAMask-HQ to
learn from, 300 to validate.
Command: each begins with the one before; 11 reads the parser of configs/shipped_parser.py:mild, the others the shipped.
    python -m mgpe_tf.train --config=configs/shipped_editor.py:10 --workdir=runs/editor_10
    python -m mgpe_tf.train --config=configs/shipped_editor.py:11 --workdir=runs/editor_11
    python -m mgpe_tf.train --config=configs/shipped_editor.py:12 --workdir=runs/editor_12
    python -m mgpe_tf.train --config=configs/shipped_editor.py:13 --workdir=runs/editor_13
    python -m mgpe_tf.train --config=configs/shipped_editor.py:14 --workdir=runs/editor_14
    python -m mgpe_tf.train --config=configs/shipped_editor.py:15 --workdir=runs/editor_15
Before: runs/editor_9, the ninth training. Of 1 to 9 no commands are kept: what was different in each of them, 8,026
    steps with whole portraits and 4,705 of the auto-encoders alone, is in docs/explanation/experiments.md. Without
    them configs/mgpe_compact_256_local.py and configs/mgpe_compact_256_paired.py begin from nothing, with more steps.
Expected time: 33, 62, 23, 52, 50 and 12 minutes on 2 CPU cores beside other work, 13 to 15 on a slower machine.
Expected score: over the face of 300 reconstructions, PSNR in dB and SSIM: 11: 24.8 and 0.769, 12: 24.7 and 0.772,
    13: 25.1 and 0.786, 14: 25.0 and 0.788, 15: 25.0 and 0.788; of 10, which generates no portrait, L_local 0.280.
Size: 20.6M parameters on the generator's side, 4.8 GMAC per generated image
    (python -m benchmarks.benchmark --config=configs/shipped_editor.py --count).
Not as it was: 10 ended at step 4,924 and 13 at step 2,597, and 13 began with the exported form of 12, whose weights are
    rounded.
"""

from __future__ import annotations

from mgpe_tf.config import AugmentationConfig, Config, DataConfig, LossConfig, TrainingConfig
from mgpe_tf.presets import compact_generator
from mgpe_tf.shipped import stage_of


def get_config(stage: str = "15") -> Config:
    """One of the trainings."""
    return stage_of({"10": run_10, "11": run_11, "12": run_12, "13": run_13, "14": run_14, "15": run_15}, stage)


def run_10() -> Config:
    """The auto-encoders alone."""
    return Config(
        name="shipped_editor",
        start_path="runs/editor_9",
        generator=compact_generator(256),
        data=DataConfig(
            layout="folder",
            path=("data/celebamask_hq_256/train",),
            validation_path=("data/celebamask_hq_256/val",),
            label_set=("celebamask_hq",),
            resolution=256,
            augmentation=AugmentationConfig(colour=0.1),
        ),
        loss=LossConfig(local=10.0, global_=0.0, adversarial=0.0, parsing=0.0, norm="l1"),
        training=TrainingConfig(
            steps=6500,
            batch_size=8,
            learning_rate=4e-4,
            beta_1=0.9,
            decay_start=0.2,
            decay="cosine",
            unpaired=False,
            ema=0.999,
            precision="mixed_bfloat16",
        ),
    )


def run_11() -> Config:
    """Paired steps, with L_SSIM, by the features of an earlier parser, which takes less time."""
    config = run_10()
    config.start_path, config.parser_path = "runs/editor_10", "runs/parser_mild"
    config.loss = LossConfig(
        local=10.0,
        global_=50.0,
        adversarial=0.0,
        parsing=1.0,
        norm="l1",
        detail_weight=4.0,
        perceptual=1.0,
        structure=20.0,
    )
    config.data.view = AugmentationConfig(flip=0.0, rotation=5.0, scale=0.05, shift=0.03, cut_hair=0.3)
    config.training.steps = 4400
    return config


def run_12() -> Config:
    """With more L_SSIM and L_perc, by the bundled parser's features."""
    config = run_11()
    config.start_path, config.parser_path = "runs/editor_11", ""
    config.loss.structure, config.loss.perceptual = 60.0, 8.0
    config.training.steps, config.training.learning_rate = 1500, 3e-4
    return config


def run_13() -> Config:
    """With more L_SSIM on the face and weaker views, without P_F."""
    config = run_12()
    config.start_path = "runs/editor_12"
    config.loss.face_weight, config.loss.perceptual, config.loss.parsing = 3.0, 0.0, 0.0
    config.data.view.rotation, config.data.view.scale = 2.0, 0.02
    config.training.steps = 6000
    return config


def run_14() -> Config:
    """With L_perc and L_GP again."""
    config = run_13()
    config.start_path = "runs/editor_13"
    config.loss.perceptual, config.loss.parsing = 8.0, 1.0
    config.training.steps = 1950
    return config


def run_15() -> Config:
    """With more L_GP and the stronger views again."""
    config = run_14()
    config.start_path = "runs/editor_14"
    config.loss.parsing = 4.0
    config.data.view.rotation, config.data.view.scale = 5.0, 0.05
    config.training.steps, config.training.learning_rate, config.training.decay_start = 480, 2e-4, 0.0
    config.training.ema = 0.99
    return config
