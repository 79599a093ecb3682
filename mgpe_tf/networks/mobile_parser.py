"""A face parser for phones and CPUs: the task of P_F at about a quarter of its operations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from mgpe_tf.config_check import check_mobile_stages, check_size
from mgpe_tf.labels import NUM_CLASSES
from mgpe_tf.networks.blocks import Composite, Conv, ConvBlock, ResidualBlock
from mgpe_tf.ops.pixel_shuffle import depth_to_space
from mgpe_tf.ops.tensor import Tensor


@keras.saving.register_keras_serializable("mgpe_tf")
class DownStage(Composite):
    """Halves the size by 2x2 patches, then works at the new size.

    Args:
      filters: channels.
      blocks: number of residual blocks; 0 for a single convolution.
    """

    def __init__(self, filters: int, blocks: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.filters, self.blocks = filters, blocks
        self.patch = ConvBlock(filters, 2, 2, use_bias=False, name="patch")
        if blocks:
            self.work = [ResidualBlock(filters, pad_mode="constant", name=f"block_{i}") for i in range(blocks)]
        else:
            self.work = [ConvBlock(filters, 3, pad=1, use_bias=False, name="conv")]

    def call(self, x: Tensor, training: bool = False) -> Tensor:
        """[B, H, W, C] -> [B, H/2, W/2, filters]."""
        x = self.patch(x, training=training)
        for layer in self.work:
            x = layer(x, training=training)
        return x

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), "filters": self.filters, "blocks": self.blocks}


@keras.saving.register_keras_serializable("mgpe_tf")
class MergeStage(Composite):
    """A deep map, enlarged to the size of a shallow one, and the shallow one.

    Args:
      filters: channels of the result.
      blocks: number of residual blocks that work on it.
    """

    def __init__(self, filters: int, blocks: int = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.filters, self.blocks = filters, blocks
        self.deep = ConvBlock(filters, 1, use_bias=False, activation="", name="deep")
        self.shallow = ConvBlock(filters, 1, use_bias=False, activation="", name="shallow")
        self.conv = ConvBlock(filters, 3, pad=1, use_bias=False, name="conv")
        self.work = [ResidualBlock(filters, "constant", identity=True, name=f"block_{i}") for i in range(blocks)]

    def call(self, deep: Tensor, shallow: Tensor, training: bool = False) -> Tensor:
        """[B, H/2, W/2, C], [B, H, W, C'] -> [B, H, W, filters]."""
        deep = self.deep(deep, training=training)
        deep = ops.image.resize(deep, shallow.shape[1:3], interpolation="bilinear", data_format="channels_last")
        x = self.conv(ops.relu(deep + self.shallow(shallow, training=training)), training=training)
        for layer in self.work:
            x = layer(x, training=training)
        return x

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), "filters": self.filters, "blocks": self.blocks}


def decode(
    maps: Sequence[Tensor],
    whole: keras.layers.Layer,
    up: Sequence[keras.layers.Layer],
    head: keras.layers.Layer,
    training: bool = False,
) -> Tensor:
    """Logits of half the size of the largest map, enlarged by a pixel shuffle.

    Args:
      maps: [B, h, w, C], each of half the size of the one before.
      whole: makes of the smallest map's mean a vector that is added to all of it.
      up: a ``MergeStage`` for each of the other maps, the smallest first.
      head: four logits per class.
      training: as for layers.
    """
    *skips, x = maps
    x = ops.relu(x + whole(ops.mean(x, axis=(1, 2), keepdims=True)))
    for stage in up:
        x = stage(x, skips.pop(), training=training)
    # The loss and the softmax need float32 also when the layers compute in half precision.
    return ops.cast(depth_to_space(head(x), 2), keras.config.floatx())


@keras.saving.register_keras_serializable("mgpe_tf")
class MobileParser(keras.Model):
    """Face parser of residual stages, a vector of the whole portrait, and a light decoder.

    It has nothing that phones' accelerators lack: sizes change by patches, half-pixel bilinear resizing and a pixel
    shuffle, and the whole is summed up by a mean, not by a pooling window of its size.

    Args:
      filters: channels of the encoder stages; each halves the size, so the image size must be a multiple of
        2 ** len(filters).
      blocks: residual blocks of each of them.
      up_filters: channels of the decoder stages, one fewer.
      up_blocks: residual blocks of each of them, which begin as the identity; () for none.

    Raises:
      UserError: lists that do not fit together, or an image whose size is no such multiple.

    Examples:
      >>> logits = MobileParser()(images)                    # images in [-1, 1], [B, H, W, 3]
    """

    label_set = "helen"

    def __init__(
        self,
        filters: Sequence[int] = (32, 48, 96, 160, 224),
        blocks: Sequence[int] = (0, 2, 2, 2, 1),
        up_filters: Sequence[int] = (96, 64, 48, 32),
        up_blocks: Sequence[int] = (),
        name: str = "parser",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        check_mobile_stages(filters, blocks, up_filters, up_blocks)
        self.filters, self.blocks = tuple(filters), tuple(blocks)
        self.up_filters, self.up_blocks = tuple(up_filters), tuple(up_blocks)
        self.down = [DownStage(f, n, name=f"down_{i}") for i, (f, n) in enumerate(zip(filters, blocks))]
        self.whole = Conv(filters[-1], 1, name="whole")
        work = self.up_blocks or (0,) * len(self.up_filters)
        self.up = [MergeStage(f, n, name=f"up_{i}") for i, (f, n) in enumerate(zip(up_filters, work, strict=True))]
        self.head = Conv(4 * NUM_CLASSES, 3, pad=1, name="head")

    def call(self, images: Tensor, training: bool = False) -> Tensor:
        """Images [B, H, W, 3] in [-1, 1] -> logits [B, H, W, 11]."""
        return self.decode(self.encode(images, training), training)

    def encode(self, images: Tensor, training: bool = False) -> list[Tensor]:
        """Images -> the maps of the encoder stages, [B, H/2, W/2, filters[0]], [B, H/4, W/4, filters[1]], ..."""
        check_size(images.shape[1:3], len(self.filters))
        maps = [images]
        for stage in self.down:
            maps.append(stage(maps[-1], training=training))
        return maps[1:]

    def decode(self, maps: Sequence[Tensor], training: bool = False) -> Tensor:
        """The maps that ``encode`` gave -> logits."""
        return decode(maps, self.whole, self.up, self.head, training)

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        own = {"filters": self.filters, "blocks": self.blocks}
        return {**super().get_config(), **own, "up_filters": self.up_filters, "up_blocks": self.up_blocks}
