"""The registration network: by which flow one mask becomes another (after Balakrishnan et al. 2019, "VoxelMorph",
which reads images where this reads labels)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from mgpe_tf.config_check import check_registration_filters
from mgpe_tf.labels import NUM_CLASSES
from mgpe_tf.networks.blocks import Composite, Conv, activate
from mgpe_tf.networks.normalization import GroupNorm
from mgpe_tf.ops.cubic import cubic_enlarge
from mgpe_tf.ops.tensor import Tensor

COARSE, FINE = 16.0, 4.0
"""Cells by which one unit of the coarse head, and of the fine one, moves."""


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


@keras.saving.register_keras_serializable("mgpe_tf")
class Registration(keras.Model):
    """A U-Net with two heads, for what moves as a whole and for details; untrained it moves nothing.

    Args:
      classes: of the masks.
      filters: of the encoder stages, the first at full size, each further one at half the size of the one before, so
        sizes must be multiples of 2 ** (len(filters) - 1). The coarse head is at the last but one.

    Raises:
      UserError: fewer than three stages, or filters that are no multiples of 8.

    Examples:
      >>> flow = Registration()(class_shares(m_s, 64), class_shares(m_t, 64))
    """

    def __init__(
        self,
        classes: int = NUM_CLASSES,
        filters: Sequence[int] = (32, 48, 64, 96, 128),
        name: str = "registration",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        check_registration_filters(filters)
        self.classes, self.filters = classes, tuple(filters)
        self.first = GroupConvBlock(filters[0], name="first")
        self.down = [
            [GroupConvBlock(f, name=f"down_{i}_{part}") for part in ("in", "out")]
            for i, f in enumerate(filters[1:], start=1)
        ]
        self.up = [GroupConvBlock(filters[i], merges=True, name=f"up_{i}") for i in reversed(range(len(filters) - 1))]
        self.coarse = Conv(2, 3, pad=1, kernel_initializer="zeros", name="coarse")
        self.fine = Conv(2, 3, pad=1, kernel_initializer="zeros", name="fine")

    def call(self, source: Tensor, target: Tensor) -> Tensor:
        """The share of each class in each cell of m_s and of m_t, float [B, H, W, classes] each -> flow f, float32
        [B, H, W, 2], (right, down) in cells, with m_t(p) = m_s(p + f(p))."""
        maps = self.encode(ops.concatenate([source, target, _coordinates(target)], axis=-1))
        x, coarse = maps.pop(), None
        for stage in self.up:
            x = stage(maps.pop(), x)
            coarse = self.coarse(x) if coarse is None else coarse
        coarse, fine = (ops.cast(flow, keras.config.floatx()) for flow in (coarse, self.fine(x)))
        return COARSE * cubic_enlarge(coarse, fine.shape[1:3]) + FINE * fine

    def encode(self, x: Tensor) -> list[Tensor]:
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
        return {**super().get_config(), "classes": self.classes, "filters": self.filters}


def _coordinates(like: Tensor) -> Tensor:
    """x and y of the cells' centres, from -1 to 1 over the frame, [B, H, W, 2]."""
    height, width = like.shape[1:3]
    y, x = ((2 * ops.arange(n, dtype=like.dtype) + 1) / n - 1 for n in (height, width))
    grid = ops.stack(ops.meshgrid(x, y), axis=-1)
    return ops.broadcast_to(grid, (ops.shape(like)[0], height, width, 2))
