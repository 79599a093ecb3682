"""The two families of generators that the experiments in configs/ train, the paper's and a compact one, the compact
one's training, and baselines of about its cost."""

from __future__ import annotations

from mgpe_tf.config import (
    AugmentationConfig,
    BaselineConfig,
    ComponentConfig,
    Config,
    DataConfig,
    DiscriminatorConfig,
    GeneratorConfig,
    LossConfig,
    ParserConfig,
    TrainingConfig,
)
from mgpe_tf.errors import UserError


def paper_generator() -> GeneratorConfig:
    """The networks of the paper, as the official code sizes them for 256x256."""
    whole = ComponentConfig(
        encoder=(64, 128, 256, 512, 512, 512, 512),
        feature=(256, 256, 256, 256, 256),
        image=(512, 512, 512, 512, 256, 128, 64),
    )
    part = ComponentConfig(encoder=(64, 128, 256, 512), feature=(256, 256), image=(256, 128, 64, 64))
    return GeneratorConfig(eye=part, mouth=part, skin=whole, hair=whole)


def compact_generator(resolution: int) -> GeneratorConfig:
    """A generator that a laptop can run: nearly all work is done on a 32x32 map, whatever the resolution.

    Patch convolutions bring crops and masks down at once, sub-pixel convolutions bring the portrait up, G_local
    decodes from the feature map that G_m gets (so that L_local trains that map too), heads are single linear layers,
    and embeddings are means of unit length. Since only the outermost layers depend on the resolution, a run at 128
    pixels can start one at 256.

    Raises:
      UserError: the resolution is not 128, 256 or 512.
    """
    stages = {128: 1, 256: 2, 512: 3}.get(resolution)
    if stages is None:
        raise UserError(f"a compact generator of {resolution} pixels: allowed are 128, 256, 512")
    eye = ComponentConfig(encoder=(64, 128, 128), feature=(64,), image=(32, 24, 16)[:stages])
    mouth = ComponentConfig(encoder=(64, 128, 128, 64), feature=(64,), image=(32, 24, 16)[:stages])
    whole = ComponentConfig(encoder=(48, 128, 192, 192, 128), feature=(192, 128, 96), image=(48, 24, 16)[:stages])
    return GeneratorConfig(
        stem=2**stages,
        grid=2 ** (stages + 1),
        head_units=0,
        variational=False,
        unit_latents=True,
        component_momentum=0.9,
        shared_decoder=True,
        eye=eye,
        mouth=mouth,
        skin=whole,
        hair=whole,
        mask=(64, 128),
        width=160,
        blocks=4,
        upsampling="subpixel",
        foreground=(96, 48, 24)[:stages],
        background=32,
        fusion_scale=2,
        fusion_kernel=3,
        skips=True,
    )


def compact_editor(resolution: int) -> Config:
    """The training of a compact generator: L1 means in place of the paper's squared norms, with five times the weight
    on eyes, brows, nose and mouth; a perceptual term; narrow discriminators and parser; averaged weights.

    Raises:
      UserError: see ``compact_generator``.
    """
    return Config(
        name=f"mgpe_compact_{resolution}",
        generator=compact_generator(resolution),
        discriminator=DiscriminatorConfig(filters=(32, 64, 128, 128)),
        parser=ParserConfig(filters=(32, 64, 128, 256, 256)),
        data=DataConfig(
            layout="folder",
            resolution=resolution,
            augmentation=AugmentationConfig(colour=0.1),
        ),
        loss=LossConfig(local=10.0, global_=50.0, norm="l1", detail_weight=4.0, perceptual=5.0),
        training=TrainingConfig(
            steps=40000, batch_size=8, learning_rate=4e-4, discriminator_learning_rate=2e-4, decay_start=0.5, ema=0.999
        ),
    )


def compact_auto_encoders(resolution: int) -> Config:
    """The first part of that training: the local auto-encoders alone, without a portrait being drawn.

    Raises:
      UserError: see ``compact_generator``.
    """
    config = compact_editor_without_adversary(resolution)
    config.name = f"mgpe_compact_{resolution}_local"
    config.loss.global_ = config.loss.parsing = config.loss.perceptual = config.loss.structure = 0.0
    config.data.view = AugmentationConfig(flip=0.0)
    config.training.steps = 30000
    return config


