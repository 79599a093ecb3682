"""Typed experiment configurations.

A file in ``configs/`` returns one ``Config`` from ``get_config()``. Everything here is plain data: importing this
module imports nothing heavy.
"""

# Annotations are not postponed in this file: the --config flag (ml_collections) reads the fields' types from them.

import dataclasses
import difflib
import json
import typing

from mgpe_tf.errors import UserError
from mgpe_tf.limits import Names, Range, limit_of, one_of, some_of, within

_Part = typing.TypeVar("_Part")


@dataclasses.dataclass
class ComponentConfig:
    """Widths of the auto-encoder of one face component (paper section 3.1, "local embedding").

    Attributes:
      encoder: filters of the encoder's stages. Without a stem every stage halves the size (4x4, stride 2); with one,
        the stem divides the size by ``GeneratorConfig.stem``, and the first stage keeps it (3x3, stride 1).
      feature: filters of the feature decoder's stages, each doubling the size up to the generator's grid.
      image: filters of the image decoder's stages (G_local), each doubling the size.
    """

    encoder: tuple[int, ...] = within((), 1)
    feature: tuple[int, ...] = within((), 1)
    image: tuple[int, ...] = within((), 1)


@dataclasses.dataclass
class GeneratorConfig:
    """Everything on the generator's side: E_local, G_local, E_m, G_m, E_b, G_b.

    Attributes:
      stem: factor by which a first patch convolution shrinks component crops and masks (1: none, as in the paper).
      grid: factor between the image and the map on which G_m works and components are placed (4 in the paper).
      embedding_dim: length of a component's embedding.
      head_units: hidden units of the embedding heads; 0 for a single linear layer.
      variational: sample the embedding in training (as the official code does, without a KL term) or use its mean.
      unit_latents: scale embeddings, and the vector at every place of the maps that linear layers make of them, to a
        root mean square of 1.
      component_momentum: share of the old value in the moving statistics of the component networks (elsewhere 0.9);
        small batches want a large share.
      shared_decoder: decode G_local's crop from the component's feature map instead of from a decoder of its own.
      eye: the auto-encoders of the eyes, which share this description, not their weights.
      mouth: that of the mouth.
      skin: that of the skin.
      hair: that of the hair.
      mask: filters of E_m; the first stage keeps the (stemmed) size, every further one halves it.
      width: channels of G_m's residual blocks.
      blocks: number of G_m's residual blocks.
      upsampling: how sizes are doubled: "transposed" (4x4 transposed convolution) or "subpixel" (pixel shuffle).
      foreground: filters of G_m's upsampling stages; the last is the width of the foreground feature.
      background: filters of E_b; 0 for none: what G_b makes of the foreground is cut out and pasted into x_t.
      fusion_scale: factor at which G_b works: 1 at full size, 2 at half size with a final pixel shuffle.
      fusion_kernel: kernel size of E_b and of G_b's last convolution.
      skips: lead what is known in full past the narrow map on which G_m works: E_m's larger maps to G_m's upsampling
        stages, the mask itself to G_b (which is not linear then), and the visible background of x_t to the output, to
        which G_b adds (which has no tanh then).
    """

    stem: int = within(1, 1)
    grid: int = within(4, 1)
    embedding_dim: int = within(512, 1)
    head_units: int = within(1024, 0)
    variational: bool = True
    unit_latents: bool = False
    component_momentum: float = within(0.1, 0, 1, below=True)
    shared_decoder: bool = False
    eye: ComponentConfig = dataclasses.field(default_factory=ComponentConfig)
    mouth: ComponentConfig = dataclasses.field(default_factory=ComponentConfig)
    skin: ComponentConfig = dataclasses.field(default_factory=ComponentConfig)
    hair: ComponentConfig = dataclasses.field(default_factory=ComponentConfig)
    mask: tuple[int, ...] = within((64, 128, 256), 1, entries=1)
    width: int = within(256, 1)
    blocks: int = within(9, 0)
    upsampling: str = one_of("transposed", "subpixel")
    foreground: tuple[int, ...] = within((128, 64), 1, entries=1)
    background: int = within(64, 0)
    fusion_scale: int = within(1, 1)
    fusion_kernel: int = within(7, 1)
    skips: bool = False


