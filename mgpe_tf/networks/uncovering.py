"""What a portrait looks like behind its hair: skin, brows, ears and neck in its own colours and light."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from mgpe_tf.labels import NUM_PARTS, PARTS
from mgpe_tf.networks.blocks import Conv
from mgpe_tf.networks.label_unet import LabelUNet
from mgpe_tf.ops.holes import filled
from mgpe_tf.ops.tensor import Tensor


@keras.saving.register_keras_serializable("mgpe_tf")
class Uncovering(LabelUNet):
    """A U-Net that continues what is known of a portrait into what hair hides, where the parts behind it are known.

    All its colours are differences from the mean colour of the known skin, so that its normalisations keep nobody's
    skin from being as dark or as light as it is. Untrained, it gives that colour everywhere.

    Args:
      filters: see ``LabelUNet``.

    Raises:
      UserError: fewer than three stages, or filters that are no multiples of 8.

    Examples:
      >>> portrait = Uncovering()(images, known, class_shares(behind, 128, NUM_PARTS))
    """

    def __init__(self, filters: Sequence[int] = (24, 40, 64, 96, 128), name: str = "uncovering", **kwargs: Any):
        super().__init__(filters, name, **kwargs)
        self.head = Conv(3, 3, pad=1, kernel_initializer="zeros", name="head")

    def call(self, images: Tensor, known: Tensor, shares: Tensor) -> Tensor:
        """Portraits without hair.

        Args:
          images: float [B, H, W, 3] in [-1, 1].
          known: how much of each cell is seen, float [B, H, W, 1] in [0, 1].
          shares: the share of each part in each cell, hidden or not, float [B, H, W, 19].

        Returns:
          float32 [B, H, W, 3].
        """
        skin = known * shares[..., PARTS["skin"], None]
        total = ops.sum(images * skin, axis=(1, 2), keepdims=True)
        tone = total / ops.maximum(ops.sum(skin, axis=(1, 2), keepdims=True), 1.0)
        *_, last = self.stages(filled(images - tone, known), known, shares)
        return tone + ops.cast(self.head(last), keras.config.floatx())

    def built_for(self, resolution: int) -> Uncovering:
        """The same network, with its variables made."""
        image = keras.KerasTensor((1, resolution, resolution, 3))
        self(image, image[..., :1], keras.KerasTensor((1, resolution, resolution, NUM_PARTS)))
        return self
