"""E_m and G_m: the target mask and the placed component features -> the foreground feature (paper section 3.1,
"mask-guided generative sub-network")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from mgpe_tf.networks.blocks import Composite, ConvBlock, ResidualBlock, UpBlock
from mgpe_tf.ops.tensor import Tensor


@keras.saving.register_keras_serializable("mgpe_tf")
class MaskEncoder(Composite):
    """E_m: the one-hot target mask -> a feature map at 1/grid of the size.

    Args:
      filters: filters of the stages; the first keeps the (stemmed) size, every further one halves it.
      stem: factor of the first, patch convolution; 1 for the paper's 7x7 convolution with reflected borders.
    """

    def __init__(self, filters: Sequence[int] = (64, 128, 256), stem: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.filters, self.stem = tuple(filters), stem
        if stem > 1:
            first = ConvBlock(filters[0], stem, stem, name="conv_0")
        else:
            first = ConvBlock(filters[0], 7, pad=3, pad_mode="reflect", name="conv_0")
        rest = [ConvBlock(f, 3, 2, pad=1, name=f"conv_{i}") for i, f in enumerate(self.filters[1:], start=1)]
        self.stages = [first, *rest]

    def call(self, masks: Tensor, training: bool = False) -> list[Tensor]:
        """One-hot masks [B, H, W, 11] -> the maps of the stages, each half as large as the one before; the last is
        [B, H/grid, W/grid, filters[-1]]."""
        maps = [masks]
        for stage in self.stages:
            maps.append(stage(maps[-1], training=training))
        return maps[1:]

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), "filters": self.filters, "stem": self.stem}


@keras.saving.register_keras_serializable("mgpe_tf")
class ForegroundGenerator(Composite):
    """G_m: the mask feature and the five placed component features -> the foreground feature.

    Args:
      width: channels of the residual blocks.
      blocks: number of residual blocks.
      filters: filters of the upsampling stages, each doubling the size.
      upsampling: see ``UpBlock``.
      joins: number of upsampling stages, from the first on, whose result is merged with a larger map of E_m.
    """

    def __init__(
        self,
        width: int = 256,
        blocks: int = 9,
        filters: Sequence[int] = (128, 64),
        upsampling: str = "transposed",
        joins: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.options = dict(width=width, blocks=blocks, filters=tuple(filters), upsampling=upsampling, joins=joins)
        self.merge = keras.layers.Conv2D(width, 1, name="merge")
        self.blocks = [ResidualBlock(width, name=f"block_{i}") for i in range(blocks)]
        self.stages = [UpBlock(f, upsampling, name=f"up_{i}") for i, f in enumerate(filters)]
        self.joins = [keras.layers.Conv2D(f, 1, name=f"join_{i}") for i, f in enumerate(filters[:joins])]

    def call(self, maps: Sequence[Tensor], larger: Sequence[Tensor] = (), training: bool = False) -> Tensor:
        """List of maps [B, h, w, C_i] (mask feature, then the placed features) -> [B, h 2^n, w 2^n, filters[-1]].

        `larger` are E_m's maps of twice the size, four times, ...: as many as there are joins.
        """
        x = self.merge(ops.concatenate(maps, axis=-1))
        for block in self.blocks:
            x = block(x, training=training)
        for i, stage in enumerate(self.stages):
            x = stage(x, training=training)
            if i < len(self.joins):
                x = self.joins[i](ops.concatenate([x, larger[i]], axis=-1))
        return x

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), **self.options}