@dataclasses.dataclass
class DiscriminatorConfig:
    """Multi-scale conditional patch discriminators (pix2pixHD), one set for paired and one for unpaired steps; in
    BicycleGAN one for its cVAE-GAN and one for its cLR-GAN.

    Attributes:
      filters: filters of the stages; all but the last halve the size.
      scales: how many discriminators, each at half the resolution of the one before.
      norm: "batch" (the paper's), or "spectral": no normalised activations, but kernels of spectral norm 1 (Miyato et
        al. 2018).
    """

    filters: tuple[int, ...] = within((64, 128, 256, 512), 1, entries=1)
    scales: int = within(2, 1)
    norm: str = one_of("batch", "spectral")


@dataclasses.dataclass
class BaselineConfig:
    """G of the methods that the paper compares with, which generate a portrait from its mask m_t.

    Attributes:
      filters: filters of the encoder stages. pix2pixhd: the first keeps the size, each further one halves it;
        bicyclegan: each stage of the U-Net halves it.
      blocks: pix2pixhd only: residual blocks on the smallest map.
      encoder: bicyclegan only: filters of E's stages, each halving the size.
      code_dim: bicyclegan only: length of the code of an appearance.
    """

    filters: tuple[int, ...] = within((64, 128, 256, 512, 1024), 1, entries=1)
    blocks: int = within(9, 0)
    encoder: tuple[int, ...] = within((64, 128, 256, 512, 512, 512), 1, entries=1)
    code_dim: int = within(8, 1)


@dataclasses.dataclass
class ParserConfig:
    """The face parser P_F.

    Attributes:
      kind: "unet" (the paper's), "mobile" (``networks.mobile_parser``) or "lite" (``networks.lite_parser``, which
        predicts CelebAMask-HQ's nineteen classes; of a data set of other ids it learns what these tell).
      filters: filters of the down path; every stage halves the size.
      dropout: unet only: rate on the middle level of the up path.
      tanh: unet only: bound the logits by tanh, as the official head does (for converted weights only).
      blocks: mobile only: residual blocks of each encoder stage.
      up_filters: mobile and lite: filters of the decoder stages, one fewer than encoder stages.
      up_blocks: mobile and lite: residual blocks of each decoder stage, which begin as the identity; () for none.
    """

    kind: str = one_of("unet", "mobile", "lite")
    filters: tuple[int, ...] = within((64, 128, 256, 512, 512, 512), 1, entries=1)
    dropout: float = within(0.5, 0, 1, below=True)
    tanh: bool = False
    blocks: tuple[int, ...] = within((), 0)
    up_filters: tuple[int, ...] = within((), 1)
    up_blocks: tuple[int, ...] = within((), 0)


@dataclasses.dataclass
class RegistrationConfig:
    """The network that finds by which flow one mask becomes another, or what of a mask lies behind hair.

    Attributes:
      cells: side of the grid to which masks are averaged; it divides ``data.resolution``.
      filters: filters of the encoder stages, multiples of 8; each after the first halves the size.
    """

    cells: int = within(64, 8)
    filters: tuple[int, ...] = within((32, 48, 64, 96, 128), 8, entries=3)


@dataclasses.dataclass
class UncoveringConfig:
    """The network that tells what a portrait looks like behind its hair.

    Attributes:
      filters: filters of the encoder stages, multiples of 8; each after the first halves the size.
    """

    filters: tuple[int, ...] = within((24, 40, 64, 96, 128), 8, entries=3)


@dataclasses.dataclass
class InnerMouthConfig:
    """The network that tells what is seen in a mouth that is opened.

    Attributes:
      filters: filters of the encoder stages, multiples of 8; each after the first halves the size.
      maps: the trunk's maps that L_perc and the discriminator read, from the smallest stride, 2, on: those of strides 2
        to 16 are 0 to 3.
    """

    filters: tuple[int, ...] = within((24, 40, 64, 96, 128), 8, entries=3)
    maps: tuple[int, ...] = within((0, 1, 2, 3), 0, 4, entries=1)


