"""Names and layouts of the official PyTorch checkpoint, one state dict per network, mapped to the networks here.

PyTorch keeps kernels as (out, in, h, w), transposed ones as (in, out, h, w), linear ones as (out, in), and flattens
maps in the order C, H, W; Keras keeps (h, w, in, out), (h, w, out, in), (in, out), and flattens H, W, C.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

import keras
import numpy as np

from mgpe_tf.networks.blocks import ConvBlock, UpBlock
from mgpe_tf.networks.discriminator import MultiScaleDiscriminator
from mgpe_tf.networks.generator import PortraitGenerator
from mgpe_tf.networks.local_embedding import ComponentAutoEncoder
from mgpe_tf.networks.unet_parser import Parser


@dataclasses.dataclass(frozen=True)
class OfficialLayer:
    """One Keras layer and its place in the official checkpoint.

    Attributes:
      network: the official network, e.g. "encoder_hair".
      prefix: the state-dict keys are prefix + ".weight" and so on.
      layer: the Keras layer that receives them.
      flat_in, flat_out: (h, w, c) of the map that a dense layer reads flattened, or makes; None otherwise.
    """

    network: str
    prefix: str
    layer: keras.layers.Layer
    flat_in: tuple[int, int, int] | None = None
    flat_out: tuple[int, int, int] | None = None


def parser_entries(parser: Parser) -> Iterator[OfficialLayer]:
    """P_F: levels are nested modules, so the prefix grows with the depth."""
    last = len(parser.down) - 1
    prefixes = ["model"] + ["model.model.1" + ".model.3" * i for i in range(last)]
    yield OfficialLayer("P", "model.model.0", parser.down[0].conv)
    for level in range(1, last + 1):
        yield from _block("P", f"{prefixes[level]}.model", parser.down[level], 1, 2)
    for level, up in zip(range(last, 0, -1), parser.up):
        first = 3 if level == last else 5
        yield from _block("P", f"{prefixes[level]}.model", up, first, first + 1)
    yield OfficialLayer("P", "model.model.3", parser.head.conv)


def generator_entries(generator: PortraitGenerator) -> Iterator[OfficialLayer]:
    """G and the fifteen component networks."""
    for i, stage in enumerate(generator.mask_encoder.stages):
        yield from _block("G", "downsample_model", stage, 3 * i + 1, 3 * i + 2)
    yield OfficialLayer("G", "model.0", generator.foreground.merge)
    for i, block in enumerate(generator.foreground.blocks, start=1):
        yield from _block("G", f"model.{i}.conv_block", block.inner, 1, 2)
        yield from _block("G", f"model.{i}.conv_block", block.outer, 5, 6)
    first = len(generator.foreground.blocks) + 1
    for i, stage in enumerate(generator.foreground.stages):
        yield from _block("G", "model", stage, first + 3 * i, first + 3 * i + 1)
    if generator.background_encoder:
        yield from _block("G", "bg_encoder", generator.background_encoder.conv, 1, 2)
    yield OfficialLayer("G", "bg_decoder.0", generator.fusion.merge)
    yield OfficialLayer("G", "bg_decoder.2", generator.fusion.head.conv)
    for component in generator.components:
        yield from _component_entries(component)


def _component_entries(component: ComponentAutoEncoder) -> Iterator[OfficialLayer]:
    bottom = component.feature_decoder.options["base"]
    encoder = f"encoder_{component.name}"
    for i, stage in enumerate(component.encoder.stages):
        yield from _block(encoder, f"conv.{i}", stage, "conv", "bn")
    for prefix, head in (("fc_mu", component.encoder.mean), ("fc_var", component.encoder.log_variance)):
        assert head is not None  # the official networks are variational
        yield OfficialLayer(encoder, f"{prefix}.0", head.layers[0], flat_in=bottom)
        yield OfficialLayer(encoder, f"{prefix}.2", head.layers[1])
    for network, decoder in (
        (f"decoder_{component.name}", component.feature_decoder),
        (f"decoder_{component.name}_image", component.image_decoder),
    ):
        yield OfficialLayer(network, "fc.0", decoder.dense, flat_out=decoder.options["base"])
        for i, stage in enumerate(decoder.stages):
            yield from _block(network, f"conv.{i}.conv", stage, 0, 1)
        if decoder.head is not None:
            yield OfficialLayer(network, f"conv.{len(decoder.stages) + 1}", decoder.head.conv)


def discriminator_entries(discriminator: MultiScaleDiscriminator, network: str) -> Iterator[OfficialLayer]:
    """D (paired) or D2 (unpaired); the official scale numbers run from the smallest resolution up."""
    for i, scale in enumerate(reversed(discriminator.discriminators)):
        for j, stage in enumerate(scale.stages):
            yield from _block(network, f"scale{i}_layer{j}", stage, 0, 1)
        yield OfficialLayer(network, f"scale{i}_layer{len(scale.stages)}.0", scale.score)


def _block(
    network: str, prefix: str, block: ConvBlock | UpBlock, conv: str | int, norm: str | int
) -> Iterator[OfficialLayer]:
    yield OfficialLayer(network, f"{prefix}.{conv}", block.conv)
    if block.norm is not None:
        yield OfficialLayer(network, f"{prefix}.{norm}", block.norm)


def assign(entries: list[OfficialLayer], read: Callable[[str, str], np.ndarray]) -> set[tuple[str, str]]:
    """Fills the layers of ``entries``.

    Args:
      entries: layers that are built.
      read: (network, state-dict key) -> array in PyTorch's layout.

    Returns:
      Every (network, key) read, so that the caller can tell what an official file holds beyond them.

    Raises:
      ValueError: if an array's shape does not fit its layer; names network, key and both shapes.
    """
    used = set()
    for entry in entries:
        for suffix, variable in _variables(entry.layer):
            key = f"{entry.prefix}.{suffix}"
            value = read(entry.network, key)
            used.add((entry.network, key))
            value = _to_keras(np.asarray(value), entry) if value.ndim > 1 else _reorder_bias(value, entry)
            if tuple(value.shape) != tuple(variable.shape):
                raise ValueError(f"{entry.network}: {key} has shape {value.shape}, {variable.path} {variable.shape}")
            variable.assign(value)
    return used


def _variables(layer: keras.layers.Layer) -> list[tuple[str, keras.Variable]]:
    if isinstance(layer, keras.layers.BatchNormalization):
        return [
            ("weight", layer.gamma),
            ("bias", layer.beta),
            ("running_mean", layer.moving_mean),
            ("running_var", layer.moving_variance),
        ]
    return [("weight", layer.kernel)] + ([("bias", layer.bias)] if layer.use_bias else [])


def _to_keras(kernel: np.ndarray, entry: OfficialLayer) -> np.ndarray:
    if kernel.ndim == 4:
        turned: np.ndarray = kernel.transpose(2, 3, 1, 0)
        return turned
    kernel = kernel.T
    if entry.flat_in:
        kernel = _chw_to_hwc(kernel, entry.flat_in)
    return _chw_to_hwc(kernel.T, entry.flat_out).T if entry.flat_out else kernel


def _reorder_bias(bias: np.ndarray, entry: OfficialLayer) -> np.ndarray:
    return _chw_to_hwc(bias, entry.flat_out) if entry.flat_out else bias


def _chw_to_hwc(array: np.ndarray, size: tuple[int, int, int]) -> np.ndarray:
    """Reorders the first axis, a map of ``size`` (h, w, c) flattened as C, H, W, to H, W, C."""
    height, width, channels = size
    rest = array.shape[1:]
    return np.moveaxis(array.reshape(channels, height, width, *rest), 0, 2).reshape(-1, *rest)
