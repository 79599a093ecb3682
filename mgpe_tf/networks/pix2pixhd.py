"""pix2pixHD's global generator (Wang et al. 2018, "High-Resolution Image Synthesis and Semantic Manipulation with
Conditional GANs"): a portrait of its mask, one for each mask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from mgpe_tf.config_check import check_field
from mgpe_tf.networks.baseline import Baseline
from mgpe_tf.networks.blocks import ImageHead, ResidualBlock, UpBlock
from mgpe_tf.networks.foreground import MaskEncoder
from mgpe_tf.ops.one_hot import one_hot_mask
from mgpe_tf.ops.tensor import Tensor


@keras.saving.register_keras_serializable("mgpe_tf")
class GlobalGenerator(Baseline):
    """7x7 convolution, encoder stages, residual blocks, decoder stages, 7x7 convolution. As everywhere here,
    activations are normalised over the batch, and sizes doubled by 4x4 kernels in place of 3x3.

    Args:
      filters, blocks: see ``BaselineConfig``. The decoder has the filters of the encoder in reverse.

    Raises:
      UserError: no filters.
    """

    def __init__(
        self,
        filters: Sequence[int] = (64, 128, 256, 512, 1024),
        blocks: int = 9,
        name: str = "generator",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        check_field("baseline.filters", filters)
        self.filters, self.blocks = tuple(filters), blocks
        self.mask_encoder = MaskEncoder(filters, name="mask_encoder")
        self.residual = [ResidualBlock(filters[-1], name=f"block_{i}") for i in range(blocks)]
        self.up = [UpBlock(f, name=f"up_{i}") for i, f in enumerate(self.filters[-2::-1])]
        self.head = ImageHead(7, name="head")

    def call(self, masks: Tensor, training: bool = False) -> Tensor:
        """Masks [B, R, R], R a multiple of 2 ** (len(filters) - 1) -> images [B, R, R, 3] in [-1, 1]."""
        x = self.mask_encoder(one_hot_mask(masks, self.compute_dtype), training=training)[-1]
        for layer in (*self.residual, *self.up):
            x = layer(x, training=training)
        return keras.ops.cast(self.head(x), keras.config.floatx())

    def embed(self, images: Tensor) -> dict[str, Tensor]:
        """Nothing: see ``Baseline.embed``."""
        return {}

    def render(self, embeddings: dict[str, Tensor], masks: Tensor) -> Tensor:
        """See ``Baseline.render``."""
        return self(masks)

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), "filters": self.filters, "blocks": self.blocks}
