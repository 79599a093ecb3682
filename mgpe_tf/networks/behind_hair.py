"""What lies behind hair: amodal completion of a mask, which is learnt from other people's hair laid over it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from mgpe_tf.labels import NUM_PARTS
from mgpe_tf.networks.blocks import Conv
from mgpe_tf.networks.label_unet import LabelUNet
from mgpe_tf.ops.tensor import Tensor


@keras.saving.register_keras_serializable("mgpe_tf")
class BehindHair(LabelUNet):
    """A U-Net whose head tells of each cell which part of a portrait it would show without hair.

    Args:
      filters: see ``LabelUNet``.

    Raises:
      UserError: fewer than three stages, or filters that are no multiples of 8.

    Examples:
      >>> logits = BehindHair()(class_shares(parts, 64, NUM_PARTS))
    """

    def __init__(self, filters: Sequence[int] = (32, 48, 64, 96, 128), name: str = "behind_hair", **kwargs: Any):
        super().__init__(filters, name, **kwargs)
        self.head = Conv(NUM_PARTS, 3, pad=1, name="head")

    def call(self, shares: Tensor) -> Tensor:
        """The share of each part in each cell, float [B, H, W, 19] -> logits of the parts, float32 [B, H, W, 19]."""
        *_, last = self.stages(shares)
        return ops.cast(self.head(last), keras.config.floatx())
