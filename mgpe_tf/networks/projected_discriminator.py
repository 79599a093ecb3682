"""Discriminators that look at the maps of a network which knows photographs already (Sauer et al. 2021, "Projected GANs
converge faster"), conditioned on the target mask as equation (5) of the paper wants it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from mgpe_tf.config_check import check_field
from mgpe_tf.networks.blocks import Composite, Conv, SpectralConv, activate
from mgpe_tf.ops.tensor import Tensor


@keras.saving.register_keras_serializable("mgpe_tf")
class ProjectedScale(Composite):
    """A score for every place of one map.

    Args:
      filters: channels to which the map is projected, by a random matrix that stays as it is, and of the layers.
    """

    def __init__(self, filters: int = 64, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.filters = filters
        self.projection = Conv(filters, 1, use_bias=False, trainable=False, name="projection")
        self.first = SpectralConv(filters, 3, pad=1, name="first")
        self.second = SpectralConv(filters, 3, pad=1, name="second")
        self.score = SpectralConv(1, 1, name="score")

    def call(self, features: Tensor, classes: Tensor, training: bool = False) -> Tensor:
        """Maps [B, h, w, C] and what their places hold of each class [B, h, w, 11] -> scores [B, h, w, 1]."""
        x = activate(self.first(self.projection(features), training=training), "leaky_relu")
        x = self.second(ops.concatenate([x, ops.cast(classes, x.dtype)], axis=-1), training=training)
        return self.score(activate(x, "leaky_relu"), training=training)

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), "filters": self.filters}


@keras.saving.register_keras_serializable("mgpe_tf")
class ProjectedDiscriminator(keras.Model):
    """One ``ProjectedScale`` per map of a frozen trunk.

    Args:
      scales: number of maps.
      filters: see ``ProjectedScale``.

    Examples:
      >>> scores = ProjectedDiscriminator(4, name="D")(one_hot_masks, trunk(images)[1:])
    """

    def __init__(self, scales: int = 4, filters: int = 64, name: str = "discriminator", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        check_field("discriminator.scales", scales)
        self.scales, self.filters = scales, filters
        self.parts = [ProjectedScale(filters, name=f"scale_{i}") for i in range(scales)]

    def call(self, masks: Tensor, maps: Sequence[Tensor], training: bool = False) -> list[Tensor]:
        """One-hot masks [B, R, R, 11] and the maps of images [B, h, w, C] -> list of scores [B, h, w, 1]."""
        return [part(x, shrunk(masks, x.shape[1]), training=training) for part, x in zip(self.parts, maps, strict=True)]

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), "scales": self.scales, "filters": self.filters}


def shrunk(maps: Tensor, size: int) -> Tensor:
    """Means of maps [B, R, R, C] over the places of a grid: [B, size, size, C]."""
    times = maps.shape[1] // size
    return maps if times == 1 else ops.average_pool(maps, times, times, data_format="channels_last")
