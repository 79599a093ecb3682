"""The bundled face parser, saved_models/parser_lite: the lite parser in the six trainings by which it came about, and
that of a teacher.

Data: data/celebamask_hq_256 and data/helen_star_256, each with a train/ and a val/ as for configs/parser_256.py: 4,700
portraits of CelebAMask-HQ and 1,899 photographs of Helen to learn from, 300 and 100 to validate. From the third on they
learn from 3,525 portraits more, which the second has labelled, and the last from Helen's labels with the parts that
they merge, which the teacher has told. Each folder's dataset.json names its label set (docs/reference/data.md).
Command: each begins with the one before, the first with ImageNet's weights of the trunk, trunk.npz
    (docs/how-to/train.md).
    python -m mgpe_tf.train --config=configs/shipped_parser.py:small --workdir=runs/parser_small
    python -m mgpe_tf.train --config=configs/shipped_parser.py:large --workdir=runs/parser_large
    python -m mgpe_tf.prepare --input=PHOTOGRAPHS --output=data/more --aligned --parser=runs/parser_large \
        --label_set=celebamask_hq --flip --unknown_below=0.8 --val_share=0 --min_confidence=0.7 --min_sharpness=0 \
        --needed=skin --licence=...
    python -m mgpe_tf.train --config=configs/shipped_parser.py:more --workdir=runs/parser_more
    python -m mgpe_tf.train --config=configs/shipped_parser.py:helen --workdir=runs/parser_helen
    python -m mgpe_tf.train --config=configs/shipped_parser.py:longer --workdir=runs/parser_longer
    python -m mgpe_tf.train --config=configs/shipped_parser.py:teacher --workdir=runs/parser_teacher
    python -m mgpe_tf.prepare --input=data/helen_star_256/train/images --known=data/helen_star_256/train \
        --output=data/helen_parts --aligned --parser=runs/parser_teacher --label_set=celebamask_hq --flip \
        --unknown_below=0.6 --val_share=0 --min_confidence=0 --min_sharpness=0 --needed=skin --licence=...
    python -m mgpe_tf.train --config=configs/shipped_parser.py:parts --workdir=runs/parser_parts
Expected time: 93 minutes of more, 22 of helen, 112 of longer, 17 of teacher and 46 of parts, measured on 2 CPU cores,
    most of it beside other work; those of the first two were not noted.
Expected score: macro F1 of ten foreground classes on CelebAMask-HQ 0.905, of its eighteen 0.830, Helen overall
    F1 on Helen 0.897 (saved_models/parser_lite/MODEL_CARD.md).
Size: 4.0M parameters, 2.1 GMAC per parse
    (python -m benchmarks.benchmark --config=configs/shipped_parser.py --count).
Not as it was: how often Helen was named in the first two was not noted. The third had stronger augmentation (turned by
    25 degrees, sizes 0.25, shifts 0.06, colours 0.3) in its first 2,440 steps, and the rate fell more slowly in its
    first 2,250. The fifth began with what was bundled, which is the fourth in half precision, and its rate fell faster
    in its first 144. So did the sixth, with the fifth; for it and the teacher the fifth had labelled the portraits more
    anew. What is bundled is 0.6 of the sixth's weights and 0.4 of the fifth's.
"""

from __future__ import annotations

from mgpe_tf.config import AugmentationConfig, Config, DataConfig, LossConfig, ParserConfig, TrainingConfig
from mgpe_tf.shipped import stage_of

CELEB, HELEN, MORE, HELEN_PARTS = "data/celebamask_hq_256", "data/helen_star_256", "data/more", "data/helen_parts"


def get_config(stage: str = "parts") -> Config:
    """One of the trainings."""
    stages = (small, large, more, helen, longer, teacher, parts)
    return stage_of({each.__name__: each for each in stages}, stage)