@dataclasses.dataclass
class CompletionConfig:
    """The network that makes one portrait of what G generates and what is carried from photographs.

    Attributes:
      filters: filters of the encoder's stages, the first at half the size, each further one at half of the one before.
      blocks: residual blocks of each of them.
      maps: the trunk's maps that L_perc and the discriminators read, from the smallest stride, 2, on: those of strides
        4 to 32 are 1 to 4.
      hole_weight: extra weight of what is not known in L_global.
    """

    filters: tuple[int, ...] = within((24, 48, 96, 128), 1, entries=1)
    blocks: tuple[int, ...] = within((1, 1, 1, 2), 0, entries=1)
    maps: tuple[int, ...] = within((1, 2, 3, 4), 0, 4, entries=1)
    hole_weight: float = within(9.0, 0)


@dataclasses.dataclass
class AugmentationConfig:
    """Random changes of a training pair, drawn from (seed, position) alone.

    Attributes:
      flip: probability of a mirror image; left and right ids are exchanged.
      rotation: largest rotation either way, degrees.
      scale: largest relative change of size, e.g. 0.1 for 0.9 to 1.1.
      shift: largest shift, as a share of the image size.
      colour: strength of brightness, contrast and saturation jitter, 0 for none.
      blur: probability of a blur by a Gaussian of 0.5 to 2 pixels.
      dark: probability of 8 to 58% of the brightness, with noise.
      gray: probability of a gray picture.
      occlusion: probability of a hand or a thing before the face, which is background there.
      jpeg: probability of what a JPEG file of quality 15 to 85 takes from the picture.
      cut_hair: of a view only: probability that hair beyond a random line is background in m_s, so that an embedding
        learns to give hair also where x_s shows none.
    """

    flip: float = within(0.5, 0, 1)
    rotation: float = within(0.0, 0, 180)
    scale: float = within(0.0, 0, 0.5)
    shift: float = within(0.0, 0, 0.5)
    colour: float = within(0.0, 0, 0.9)
    blur: float = within(0.0, 0, 1)
    dark: float = within(0.0, 0, 1)
    gray: float = within(0.0, 0, 1)
    occlusion: float = within(0.0, 0, 1)
    jpeg: float = within(0.0, 0, 1)
    cut_hair: float = within(0.0, 0, 1)


@dataclasses.dataclass
class DataConfig:
    """Where portraits and masks come from.

    Attributes:
      layout: "synthetic", "folder" (images/ + labels/), "celebamask_hq" or "helen" (the official archives), "tfrecord",
        "packed".
      path: folders of the training set, trained on as one; unused for "synthetic".
      validation_path: the same for validation; for "synthetic" other portraits are made.
      label_set: ids used by the label files of a "folder": "helen", "celebamask_hq", "lapa" or "bisenet"; one for all
        folders, or one for each, or none: what each folder's dataset.json says, or else "helen".
      resolution: size in pixels to which portraits are brought.
      synthetic_size: number of synthetic training portraits.
      validation_size: largest number of validation portraits used.
      cache: "memory" keeps the decoded set as uint8, "none" decodes each portrait when it is needed.
      augmentation: random changes in training.
      view: random changes that make x_s of x_t in paired steps of the editor: with none they are one portrait, as in
        the paper; with some, an embedding cannot count on hair and features being where the target has them.
    """

    layout: str = one_of("synthetic", "folder", "celebamask_hq", "helen", "tfrecord", "packed")
    path: tuple[str, ...] = ()
    validation_path: tuple[str, ...] = ()
    label_set: tuple[str, ...] = some_of((), "helen", "celebamask_hq", "lapa", "bisenet")
    resolution: int = within(256, 16, 4096)
    synthetic_size: int = within(2000, 1)
    validation_size: int = within(64, 1)
    cache: str = one_of("memory", "none")
    augmentation: AugmentationConfig = dataclasses.field(default_factory=AugmentationConfig)
    view: AugmentationConfig = dataclasses.field(default_factory=lambda: AugmentationConfig(flip=0.0))