def compact_editor_without_adversary(resolution: int) -> Config:
    """The second part: paired steps alone, the similarity of structure as a term, and no discriminators.

    Raises:
      UserError: see ``compact_generator``.
    """
    config = compact_editor(resolution)
    config.name += "_paired"
    config.loss.adversarial = 0.0
    config.loss.structure, config.loss.face_weight, config.loss.perceptual = 60.0, 3.0, 8.0
    config.loss.parsing = 4.0
    config.data.view = AugmentationConfig(flip=0.0, rotation=2.0, scale=0.02, shift=0.03, cut_hair=0.3)
    config.training = TrainingConfig(
        steps=20000,
        batch_size=8,
        learning_rate=4e-4,
        beta_1=0.9,
        decay_start=0.2,
        decay="cosine",
        unpaired=False,
        ema=0.999,
    )
    return config


def registration() -> Config:
    """A flow that carries a face to its own edited mask: soft enough to follow every border."""
    return Config(
        name="registration_64",
        task="registration",
        data=DataConfig(layout="folder", resolution=128, validation_size=400),
        loss=LossConfig(end_point=0.3, label=4.0, bending=0.25),
        training=TrainingConfig(
            steps=3000,
            batch_size=16,
            learning_rate=6e-4,
            beta_1=0.9,
            warmup=50,
            decay_start=0.1,
            decay="cosine",
            clip_norm=1.0,
            ema=0.995,
        ),
    )


def stiff_registration() -> Config:
    """A flow that carries another person's face, which a soft one would distort; it begins with the soft one."""
    config = registration()
    config.name += "_stiff"
    config.loss.label, config.loss.bending, config.loss.strain = 3.0, 3.0, 3.0
    config.training.steps, config.training.learning_rate = 2000, 5e-4
    return config


def pix2pixhd() -> Config:
    """The global generator of Wang et al. 2018, three discriminators, their weights of the losses; see
    ``objectives.pix2pixhd`` for what is left out."""
    return Config(
        task="pix2pixhd",
        discriminator=DiscriminatorConfig(scales=3),
        data=DataConfig(layout="folder"),
        loss=LossConfig(global_=0.0, gan="least_squares", norm="l1", label_enlargement=1.0),
        training=TrainingConfig(decay_start=0.5, unpaired=False),
    )


def bicyclegan() -> Config:
    """The networks and the weights of the losses of Zhu et al. 2017."""
    return Config(
        task="bicyclegan",
        baseline=BaselineConfig(filters=(64, 128, 256, 512, 512, 512, 512, 512)),
        data=DataConfig(layout="folder"),
        loss=LossConfig(global_=10.0, kl=0.01, latent=0.5, gan="least_squares", norm="l1", label_enlargement=1.0),
        training=TrainingConfig(decay_start=0.5, unpaired=False),
    )


def small_pix2pixhd(resolution: int) -> Config:
    """At 128 pixels about the operations of the compact editor's generator, and the rest of its training."""
    return _beside_compact(pix2pixhd(), resolution, BaselineConfig(filters=(32, 64, 128, 256)))


def small_bicyclegan(resolution: int) -> Config:
    """At 128 pixels half the operations of the compact editor's generator, since a step has two passes, and the rest of
    its training."""
    return _beside_compact(
        bicyclegan(), resolution, BaselineConfig(filters=(64, 128, 256, 512, 512, 512), encoder=(48, 96, 192, 384, 384))
    )


def _beside_compact(config: Config, resolution: int, networks: BaselineConfig) -> Config:
    """A baseline with smaller networks: data, steps and discriminators of the compact editor, rates of its paper."""
    compact = compact_editor(128)
    config.name = f"{config.task}_{resolution}"
    config.baseline, config.discriminator, config.data = networks, compact.discriminator, compact.data
    config.data.resolution = resolution
    config.training.steps, config.training.batch_size = compact.training.steps, compact.training.batch_size
    config.training.ema = compact.training.ema
    return config
