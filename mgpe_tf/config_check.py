"""Whether a config can be trained: each field by itself, then the fields that must fit each other.

It needs no TensorFlow, so a mistake is told at once. The networks check what they are made of by the same functions.
"""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mgpe_tf.config import (
    Config,
    DataConfig,
    GeneratorConfig,
    ParserConfig,
    config_from_dict,
    did_you_mean,
    field_limits,
)
from mgpe_tf.errors import UserError
from mgpe_tf.geometry import COMPONENTS, INSIDE_OF_MOUTH, Component, crop_size
from mgpe_tf.limits import Names, Range

LITE_HALVINGS = 5
"""How often EfficientNet-Lite0's trunk halves the size."""

OWN_LABEL_SETS = {"celebamask_hq": "celebamask_hq", "helen": "helen", "tfrecord": "helen", "packed": "helen"}
"""Label sets of the layouts that know theirs."""

LIMITS = field_limits()
"""The values that each field may hold by itself."""


def check(config: Config) -> None:
    """Raises UserError for the first field that holds what it may not: its name, its value and what is allowed, of a
    name the nearest one."""
    typed = config_from_dict(dataclasses.asdict(config))  # refuses values of another type
    for name in LIMITS:
        check_field(name, operator.attrgetter(name)(config))
    check_data(typed.data)
    FITS[config.task](config)


def check_field(name: str, value: Any, limit: Range | Names | None = None) -> None:
    """Raises UserError if the field of a dotted name may not hold a value, by its own limit or a narrower one."""
    limit, nearest = limit or LIMITS[name], ""
    if limit.holds(value):
        return
    if isinstance(limit, Names):
        wrong = [word for word in ((value,) if isinstance(value, str) else value) if not limit.holds(word)]
        nearest = did_you_mean(str(wrong[0]), limit.names)
    raise UserError(f"{name} is {value!r}; allowed: {limit}{nearest}")


def names_of(name: str) -> tuple[str, ...]:
    """The names that a field may hold."""
    limit = LIMITS[name]
    assert isinstance(limit, Names)
    return limit.names


def check_data(data: DataConfig) -> None:
    """Raises UserError if label sets do not fit layout and folders, or masks that are to be learnt would be cut."""
    if data.layout != "synthetic":
        for label_set in data.label_set:
            check_label_set(data.layout, label_set, "data.label_set")
        for folders in filter(None, (data.path, data.validation_path)):
            check_label_sets(data.label_set, folders, "data.label_set")
    if data.augmentation.cut_hair:
        raise UserError(
            f"data.augmentation.cut_hair is {data.augmentation.cut_hair}; allowed: 0: masks to be learnt stay whole; "
            "for x_s there is data.view.cut_hair"
        )


def check_label_set(layout: str, label_set: str, name: str = "label_set") -> None:
    """Raises UserError if a data set of a layout that knows its label set is to be read by another; "" is for none."""
    own = OWN_LABEL_SETS.get(layout, label_set)
    if label_set not in ("", own):
        raise UserError(f"{name} is {label_set!r}; allowed with layout {layout!r}: {own}; leave it out")


def check_label_sets(label_sets: Sequence[str], folders: Sequence[str | Path], name: str = "label_set") -> None:
    """Raises UserError unless label sets are one for all folders, one for each, or none."""
    if len(label_sets) not in (0, 1, len(folders)):
        raise UserError(
            f"{name}: {len(label_sets)} label sets for {len(folders)} folders; allowed: one for all, or one for each"
        )


def check_parser(config: ParserConfig, resolution: int) -> None:
    """Raises UserError if the stages of P_F do not fit each other or the resolution."""
    check_field("parser.kind", config.kind)
    halvings = len(config.filters)
    if config.kind == "mobile":
        check_mobile_stages(config.filters, config.blocks, config.up_filters, config.up_blocks)
    elif config.kind == "lite":
        check_lite_stages(config.up_filters, config.up_blocks)
        halvings = LITE_HALVINGS
    check_size((resolution, resolution), halvings)