@dataclasses.dataclass
class LossConfig:
    """Weights and scales of the terms of paper section 3.3.

    Attributes:
      local: editor only: weight of L_local (lambda_local).
      global_: weight of L_global (lambda_global); unpaired steps have none. In bicyclegan of L_1^VAE.
      adversarial: weight of L_GD (lambda_GD); 0 for no discriminators at all (not in baselines).
      feature_matching: weight of L_FM inside L_GD (lambda_FM); unpaired steps have none, nor has bicyclegan; with 0 it
        is not computed.
      parsing: editor only: weight of L_GP (lambda_GP); with 0 it is not computed.
      norm: distance in L_local and L_global, and in the L_FM of pix2pixhd: "l2" (half the squared norm) or "l1".
      reduction: scale of the norms: "mean" or "sum" over the elements of an image.
      detail_weight: extra weight of eyes, brows, nose and mouth in L_global; 0 for the paper's uniform weight.
      gan: "vanilla" (the paper's), "least_squares" or "hinge".
      perceptual: weight of L_perc, the distance in the features of P_F or, but in an editor, of the trunk; unpaired
        steps have none.
      structure: editor only: weight of L_SSIM, one minus the structural similarity; unpaired steps have none.
      face_weight: extra weight of the face without hair in L_SSIM; 0 for the same weight everywhere.
      kl: bicyclegan only: weight of L_KL (lambda_KL).
      latent: bicyclegan only: weight of L_1^latent (lambda_latent).
      dice: parser only: weight of L_Dice beside L_P.
      distillation: parser only: weight of L_distil beside L_P, the distance from what the parser of ``parser_path``
        reads off each portrait and its mirror image; with 0 there is no such parser.
      end_point: registration only: weight of L_EPE, the distance from a known flow, in paired steps.
      label: registration only: weight of L_label, how far a warped mask is from what it should be.
      bending: registration only: weight of L_bending, the bending energy of flows.
      strain: registration only: weight of L_strain, what flows stretch too much or fold over.
      label_enlargement: factor by which eye and mouth labels grow before they condition G and D (official code: 1.1).
    """

    local: float = within(10.0, 0)
    global_: float = within(1.0, 0)
    adversarial: float = within(1.0, 0)
    feature_matching: float = within(10.0, 0)
    parsing: float = within(1.0, 0)
    norm: str = one_of("l2", "l1")
    reduction: str = one_of("mean", "sum")
    detail_weight: float = within(0.0, 0)
    gan: str = one_of("vanilla", "least_squares", "hinge")
    perceptual: float = within(0.0, 0)
    structure: float = within(0.0, 0)
    face_weight: float = within(0.0, 0)
    kl: float = within(0.0, 0)
    latent: float = within(0.0, 0)
    dice: float = within(0.0, 0)
    distillation: float = within(0.0, 0)
    end_point: float = within(0.0, 0)
    label: float = within(0.0, 0)
    bending: float = within(0.0, 0)
    strain: float = within(0.0, 0)
    label_enlargement: float = within(1.1, 1)


@dataclasses.dataclass
class TrainingConfig:
    """The training loop.

    Attributes:
      steps: number of steps; paired and unpaired steps alternate and count one each.
      batch_size: images per step over all replicas.
      learning_rate: Adam's rate, before the decay.
      discriminator_learning_rate: the discriminators' rate; 0 for the same.
      beta_1: Adam's first moment.
      beta_2: Adam's second moment.
      warmup: steps in which the rate rises from zero: for networks that are trained already.
      decay_start: share of the steps at a constant rate; the rate then falls to zero.
      decay: along which curve it falls: "linear" or "cosine".
      clip_norm: largest global gradient norm over all replicas; 0 for no clipping.
      ema: decay of the moving average of the weights; 0 for none.
      unpaired: alternate paired with unpaired steps (editor, registration); False trains on paired steps alone.
      precision: "float32", "mixed_bfloat16", "mixed_float16" or, to compare two ways of training, "float64".
      jit: compile the steps with XLA: worth it on a GPU, slower on a CPU.
      seed: seed of everything random.
      log_every: steps between lines of metrics.jsonl.
      sample_every: steps between sample grids.
      validate_every: steps between validations.
      checkpoint_every: steps between checkpoints.
      keep_checkpoints: number of checkpoints kept.
    """

    steps: int = within(1000, 1)
    batch_size: int = within(4, 1)
    learning_rate: float = within(2e-4, 0, above=True)
    discriminator_learning_rate: float = within(0.0, 0)
    beta_1: float = within(0.5, 0, 1, below=True)
    beta_2: float = within(0.999, 0, 1, below=True)
    warmup: int = within(0, 0)
    decay_start: float = within(10 / 55, 0, 1)
    decay: str = one_of("linear", "cosine")
    clip_norm: float = within(0.0, 0)
    ema: float = within(0.0, 0, 1, below=True)
    unpaired: bool = True
    precision: str = one_of("float32", "mixed_bfloat16", "mixed_float16", "float64")
    jit: bool = False
    seed: int = within(0, 0, 2**32 - 1)
    log_every: int = within(20, 1)
    sample_every: int = within(500, 1)
    validate_every: int = within(500, 1)
    checkpoint_every: int = within(500, 1)
    keep_checkpoints: int = within(2, 1)


