"""A U-Net on labels: of masks that are averaged to a grid of cells, as VoxelMorph's (Balakrishnan et al. 2019) is on
images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import keras
from keras import ops

from mgpe_tf.config_check import check_registration_filters
from mgpe_tf.networks.blocks import Composite, Conv, activate
from mgpe_tf.networks.normalization import GroupNorm
from mgpe_tf.ops.tensor import Tensor


@keras.saving.register_keras_serializable("mgpe_tf")
class GroupConvBlock(Composite):
    """3x3 convolution, group normalisation, leaky ReLU.

    Args:
      filters: a multiple of 8, the number of groups.
      merges: add a deep map of half the size. A convolution of its own brings it to ``filters`` before it is enlarged:
        a quarter of what a convolution of both maps, one beside the other, would cost there.
    """

    def __init__(self, filters: int, merges: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.filters, self.merges = filters, merges
        self.conv = Conv(filters, 3, pad=1, use_bias=False, name="conv")
        if merges:
            self.deep = Conv(filters, 3, pad=1, use_bias=False, name="deep")
        self.norm = GroupNorm(name="norm")

    def call(self, x: Tensor, deep: Tensor | None = None) -> Tensor:
        """[B, H, W, C], and [B, H / 2, W / 2, C'] -> [B, H, W, filters]."""
        size, x = x.shape[1:3], self.conv(x)
        if self.merges:
            x += ops.image.resize(self.deep(deep), size, interpolation="bilinear", data_format="channels_last")
        return activate(self.norm(x), "leaky_relu")

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), "filters": self.filters, "merges": self.merges}


class LabelUNet(keras.Model):
    """The stages of a U-Net; what is made of them is for its subclasses.

    Args:
      filters: of the encoder stages, the first at full size, each further one at half the size of the one before, so
        sizes must be multiples of 2 ** (len(filters) - 1).

    Raises:
      UserError: fewer than three stages, or filters that are no multiples of 8.
    """

    def __init__(self, filters: Sequence[int], name: str, **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        check_registration_filters(filters)
        self.filters = tuple(filters)
        self.first = GroupConvBlock(filters[0], name="first")
        self.down = [
            [GroupConvBlock(f, name=f"down_{i}_{part}") for part in ("in", "out")]
            for i, f in enumerate(filters[1:], start=1)
        ]
        self.up = [GroupConvBlock(filters[i], merges=True, name=f"up_{i}") for i in reversed(range(len(filters) - 1))]

    def stages(self, *shares: Tensor) -> Iterator[Tensor]:
        """What the decoder stages make of the classes' shares in each cell, float [B, H, W, C] each, and the cells'
        positions: the maps, the smallest first, the last of full size."""
        *maps, x = self._encode(ops.concatenate([*shares, _coordinates(shares[0])], axis=-1))
        for stage in self.up:
            x = stage(maps.pop(), x)
            yield x

    def _encode(self, x: Tensor) -> list[Tensor]:
        """The maps of the encoder stages, the largest first."""
        maps = [self.first(x)]
        for stage in self.down:  # means of pixels keep the centres of cells where they are, strides would not
            x = ops.average_pool(maps[-1], 2, 2, data_format="channels_last")
            for block in stage:
                x = block(x)
            maps.append(x)
        return maps

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), "filters": self.filters}


def _coordinates(like: Tensor) -> Tensor:
    """x and y of the cells' centres, from -1 to 1 over the frame, [B, H, W, 2]."""
    height, width = like.shape[1:3]
    y, x = ((2 * ops.arange(n, dtype=like.dtype) + 1) / n - 1 for n in (height, width))
    grid = ops.stack(ops.meshgrid(x, y), axis=-1)
    return ops.broadcast_to(grid, (ops.shape(like)[0], height, width, 2))
