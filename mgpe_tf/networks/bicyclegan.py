"""BicycleGAN's generator and encoder (Zhu et al. 2017, "Toward Multimodal Image-to-Image Translation"): a portrait of
its mask and of a short code, and the code of a portrait."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from mgpe_tf.config_check import check_unet_stages
from mgpe_tf.networks.baseline import Baseline
from mgpe_tf.networks.blocks import ConvBlock, UpBlock, activate
from mgpe_tf.networks.local_embedding import ComponentEncoder
from mgpe_tf.ops.one_hot import one_hot_mask
from mgpe_tf.ops.tensor import Tensor


@keras.saving.register_keras_serializable("mgpe_tf")
class BicycleGenerator(Baseline):
    """E, convolutions and two linear heads (the paper's E_CNN), and G, a U-Net that is given the code at every stage
    down ("add to all"). As everywhere here, activations are normalised over the batch.

    Args:
      filters, encoder, code_dim: see ``BaselineConfig``.

    Raises:
      UserError: fewer than two stages.
    """

    def __init__(
        self,
        filters: Sequence[int] = (64, 128, 256, 512, 512, 512),
        encoder: Sequence[int] = (64, 128, 256, 512),
        code_dim: int = 8,
        name: str = "generator",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        check_unet_stages(filters, encoder)
        self.options = dict(filters=tuple(filters), encoder=tuple(encoder), code_dim=code_dim)
        self.encoder = ComponentEncoder(encoder, code_dim, head_units=0, momentum=0.9, name="encoder")
        last = len(filters) - 1
        self.down = [
            ConvBlock(f, 4, 2, pad=1, norm=0 < i < last, activation="", name=f"down_{i}") for i, f in enumerate(filters)
        ]
        self.up = [UpBlock(filters[i - 1], activation="", name=f"up_{i}") for i in range(last, 0, -1)]
        self.head = UpBlock(3, norm=False, activation="tanh", name="head")

    def call(
        self, masks: Tensor, images: Tensor, noise: Tensor | None = None, training: bool = False
    ) -> dict[str, Tensor]:
        """The portraits as they are encoded and generated again, the cVAE-GAN's pass.

        Args:
          masks: m_t, of a size that is a multiple of 2 ** (the number of stages), as the images.
          images: x_t.
          noise: standard normal [B, code_dim], by which the code is sampled; None takes its mean.
          training: use batch statistics.

        Returns:
          dict of "image" [B, R, R, 3], and "mean" and "log_variance" [B, code_dim] of the code.
        """
        mean, log_variance = self.encoder(ops.cast(images, self.compute_dtype), training=training)
        codes = mean if noise is None else mean + ops.exp(log_variance / 2) * ops.cast(noise, mean.dtype)
        return {"image": self.draw(masks, codes, training), "mean": mean, "log_variance": log_variance}

    def draw(self, masks: Tensor, codes: Tensor, training: bool = False) -> Tensor:
        """G(m_t, z): masks [B, R, R], codes [B, code_dim] -> images [B, R, R, 3] in [-1, 1]."""
        x, maps = one_hot_mask(masks, self.compute_dtype), []
        codes = ops.cast(codes, x.dtype)[:, None, None]
        for i, down in enumerate(self.down):
            x = activate(x, "leaky_relu") if i else x
            x = down(ops.concatenate([x, ops.tile(codes, (1, *x.shape[1:3], 1))], axis=-1), training=training)
            maps.append(x)
        *skips, x = maps
        for up in self.up:
            x = ops.concatenate([skips.pop(), up(ops.relu(x), training=training)], axis=-1)
        return ops.cast(self.head(ops.relu(x)), keras.config.floatx())

    def embed(self, images: Tensor) -> dict[str, Tensor]:
        """The mean of the code, see ``Baseline.embed``."""
        return {"code": ops.cast(self.encoder(images)[0], keras.config.floatx())}

    def render(self, embeddings: dict[str, Tensor], masks: Tensor) -> Tensor:
        """See ``Baseline.render``."""
        return self.draw(masks, embeddings["code"])

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), **self.options}