@dataclasses.dataclass
class Config:
    """One experiment.

    Attributes:
      name: name of the experiment.
      task: "editor" (E_local to G_b and the discriminators), "parser" (P_F), "registration" (flows between masks),
        "behind_hair" (which parts it hides), "uncovering" (what these look like), "inner_mouth" (what an opened mouth
        shows), "completion" (generated and carried pixels to one portrait), or a baseline, "pix2pixhd" (Wang et al.
        2018) or "bicyclegan" (Zhu et al. 2017).
      parser_path: the trained P_F that L_GP of an editor reads, or that a parser learns from by L_distil: a run folder
        or an exported one; "" for the bundled parser.
      editor_path: completion only: the trained editor, of ``generator``'s networks: as for start_path; "" for the
        bundled editor.
      trunk_path: completion and inner_mouth only: .npz file of ImageNet's arrays of EfficientNet-Lite0
        (docs/how-to/train.md), whose maps L_perc and the discriminators read.
      start_path: the run folder of the same task whose trained network this run begins with, or an exported folder:
        of a parser, e.g. saved_models/parser_lite, or of an editor that was exported with --small_weights, e.g.
        saved_models/editor_compact; or a file of ``export_model weights``; variables of other sizes start afresh. A
        "lite" parser's trunk may come from an .npz file of ImageNet weights (docs/how-to/train.md).
      generator: the networks of an editor.
      discriminator: those that an editor or a baseline is trained against.
      baseline: the network of a baseline.
      parser: P_F; in an editor's config the one that suits it, which benchmarks/benchmark.py builds; a run takes the
        one in parser_path.
      registration: the network of a registration, or of what lies behind hair.
      uncovering: the network of an uncovering.
      inner_mouth: the network of what an opened mouth shows.
      completion: the network of a completion.
      data: the portraits.
      loss: the terms.
      training: the loop.
    """

    name: str = "unnamed"
    task: str = one_of(
        "editor",
        "parser",
        "pix2pixhd",
        "bicyclegan",
        "registration",
        "behind_hair",
        "uncovering",
        "inner_mouth",
        "completion",
    )
    parser_path: str = ""
    editor_path: str = ""
    trunk_path: str = ""
    start_path: str = ""
    generator: GeneratorConfig = dataclasses.field(default_factory=GeneratorConfig)
    discriminator: DiscriminatorConfig = dataclasses.field(default_factory=DiscriminatorConfig)
    baseline: BaselineConfig = dataclasses.field(default_factory=BaselineConfig)
    parser: ParserConfig = dataclasses.field(default_factory=ParserConfig)
    registration: RegistrationConfig = dataclasses.field(default_factory=RegistrationConfig)
    uncovering: UncoveringConfig = dataclasses.field(default_factory=UncoveringConfig)
    inner_mouth: InnerMouthConfig = dataclasses.field(default_factory=InnerMouthConfig)
    completion: CompletionConfig = dataclasses.field(default_factory=CompletionConfig)
    data: DataConfig = dataclasses.field(default_factory=DataConfig)
    loss: LossConfig = dataclasses.field(default_factory=LossConfig)
    training: TrainingConfig = dataclasses.field(default_factory=TrainingConfig)


