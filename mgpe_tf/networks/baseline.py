"""The base of the generators of the methods that the paper compares with."""

from __future__ import annotations

import abc

import keras

from mgpe_tf.ops.tensor import Tensor


class Baseline(keras.Model, abc.ABC):
    """Generates a portrait from its mask m_t, background and all; appearance comes, if at all, from x_s as a whole.

    Images are float [B, R, R, 3] in [-1, 1], masks integer [B, R, R] Helen ids.
    """

    @abc.abstractmethod
    def embed(self, images: Tensor) -> dict[str, Tensor]:
        """The appearance of images, float [B, E] by name; empty where masks alone decide."""

    @abc.abstractmethod
    def render(self, embeddings: dict[str, Tensor], masks: Tensor) -> Tensor:
        """The portraits [B, R, R, 3] of masks, with what ``embed`` gave for others."""

    def generate(self, source_image: Tensor, source_mask: Tensor, target_image: Tensor, target_mask: Tensor) -> Tensor:
        """The appearance of x_s on m_t; arguments as for ``PortraitGenerator.generate``, m_s and x_t unused."""
        del source_mask, target_image
        return self.render(self.embed(source_image), target_mask)