def check_mobile_stages(
    filters: Sequence[int], blocks: Sequence[int], up_filters: Sequence[int], up_blocks: Sequence[int]
) -> None:
    """Raises UserError if the lists that describe a mobile parser do not fit each other."""
    if not len(filters) == len(blocks) == len(up_filters) + 1 or len(filters) < 2:
        raise UserError(
            f"parser.filters, blocks and up_filters have {len(filters)}, {len(blocks)} and {len(up_filters)} entries; "
            "allowed: as many filters as blocks, two at least, one up_filter fewer"
        )
    if len(up_blocks) not in (0, len(up_filters)):
        raise UserError(
            f"parser.up_blocks has {len(up_blocks)} entries; allowed: {len(up_filters)}, as many as up_filters, or none"
        )


def check_lite_stages(up_filters: Sequence[int], up_blocks: Sequence[int]) -> None:
    """Raises UserError if the decoder of a parser on EfficientNet-Lite0 has more or fewer stages than the trunk."""
    stages = LITE_HALVINGS - 1
    if not len(up_filters) == len(up_blocks) == stages:
        raise UserError(
            f"parser.up_filters and up_blocks have {len(up_filters)} and {len(up_blocks)} entries; allowed with "
            f"parser.kind lite: {stages} each"
        )


def check_size(size: Sequence[int | None], stages: int) -> None:
    """Raises UserError if a parser cannot halve images of a size (height, width; None if unknown) once for each stage
    down."""
    factor = 2**stages
    if any(side % factor for side in size if side is not None):
        raise UserError(
            f"the parser has {stages} stages: images must be a multiple of {factor} pixels high and wide, "
            f"these are {size[0]}x{size[1]} (data.resolution)"
        )


def check_editor(config: Config) -> None:
    """Raises UserError if the networks of an editor do not fit, or its unpaired steps have no pairs."""
    check_generator(config.generator, config.data.resolution)
    if config.training.unpaired and config.data.layout == "synthetic" and config.data.synthetic_size < 2:
        raise UserError("data.synthetic_size is 1; allowed: 2 or more with training.unpaired, which pairs portraits")


def check_generator(config: GeneratorConfig, resolution: int) -> None:
    """Raises UserError if maps of G that meet would be of different sizes."""
    shrinking = config.stem * 2 ** (len(config.mask) - 1)
    growth = config.fusion_scale * 2 ** len(config.foreground)
    if shrinking != config.grid:
        raise UserError(
            f"generator.mask has {len(config.mask)} stages: with generator.stem {config.stem} E_m shrinks "
            f"the mask by {shrinking}, but generator.grid is {config.grid}"
        )
    if growth != config.grid or not config.foreground:
        raise UserError(
            f"generator.foreground has {len(config.foreground)} stages: with generator.fusion_scale "
            f"{config.fusion_scale} they enlarge by {growth}, but generator.grid is {config.grid}"
        )
    if config.fusion_kernel % 2 == 0:
        raise UserError(f"generator.fusion_kernel is {config.fusion_kernel}; allowed: odd sizes")
    if resolution % config.grid:
        raise UserError(f"data.resolution is {resolution}: no multiple of generator.grid {config.grid}")
    for component in COMPONENTS:
        check_component(component, config, resolution)