def config_to_dict(config: typing.Any) -> dict[str, typing.Any]:
    """Nested plain dictionary of a ``Config`` or one of its parts, ready for JSON (tuples become lists)."""
    values: dict[str, typing.Any] = json.loads(json.dumps(dataclasses.asdict(config)))
    return values


@typing.overload
def config_from_dict(values: dict[str, typing.Any]) -> Config: ...


@typing.overload
def config_from_dict(values: dict[str, typing.Any], kind: type[_Part], name: str = "") -> _Part: ...


def config_from_dict(values: dict[str, typing.Any], kind: type = Config, name: str = "") -> typing.Any:
    """The inverse of ``config_to_dict``; a field that is left out keeps its default.

    Args:
      values: nested dictionary, e.g. read from a run folder's config.json.
      kind: the dataclass to build.
      name: dotted path of this part, for messages; "" for the whole.

    Raises:
      UserError: an unknown field (the message names the nearest one) or a value of another type.
    """
    types = typing.get_type_hints(kind)
    if not isinstance(values, dict):
        raise UserError(f"config field {name or 'root'}: {values!r} should hold the fields {', '.join(types)}")
    unknown = [key for key in values if key not in types]
    if unknown:
        path = f"{name}.{unknown[0]}".lstrip(".")
        raise UserError(f"unknown config field {path}{did_you_mean(path, field_names())}")
    return kind(**{key: _field(value, types[key], f"{name}.{key}".lstrip(".")) for key, value in values.items()})


def _field(value: typing.Any, kind: typing.Any, name: str) -> typing.Any:
    """One value brought to its annotated type: a nested dataclass, a tuple, or a scalar."""
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return config_from_dict(value, kind, name)
    if typing.get_origin(kind) is tuple:
        if kind == tuple[str, ...] and isinstance(value, str):  # as earlier versions stored it, with commas
            value = value.split(",")
        if isinstance(value, (list, tuple)):
            if tuple(value) == ("",):  # what an override by nothing, --config.parser.up_blocks=, is read as
                return ()
            return tuple(_field(item, typing.get_args(kind)[0], name) for item in value)
    elif kind is float and type(value) is int and abs(value) <= 2**53:  # beyond it floats skip whole numbers
        return float(value)
    elif type(value) is kind:
        return value
    raise UserError(f"config field {name} = {value!r}: expected {getattr(kind, '__name__', kind)}")


def field_names(kind: type = Config) -> tuple[str, ...]:
    """Dotted names of all fields, the parts before the fields inside them: "loss", "loss.local", ..."""
    names = []
    for name, field_type in typing.get_type_hints(kind).items():
        names.append(name)
        if isinstance(field_type, type) and dataclasses.is_dataclass(field_type):
            names += [f"{name}.{inner}" for inner in field_names(field_type)]
    return tuple(names)


def field_limits(kind: type = Config, prefix: str = "") -> dict[str, Range | Names]:
    """The values that fields may hold, by their dotted names; without those that hold anything of their type."""
    found = {}
    types = typing.get_type_hints(kind)
    for field in dataclasses.fields(kind):
        if dataclasses.is_dataclass(types[field.name]):
            found.update(field_limits(types[field.name], f"{prefix}{field.name}."))
        elif limit_of(field) is not None:
            found[f"{prefix}{field.name}"] = limit_of(field)
    return found


def did_you_mean(name: str, allowed: typing.Iterable[str]) -> str:
    """``": did you mean 'x'?"`` for the allowed name nearest to a mistyped one, ``""`` if none is near.

    Dotted names are compared whole first, then by their last part: "steps" finds "training.steps".
    """
    allowed = list(allowed)
    by_last_part = {candidate.rpartition(".")[2]: candidate for candidate in reversed(allowed)}
    near = difflib.get_close_matches(name, allowed, n=1, cutoff=0.7)
    if not near:
        near = [by_last_part[part] for part in difflib.get_close_matches(name.rpartition(".")[2], by_last_part, n=1)]
    return f": did you mean '{near[0]}'?" if near else ""
