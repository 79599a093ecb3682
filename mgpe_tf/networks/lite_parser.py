"""A face parser of CelebAMask-HQ's nineteen classes on a trunk that knows ImageNet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from mgpe_tf.config_check import LITE_HALVINGS, check_lite_stages, check_size
from mgpe_tf.labels import CELEBAMASK_HQ_NAMES
from mgpe_tf.networks.blocks import Conv
from mgpe_tf.networks.efficientnet_lite import EfficientNetLite0
from mgpe_tf.networks.mobile_parser import MergeStage, decode
from mgpe_tf.ops.tensor import Tensor


@keras.saving.register_keras_serializable("mgpe_tf")
class LiteParser(keras.Model):
    """EfficientNet-Lite0, a vector of the whole portrait, and a light decoder.

    As ``MobileParser`` it has nothing that phones' accelerators lack.

    Args:
      up_filters: channels of the decoder's stages, at 1/16, 1/8, 1/4 and 1/2 of the image's size.
      up_blocks: residual blocks of each of them, which begin as the identity.

    Raises:
      UserError: other than four entries, or an image whose size is no multiple of 32.

    Examples:
      >>> logits = LiteParser()(images)                    # images in [-1, 1], [B, H, W, 3]
    """

    label_set = "celebamask_hq"

    def __init__(
        self,
        up_filters: Sequence[int] = (128, 96, 64, 32),
        up_blocks: Sequence[int] = (1, 1, 2, 2),
        name: str = "parser",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        check_lite_stages(up_filters, up_blocks)
        self.up_filters, self.up_blocks = tuple(up_filters), tuple(up_blocks)
        self.trunk = EfficientNetLite0(name="trunk")
        self.whole = Conv(self.trunk.blocks[-1].options["filters"], 1, name="whole")
        self.up = [MergeStage(f, n, name=f"up_{i}") for i, (f, n) in enumerate(zip(up_filters, up_blocks, strict=True))]
        self.head = Conv(4 * len(CELEBAMASK_HQ_NAMES), 3, pad=1, name="head")

    def call(self, images: Tensor, training: bool = False) -> Tensor:
        """Images [B, H, W, 3] in [-1, 1] -> logits [B, H, W, 19]."""
        return self.decode(self.encode(images, training), training)

    def encode(self, images: Tensor, training: bool = False) -> list[Tensor]:
        """Images -> the trunk's maps, [B, H/2, W/2, 16] to [B, H/32, W/32, 320]."""
        check_size(images.shape[1:3], LITE_HALVINGS)
        maps: list[Tensor] = self.trunk(images, training=training)
        return maps

    def decode(self, maps: Sequence[Tensor], training: bool = False) -> Tensor:
        """The maps that ``encode`` gave -> logits."""
        return decode(maps, self.whole, self.up, self.head, training)

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), "up_filters": self.up_filters, "up_blocks": self.up_blocks}
