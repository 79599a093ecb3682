"""An edit that keeps the photographs' own pixels: what G generates, and what is carried along flows between masks, made
one portrait by the completion."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from mgpe_tf.labels import BACKGROUND
from mgpe_tf.networks.completion import Completion
from mgpe_tf.networks.registration import Registration
from mgpe_tf.ops.blur import gaussian_blur
from mgpe_tf.ops.carry import WINDOW, carry, in_tone
from mgpe_tf.ops.flow import after_similarity, lengths, resized_flow
from mgpe_tf.ops.holes import filled, grown
from mgpe_tf.ops.one_hot import class_shares
from mgpe_tf.ops.similarity import face_similarity
from mgpe_tf.ops.tensor import Tensor
from mgpe_tf.ops.warp import similarity_warp

CELLS = 64
"""Cells a side that the registration networks read."""

STILL = 0.3
"""Pixels at 256x256 up to which a flow within one face is none; from twice as many on all of it counts."""

BARE = 3
"""Pixels at 256x256 around what an edit bares that are not known with it: the old border's shadow."""

NEAR = 6
"""Pixels at 256x256 around what is not known in which what is carried may be changed: tones and borders."""

FADING = 9
"""Pixels a side of the window over which that fades."""

AROUND = 3
"""Pixels at 256x256 around what an edit is about in which the portrait may change."""


@keras.saving.register_keras_serializable("mgpe_tf")
class Carrying(keras.Model):
    """Two registration networks and a completion, which are trained apart.

    Args:
      soft: finds the flow between the masks of one face, before and after it was edited.
      stiff: that from another face, which keeps its shape.
      completion: see ``Completion``.

    Examples:
      >>> edited = Carrying(soft, stiff, completion)(generated, x_s, m_s, x_t, m_t)
    """

    def __init__(
        self, soft: Registration, stiff: Registration, completion: Completion, name: str = "carrying", **kwargs: Any
    ) -> None:
        super().__init__(name=name, **{"autocast": False, **kwargs})  # half precision is too little for pixels
        self.soft, self.stiff, self.completion = soft, stiff, completion

    def call(
        self, generated: Tensor, source_image: Tensor, source_mask: Tensor, target_image: Tensor, target_mask: Tensor
    ) -> Tensor:
        """The edited portrait.

        Where x_s is x_t, the very pixels, m_s is taken for the mask that x_t had, and x_t stays as it is off what has
        changed; else x_t stays as it is off face and hair of m_t.

        Args:
          generated: G(x_s, m_s, x_t, m_t), float [B, R, R, 3] in [-1, 1].
          source_image, source_mask: x_s and m_s, integer [B, R, R] Helen ids.
          target_image, target_mask: x_t and m_t.

        Returns:
          float [B, R, R, 3] in [-1, 1].
        """
        size = target_mask.shape[1] / 256
        own = ops.all(ops.equal(source_image, target_image), axis=(1, 2, 3))[:, None, None]
        flow = self.flow(own, source_mask, target_mask)
        taken = ops.not_equal(target_mask, BACKGROUND)
        bare = ops.logical_and(own, ops.logical_and(ops.logical_not(taken), ops.not_equal(source_mask, BACKGROUND)))
        bare = _soft(bare, BARE * size)
        carried = carry(source_image, source_mask, target_image, target_mask, flow, taken)
        generated = in_tone(generated, target_mask, target_image, target_mask)
        known = carried.known * (1 - bare)
        completed, _ = self.completion(filled(generated, 1 - bare), carried.image, known, target_mask)
        near = gaussian_blur(grown(1 - known, NEAR * size), FADING, FADING / 4)
        completed = carried.image + near * (completed - carried.image)
        moved = ops.logical_or(ops.not_equal(source_mask, target_mask), lengths(flow) > 2 * STILL * size)
        region = _soft(ops.where(own, moved, taken), AROUND * size)
        return ops.clip(target_image + region * (completed - target_image), -1, 1)

    def flow(self, own: Tensor, source_mask: Tensor, target_mask: Tensor) -> Tensor:
        """From m_s to m_t, of one face where ``own``, bool [B, 1, 1], says so: float [B, R, R, 2] in pixels."""
        soft = flow_of_own(self.soft, source_mask, target_mask)
        still = STILL * target_mask.shape[1] / 256
        soft = soft * ops.clip(lengths(soft) / still - 1, 0, 1)[..., None]
        return ops.where(own[..., None], soft, flow_of_another(self.stiff, source_mask, target_mask))

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments, the networks as their own."""
        parts: dict[str, keras.Model] = {"soft": self.soft, "stiff": self.stiff, "completion": self.completion}
        return {**super().get_config(), **{name: part.get_config() for name, part in parts.items()}}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Carrying:
        """See ``get_config``."""
        kinds: dict[str, type[keras.Model]] = {"soft": Registration, "stiff": Registration, "completion": Completion}
        return cls(**{**config, **{name: kind.from_config(config[name]) for name, kind in kinds.items()}})


def flow_of_another(stiff: Registration, source_mask: Tensor, target_mask: Tensor) -> Tensor:
    """From another's mask: its face is laid on the target's by a similarity, and what differs then by the network.

    Args:
      stiff: see ``Carrying``.
      source_mask, target_mask: m_s and m_t, integer [B, R, R] Helen ids.

    Returns:
      float [B, R, R, 2] in pixels.
    """
    side = target_mask.shape[1] // CELLS
    matrices = face_similarity(class_shares(source_mask, CELLS), class_shares(target_mask, CELLS))
    # Positions in pixels: the centre of cell i lies at side * i + (side - 1) / 2.
    turn, shift = matrices[..., :2], side * matrices[..., 2]
    half = (side - 1) / 2
    shift = shift + half - half * ops.sum(turn, axis=-1)
    matrices = ops.concatenate([turn, shift[..., None]], axis=-1)
    laid = similarity_warp(source_mask[..., None], matrices, "nearest")[..., 0]
    return after_similarity(flow_of_own(stiff, laid, target_mask), matrices)


def flow_of_own(network: Registration, source_mask: Tensor, target_mask: Tensor) -> Tensor:
    """From a mask to much the same one: what the network finds, without what it finds where nothing has moved, which is
    its error. Float [B, R, R, 2] in pixels; arguments as of ``flow_of_another``."""
    source, target = class_shares(source_mask, CELLS), class_shares(target_mask, CELLS)
    return resized_flow(network(source, target) - network(source, source), target_mask.shape[1])


def _soft(where: Tensor, pixels: float) -> Tensor:
    """Bool [B, H, W] and so many pixels around, with a soft border: float [B, H, W, 1]."""
    return gaussian_blur(grown(ops.cast(where, "float32")[..., None], pixels), WINDOW, 1.0)
