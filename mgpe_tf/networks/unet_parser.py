"""P_F, the face parser: a U-Net that reads eleven classes off a portrait (paper section 3.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from mgpe_tf.config_check import check_field, check_size
from mgpe_tf.labels import NUM_CLASSES
from mgpe_tf.networks.blocks import ConvBlock, UpBlock, activate
from mgpe_tf.ops.tensor import Tensor


@keras.saving.register_keras_serializable("mgpe_tf")
class Parser(keras.Model):
    """U-Net face parser.

    Args:
      filters: filters of the down path; each stage halves the size, so the image size must be a multiple of
        2 ** len(filters).
      dropout: rate on the middle level of the up path.
      tanh: bound the logits by tanh, as the official head does.

    Raises:
      UserError: no filters, or an image whose size is no such multiple.

    Examples:
      >>> logits = Parser(filters=(16, 32))(images)          # images in [-1, 1], [B, H, W, 3]
      >>> masks = keras.ops.argmax(logits, axis=-1)          # Helen ids, [B, H, W]
    """

    label_set = "helen"

    def __init__(
        self,
        filters: Sequence[int] = (64, 128, 256, 512, 512, 512),
        dropout: float = 0.5,
        tanh: bool = False,
        name: str = "parser",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        check_field("parser.filters", filters)
        self.filters, self.dropout, self.tanh = tuple(filters), dropout, tanh
        last = len(self.filters) - 1
        self.down = [
            ConvBlock(f, 4, 2, pad=1, use_bias=False, norm=0 < i < last, activation="", name=f"down_{i}")
            for i, f in enumerate(self.filters)
        ]
        self.up = [
            UpBlock(self.filters[i - 1], activation="", use_bias=False, name=f"up_{i}") for i in range(last, 0, -1)
        ]
        self.drop = keras.layers.Dropout(dropout, name="dropout")
        self.head = UpBlock(NUM_CLASSES, norm=False, activation="", name="head")

    def call(self, images: Tensor, training: bool = False) -> Tensor:
        """Images [B, H, W, 3] in [-1, 1] -> logits [B, H, W, 11]."""
        return self.decode(self.encode(images, training), training)

    def encode(self, images: Tensor, training: bool = False) -> list[Tensor]:
        """Images -> the maps of the encoder stages, [B, H/2, W/2, filters[0]], [B, H/4, W/4, filters[1]], ..."""
        check_size(images.shape[1:3], len(self.filters))
        maps = []
        x = images
        for i, down in enumerate(self.down):
            x = down(activate(x, "leaky_relu") if i else x, training=training)
            maps.append(x)
        return maps

    def decode(self, maps: Sequence[Tensor], training: bool = False) -> Tensor:
        """The maps that ``encode`` gave -> logits."""
        logits = self.head(ops.relu(self.last_map(maps, training)))
        # The loss and the softmax need float32 also when the layers compute in half precision.
        logits = ops.cast(logits, keras.config.floatx())
        return ops.tanh(logits) if self.tanh else logits

    def last_map(self, maps: Sequence[Tensor], training: bool = False) -> Tensor:
        """The maps that ``encode`` gave -> the last map before the head: [B, H/2, W/2, 2 filters[0]]."""
        *skips, x = maps
        for level, up in enumerate(self.up):
            x = up(ops.relu(x), training=training)
            if level == 1:
                x = self.drop(x, training=training)
            x = ops.concatenate([skips.pop(), x], axis=-1)
        return x

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), "filters": self.filters, "dropout": self.dropout, "tanh": self.tanh}
