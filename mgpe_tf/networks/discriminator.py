"""D_1, D_2, ...: patch discriminators at several scales, conditioned on the target mask (pix2pixHD; paper section
3.2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from mgpe_tf.config_check import check_field
from mgpe_tf.networks.blocks import Composite, Conv, ConvBlock, SpectralConv
from mgpe_tf.ops.tensor import Tensor


@keras.saving.register_keras_serializable("mgpe_tf")
class PatchDiscriminator(Composite):
    """One scale: a score for every patch.

    Args:
      filters: filters of the stages; all but the last halve the size.
      norm: "batch" or "spectral" (see ``DiscriminatorConfig``).
    """

    def __init__(self, filters: Sequence[int] = (64, 128, 256, 512), norm: str = "batch", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.filters, self.norm = tuple(filters), norm
        last, spectral = len(self.filters) - 1, norm == "spectral"
        self.stages = [
            ConvBlock(
                f,
                4,
                1 if i == last else 2,
                pad=2,
                norm=i > 0 and not spectral,
                activation="leaky_relu",
                spectral=spectral,
                name=f"conv_{i}",
            )
            for i, f in enumerate(self.filters)
        ]
        self.score = (SpectralConv if spectral else Conv)(1, 4, pad=2, name="score")

    def call(self, x: Tensor, training: bool = False) -> list[Tensor]:
        """[B, H, W, 11 + 3] -> the maps of all stages, then the patch scores [B, h, w, 1] before any sigmoid."""
        maps = []
        for stage in self.stages:
            x = stage(x, training=training)
            maps.append(x)
        return [*maps, self.score(x, training=training)]

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), "filters": self.filters, "norm": self.norm}


@keras.saving.register_keras_serializable("mgpe_tf")
class MultiScaleDiscriminator(keras.Model):
    """Patch discriminators at full, half, quarter ... resolution.

    Args:
      filters, norm: see ``PatchDiscriminator``.
      scales: number of discriminators.

    Raises:
      UserError: no scales, no filters, or another norm.

    Examples:
      >>> outputs = MultiScaleDiscriminator(name="D")(one_hot_masks, images)
      >>> feature, score = outputs[0]     # full resolution
    """

    def __init__(
        self,
        filters: Sequence[int] = (64, 128, 256, 512),
        scales: int = 2,
        norm: str = "batch",
        name: str = "discriminator",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        for name, value in (("filters", filters), ("scales", scales), ("norm", norm)):
            check_field(f"discriminator.{name}", value)
        self.filters, self.scales, self.norm = tuple(filters), scales, norm
        self.discriminators = [PatchDiscriminator(filters, norm, name=f"scale_{i}") for i in range(scales)]

    def call(self, masks: Tensor, images: Tensor, training: bool = False) -> list[tuple[Tensor, Tensor]]:
        """One-hot masks [B, H, W, 11], images [B, H, W, 3] -> list over scales of (the last map, the scores)."""
        return [(maps[-1], scores) for *maps, scores in self.maps(masks, images, training)]

    def maps(self, masks: Tensor, images: Tensor, training: bool = False) -> list[list[Tensor]]:
        """The same -> list over scales of (the first map, ..., the last map, the scores)."""
        x = ops.concatenate([masks, ops.cast(images, masks.dtype)], axis=-1)
        outputs = []
        for i, discriminator in enumerate(self.discriminators):
            x = half_size(x) if i else x
            outputs.append(discriminator(x, training=training))
        return outputs

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Creates the variables without data; ``config["input_shape"]`` is that of the masks, as Keras records it."""
        masks = keras.KerasTensor(config["input_shape"])
        self(masks, keras.KerasTensor((*masks.shape[:-1], 3)))

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), "filters": self.filters, "scales": self.scales, "norm": self.norm}


def half_size(x: Tensor) -> Tensor:
    """3x3 average pooling, stride 2; the one pixel of padding is not counted: [B, H, W, C] -> [B, H/2, W/2, C]."""
    edge = ((0, 0), (1, 1), (1, 1), (0, 0))
    total = ops.average_pool(ops.pad(x, edge), 3, 2, "valid")
    count = ops.average_pool(ops.pad(ops.ones_like(x[:1, :, :, :1]), edge), 3, 2, "valid")
    return total / count
