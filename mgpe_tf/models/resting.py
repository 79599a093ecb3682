"""Trained networks that others are trained beside, or work by: built, with their weights, on any Keras backend."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import keras

from mgpe_tf import labels
from mgpe_tf.config import Config
from mgpe_tf.models.arrays import arrays_of
from mgpe_tf.models.checkpoints import strict_assign
from mgpe_tf.models.weights import read_weights
from mgpe_tf.networks.carrying import CELLS
from mgpe_tf.networks.generator import PortraitGenerator
from mgpe_tf.networks.registration import Registration

SOFT, STIFF = "soft.npz", "stiff.npz"
"""Files of the registration network for one's own mask that was changed, and of that for another's."""


Network = TypeVar("Network", bound=keras.Model)


def trained(network: Network, path: Path, *shapes: Sequence[int]) -> Network:
    """A network that reads tensors of such shapes, with the weights of a file; UserError if it holds none of it."""
    network(*(keras.KerasTensor(shape) for shape in shapes))
    return with_weights(network, path)


def with_weights(network: Network, path: Path) -> Network:
    """A built network, whatever its name, with the weights of a file; UserError if it holds none of it."""
    stored = {name.partition("/")[2]: array for name, array in read_weights(path).items()}
    strict_assign({v.path.partition("/")[2]: v for v in network.weights}, stored)
    return network


def registration_network(path: Path, name: str = "registration") -> Registration:
    """The registration network of a file of weights; UserError if it holds none."""
    shape = (1, CELLS, CELLS, labels.NUM_CLASSES)
    return trained(Registration(name=name), path, shape, shape)


def generator_network(path: Path, config: Config) -> PortraitGenerator:
    """G of an experiment's sizes with the weights of the trained editor at `path`; UserError if they do not fit."""
    network = PortraitGenerator(config.generator, config.data.resolution)
    network.build_from_config()
    arrays = {name: a for name, a in arrays_of(path, "editor").items() if name.startswith(f"{network.name}/")}
    strict_assign({v.path: v for v in network.weights}, arrays)  # an exported editor has its parser with it
    return network