def small() -> Config:
    """At 128 pixels, where a portrait takes a quarter of the time."""
    return Config(
        name="shipped_parser",
        task="parser",
        start_path="trunk.npz",
        parser=ParserConfig(kind="lite", up_filters=(128, 96, 64, 32), up_blocks=(1, 1, 1, 1)),
        data=DataConfig(
            layout="folder",
            path=(f"{CELEB}/train", *[f"{HELEN}/train"] * 3),
            validation_path=(f"{CELEB}/val", f"{HELEN}/val"),
            resolution=128,
            validation_size=400,
            augmentation=AugmentationConfig(
                rotation=30.0, scale=0.25, shift=0.08, colour=0.35, blur=0.1, dark=0.1, gray=0.1
            ),
        ),
        loss=LossConfig(dice=1.0),
        training=TrainingConfig(
            steps=4000,
            batch_size=16,
            learning_rate=1e-3,
            beta_1=0.9,
            warmup=300,
            decay_start=0.0,
            decay="cosine",
            ema=0.999,
        ),
    )


def large() -> Config:
    """At 256 pixels."""
    config = small()
    config.start_path = "runs/parser_small"
    config.data.resolution = 256
    config.training.steps, config.training.learning_rate = 3200, 6e-4
    return config


def folders(helen: int) -> tuple[str, ...]:
    """The folders to learn from, that of Helen so many times."""
    return (*[f"{CELEB}/train"] * 2, *[f"{HELEN}/train"] * helen, f"{MORE}/train")


def more() -> Config:
    """With the portraits that the second has labelled, each of CelebAMask-HQ twice and of Helen four times beside."""
    config = large()
    config.start_path = "runs/parser_large"
    config.data.path = folders(4)
    config.data.augmentation = AugmentationConfig(
        rotation=12.0, scale=0.14, shift=0.035, colour=0.22, blur=0.04, dark=0.04, gray=0.04, occlusion=0.05, jpeg=0.1
    )
    config.training.steps, config.training.learning_rate, config.training.warmup = 4000, 7e-4, 150
    config.training.precision = "mixed_bfloat16"
    return config


def helen() -> Config:
    """With weaker augmentation, and Helen, which was behind, six times."""
    config = more()
    config.start_path = "runs/parser_more"
    config.data.path = folders(6)
    config.data.augmentation = AugmentationConfig(
        rotation=8.0, scale=0.1, shift=0.025, colour=0.2, blur=0.03, dark=0.03, gray=0.03, occlusion=0.03, jpeg=0.05
    )
    config.training.steps, config.training.learning_rate, config.training.warmup = 1300, 4e-4, 50
    config.training.ema = 0.998
    return config


def longer() -> Config:
    """With stronger augmentation again, more slowly averaged."""
    config = helen()
    config.start_path = "runs/parser_helen"
    config.data.augmentation = AugmentationConfig(
        rotation=12.0, scale=0.14, shift=0.035, colour=0.22, blur=0.04, dark=0.04, gray=0.04, occlusion=0.05, jpeg=0.08
    )
    config.training.steps, config.training.learning_rate, config.training.warmup = 2300, 5e-4, 60
    config.training.precision = "float32"
    config.training.ema = 0.999
    return config


def teacher() -> Config:
    """One that has not seen Helen, and so has not learnt to make up what its labels merge."""
    config = small()
    config.data.path, config.data.validation_path = (f"{CELEB}/train", f"{MORE}/train"), (f"{CELEB}/val",)
    config.data.validation_size = 200
    config.data.augmentation.scale = 0.35
    config.training.steps, config.training.warmup, config.training.precision = 1500, 100, "mixed_bfloat16"
    return config


def parts() -> Config:
    """With the parts of Helen's photographs told."""
    config = longer()
    config.start_path = "runs/parser_longer"
    config.data.path = (*[f"{CELEB}/train"] * 2, *[f"{HELEN_PARTS}/train"] * 5, f"{MORE}/train")
    config.training.steps, config.training.precision = 1200, "mixed_bfloat16"
    return config
