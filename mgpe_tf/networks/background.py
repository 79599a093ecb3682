"""E_b and G_b: the background of the target image is encoded and fused with the foreground feature into the portrait
(paper section 3.1, "background fusing sub-network"). G_b blends neck, stray hair and the border without a seam."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from mgpe_tf.networks.blocks import Composite, ConvBlock, ImageHead
from mgpe_tf.ops.pixel_shuffle import space_to_depth
from mgpe_tf.ops.tensor import Tensor


@keras.saving.register_keras_serializable("mgpe_tf")
class BackgroundEncoder(Composite):
    """E_b: the target image's background -> background feature at 1/scale of the size.

    Args:
      filters: channels of the feature.
      kernel_size: odd size of the kernel (in pixels of the feature map).
      scale: 1 works at full size as the paper does: the whole image is encoded and its feature masked. A larger scale
        packs scale x scale pixels into channels first; there the image itself is masked, since a packed pixel may
        hold both sides of the border.
    """

    def __init__(self, filters: int = 64, kernel_size: int = 7, scale: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.options = dict(filters=filters, kernel_size=kernel_size, scale=scale)
        self.conv = ConvBlock(filters, kernel_size, pad=kernel_size // 2, pad_mode="reflect", name="conv")

    def call(self, images: Tensor, background: Tensor, training: bool = False, encoded: Tensor | None = None) -> Tensor:
        """Images [B, H, W, 3], membership of the background [B, H, W, 1] (0 or 1) -> [B, H/scale, W/scale, filters].

        `encoded` is what ``encode`` gave for the images, if it is at hand.
        """
        scale = self.options["scale"]
        if scale == 1:
            return (self.conv(images, training=training) if encoded is None else encoded) * background
        # The membership travels along, so that black pixels and hidden pixels can be told apart.
        packed = space_to_depth(ops.concatenate([images * background, background], axis=-1), scale)
        return self.conv(packed, training=training)

    def encode(self, images: Tensor) -> Tensor | None:
        """The part of the feature that does not depend on the mask, at inference: [B, H, W, filters]; None where all
        does."""
        return self.conv(images) if self.options["scale"] == 1 else None

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), **self.options}


@keras.saving.register_keras_serializable("mgpe_tf")
class FusionDecoder(Composite):
    """G_b: foreground and background features -> the portrait, or what it adds to the visible background.

    Args:
      filters: channels after the 1x1 convolution.
      kernel_size: odd size of the last convolution's kernel.
      scale: factor of the final pixel shuffle.
      adds: the result is to be added to an image: activated in the middle, not bounded at the end.
    """

    def __init__(
        self, filters: int = 64, kernel_size: int = 7, scale: int = 1, adds: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.options = dict(filters=filters, kernel_size=kernel_size, scale=scale, adds=adds)
        self.merge = keras.layers.Conv2D(filters, 1, activation="relu" if adds else None, name="merge")
        self.head = ImageHead(kernel_size, scale, "" if adds else "tanh", name="head")

    def call(self, maps: Sequence[Tensor]) -> Tensor:
        """List of maps [B, h, w, C_i] (foreground, background, ...) -> [B, scale h, scale w, 3]."""
        return self.head(self.merge(ops.concatenate(maps, axis=-1)))

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), **self.options}
