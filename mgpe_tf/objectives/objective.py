"""The interface between the training loop and an objective."""

from __future__ import annotations

import abc
from typing import Any, ClassVar, Literal

import keras

from mgpe_tf.config import Config


class Objective(abc.ABC):
    """The networks of a task and what its steps minimise, on any Keras backend.

    A batch is a dict of "target_image", "source_image" (uint8 [B, R, R, 3]), "target_mask", "source_mask" (uint8
    [B, R, R] ids) and, where the objective asks for it, "noise" (float32 [B, *noise]).

    Attributes:
      product: the name of the network that users want, whose weights are averaged.
      networks: the trained networks by name, each with an optimiser of its own.
      frozen: networks that the losses read and no step changes.
      kinds: the kinds of steps, which take turns: ("paired", "unpaired") or ("paired",).
      noise: the shape of the standard normal numbers that each portrait comes with; () for none.
    """

    product: ClassVar[str]
    networks: dict[str, keras.Model]
    frozen: tuple[keras.Model, ...] = ()
    kinds: tuple[str, ...] = ("paired",)
    noise: tuple[int, ...] = ()

    @abc.abstractmethod
    def __init__(self, config: Config, **resting: Any):
        """Of a config and, by the names that ``reads`` gives, trained networks that stay as they are."""

    @staticmethod
    def reads(config: Config) -> tuple[str, ...]:
        """The trained networks that it is made with: "parser" is P_F; see ``training.start.RESTING``."""
        return ()

    @staticmethod
    @abc.abstractmethod
    def build(config: Config) -> keras.Model:
        """A built network of the kind of the product; UserError for sizes that do not fit."""

    def updates(self, kind: str) -> tuple[str, ...]:
        """The names of the networks that a step of a kind updates: here all."""
        return tuple(self.networks)

    def rate_group(self, name: str) -> Literal["learning_rate", "discriminator_learning_rate"]:
        """The field of ``TrainingConfig`` that holds a network's learning rate."""
        return "learning_rate" if name == self.product else "discriminator_learning_rate"

    @abc.abstractmethod
    def losses(self, kind: str, batch: dict) -> tuple[dict, dict]:
        """The scalar that each updated network minimises, by its name, and every term under the paper's symbol."""

    @abc.abstractmethod
    def validation(self, product: Any, batch: dict) -> dict:
        """Terms and metrics of one validation batch, drawn by a network of the kind of the product."""

    def scores(self, means: dict) -> dict[str, float]:
        """Floats from the means of ``validation`` over all batches: here the means."""
        return {name: float(value) for name, value in means.items()}

    @abc.abstractmethod
    def pictures(self, product: Any, batch: dict) -> dict:
        """The columns of a sample grid, each float [B, R, R, 3] in [-1, 1] or integer [B, R, R]."""
