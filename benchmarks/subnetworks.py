"""The sub-networks of an experiment, each as a function with inputs of its true size, for counting and timing."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import keras
import tensorflow as tf

from benchmarks.batches import drawn_batch
from mgpe_tf.config import Config
from mgpe_tf.geometry import INSIDE_OF_MOUTH, crop_size
from mgpe_tf.labels import BACKGROUND, NUM_CLASSES, NUM_PARTS
from mgpe_tf.networks.baseline import Baseline
from mgpe_tf.networks.generator import PortraitGenerator
from mgpe_tf.objectives.editor import build_discriminator
from mgpe_tf.objectives.parser import build_parser
from mgpe_tf.objectives.tasks import BASELINES, objective_of
from mgpe_tf.ops.images import to_float
from mgpe_tf.ops.one_hot import class_shares, one_hot_mask


class SubNetwork(NamedTuple):
    """A computation at inference.

    Attributes:
      name: as in the paper.
      function: from ``inputs`` to tensors.
      inputs: nested structures of tensors, batch 1.
      parameters: number of trainable weights that belong to it.
    """

    name: str
    function: Callable
    inputs: tuple
    parameters: int


def sub_networks(config: Config) -> list[SubNetwork]:
    """P_F for a parser; P_F, E_local, the feature decoders, G_local, E_m, G_m, E_b, G_b and D for an editor; G and D,
    and E where there is one, for a baseline; for the other tasks the whole network."""
    batch = drawn_batch(1, config.data.resolution)
    image, mask = to_float(batch["target_image"]), tf.cast(batch["target_mask"], tf.int32)
    objective, networks = objective_of(config.task), []
    if config.task == "parser" or "parser" in objective.reads(config):
        parser = build_parser(config)
        networks.append(SubNetwork("P_F", parser, (image,), _parameters(parser)))
    if config.task == "registration":
        network, shares = objective.build(config), class_shares(mask, config.registration.cells)
        networks.append(SubNetwork("registration", network, (shares, shares), _parameters(network)))
    if config.task == "behind_hair":
        network, shares = objective.build(config), class_shares(mask, config.registration.cells, NUM_PARTS)
        networks.append(SubNetwork("behind_hair", network, (shares,), _parameters(network)))
    known = tf.ones((*mask.shape, 1))
    if config.task == "uncovering":
        network, shares = objective.build(config), class_shares(mask, mask.shape[1], NUM_PARTS)
        networks.append(SubNetwork("uncovering", network, (image, known, shares), _parameters(network)))
    if config.task == "inner_mouth":
        network = objective.build(config)
        inputs = (tf.ones((1, *crop_size(INSIDE_OF_MOUTH, mask.shape[1]), count)) for count in (3, 1, NUM_CLASSES))
        networks.append(SubNetwork("inner_mouth", network, tuple(inputs), _parameters(network)))
    if config.task == "completion":
        network = objective.build(config)
        networks.append(SubNetwork("completion", network, (image, image, known, mask), _parameters(network)))
    if objective.product == "generator":
        parts = _of_baseline if config.task in BASELINES else _of_editor
        discriminator, inputs = build_discriminator(config, "D"), (one_hot_mask(mask), image)
        networks += parts(objective.build(config), image, mask)
        networks.append(SubNetwork("D (all scales)", discriminator, inputs, _parameters(discriminator)))
    return networks


def _of_baseline(network: Baseline, image, mask) -> list[SubNetwork]:
    embeddings = network.embed(image)
    of_encoder = _parameters(network.encoder) if embeddings else 0
    parts = [SubNetwork("E", network.embed, (image,), of_encoder)] if embeddings else []
    return [*parts, SubNetwork("G", network.render, (embeddings, mask), _parameters(network) - of_encoder)]


def _of_editor(network: PortraitGenerator, image, mask) -> list[SubNetwork]:
    crops = network.crops(image, mask)
    embeddings = network.embed(crops)
    features = network.decode(embeddings)
    *larger, mask_feature = network.mask_maps(mask)
    maps = [mask_feature, *network.placed(features, mask)]
    foreground = network.foreground(maps, larger[::-1])
    outside = tf.cast(mask == BACKGROUND, tf.float32)[..., None]
    encoders, decoders, reconstructors = [], [], []
    for c in network.components:
        embedding, feature = embeddings[c.name], features[c.name]
        encoders.append((f"E_local {c.name}", lambda x, c=c: c.encode(x)[0], (crops[c.name],), c.encoder))
        decoders.append((f"feature decoder {c.name}", c.decode, (embedding,), c.feature_decoder))
        reconstructors.append((f"G_local {c.name}", c.reconstruct, (embedding, feature), c.image_decoder))
    rest = [
        ("E_m", network.mask_encoder, (one_hot_mask(mask),), network.mask_encoder),
        ("G_m", network.foreground, (maps, larger[::-1]), network.foreground),
        *(
            [("E_b", network.background_encoder, (image, outside), network.background_encoder)]
            if network.background_encoder
            else []
        ),
        ("G_b", network.fusion, (network.fused_maps(foreground, image, mask),), network.fusion),
    ]
    return [
        SubNetwork(name, function, inputs, _parameters(layer))
        for name, function, inputs, layer in (*encoders, *decoders, *reconstructors, *rest)
    ]


def _parameters(layer: keras.layers.Layer) -> int:
    return sum(math.prod(weight.shape) for weight in layer.trainable_weights)