def check_component(component: Component, config: GeneratorConfig, resolution: int) -> None:
    """Raises UserError if a component's crop cannot be shrunk as often as the stages of its auto-encoder ask."""
    part, size = "eye" if component.name.endswith("eye") else component.name, crop_size(component, resolution)
    widths = getattr(config, part)
    crop = f"a crop of {size[0]}x{size[1]} pixels (data.resolution {resolution})"
    shrinking = config.stem * 2 ** (len(widths.encoder) - (config.stem > 1))
    if not widths.encoder or shrinking > min(size):
        most = (min(size) // config.stem).bit_length() - 1 + (config.stem > 1)
        raise UserError(f"generator.{part}.encoder has {len(widths.encoder)} stages; {crop} allows 1 to {most}")
    decoders = {"feature": config.grid * 2 ** len(widths.feature), "image": 2 ** len(widths.image)}
    for name, factor in decoders.items():
        if any(length % factor for length in size):
            raise UserError(
                f"generator.{part}.{name} has {len(getattr(widths, name))} stages; {crop} is no multiple of "
                f"{factor}, generator.grid is {config.grid}"
            )
    if config.shared_decoder and config.grid % decoders["image"]:
        raise UserError(
            f"generator.{part}.image has {len(widths.image)} stages, which enlarge by {decoders['image']}; with "
            f"generator.shared_decoder that must divide generator.grid {config.grid}"
        )


def check_baseline(config: Config) -> None:
    """Raises UserError if the stages of a baseline do not fit the resolution."""
    size, stages = config.data.resolution, config.baseline
    if config.task == "bicyclegan":
        halvings = max(len(stages.filters), len(stages.encoder))
        check_unet_stages(stages.filters, stages.encoder)
    else:
        halvings = len(stages.filters) - 1
    if size % 2**halvings:
        raise UserError(
            f"data.resolution is {size}: baseline.filters {stages.filters} and, in bicyclegan, "
            f"baseline.encoder {stages.encoder} ask for a multiple of {2**halvings}"
        )


def check_unet_stages(filters: Sequence[int], encoder: Sequence[int]) -> None:
    """Raises UserError if BicycleGAN's networks have too few stages."""
    if min(len(filters), len(encoder)) < 2:
        raise UserError(
            f"baseline.filters is {tuple(filters)}, baseline.encoder {tuple(encoder)}; allowed: two stages or more"
        )


def check_registration(config: Config) -> None:
    """Raises UserError if masks cannot be averaged to the registration's cells, or these not be halved."""
    cells, filters = config.registration.cells, config.registration.filters
    check_registration_filters(filters)
    factor = 2 ** (len(filters) - 1)
    if cells % factor:
        raise UserError(
            f"registration.cells is {cells}; with {len(filters)} registration.filters allowed: multiples of {factor}"
        )
    if config.data.resolution % cells:
        raise UserError(f"data.resolution is {config.data.resolution}: no multiple of registration.cells {cells}")


def check_registration_filters(filters: Sequence[int], field: str = "registration.filters") -> None:
    """Raises UserError for too few stages, or filters that do not fall into groups of their normalisation."""
    if len(filters) < 3 or any(f % 8 for f in filters):
        raise UserError(f"{field} is {tuple(filters)}; allowed: at least 3, multiples of 8")


def check_uncovering(config: Config) -> None:
    """Raises UserError if the resolution cannot be halved as often as an uncovering's stages want."""
    check_registration_filters(config.uncovering.filters, "uncovering.filters")
    check_size((config.data.resolution,) * 2, len(config.uncovering.filters) - 1)


def check_inner_mouth(config: Config) -> None:
    """Raises UserError if the crops about mouths cannot be halved as often as the network's stages and the trunk's maps
    want."""
    options, size = config.inner_mouth, crop_size(INSIDE_OF_MOUTH, config.data.resolution)
    check_registration_filters(options.filters, "inner_mouth.filters")
    check_size(size, max(len(options.filters) - 1, max(options.maps) + 1))


def check_completion(config: Config) -> None:
    """Raises UserError if the stages of a completion do not fit each other or the resolution."""
    check_generator(config.generator, config.data.resolution)
    check_completion_stages(config.completion.filters, config.completion.blocks)
    check_size((config.data.resolution,) * 2, max(len(config.completion.filters), LITE_HALVINGS))


def check_completion_stages(filters: Sequence[int], blocks: Sequence[int]) -> None:
    """Raises UserError unless a completion's stages have as many filters as blocks, one at least."""
    if len(filters) != len(blocks) or not filters:
        raise UserError(
            f"completion.filters and blocks have {len(filters)} and {len(blocks)} entries; allowed: as many, one at "
            "least"
        )


FITS = {
    "editor": check_editor,
    "parser": lambda config: check_parser(config.parser, config.data.resolution),
    "pix2pixhd": check_baseline,
    "bicyclegan": check_baseline,
    "registration": check_registration,
    "behind_hair": check_registration,
    "uncovering": check_uncovering,
    "inner_mouth": check_inner_mouth,
    "completion": check_completion,
}
"""The checks of the config of each task."""
