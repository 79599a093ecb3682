"""A parser of nineteen classes where one of Helen's eleven is needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from mgpe_tf.networks.lite_parser import LiteParser
from mgpe_tf.ops.classes import helen_logits
from mgpe_tf.ops.tensor import Tensor


class HelenParser(keras.Model):
    """Reads Helen's classes by a parser of the parts: the probability of each is the sum of those that it merges.

    Args:
      parts: the parser of nineteen classes, whose weights these are.

    Examples:
      >>> logits = HelenParser(LiteParser())(images)         # [B, H, W, 11]
    """

    label_set = "helen"

    def __init__(self, parts: LiteParser, name: str = "parser", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self.parts = parts

    def call(self, images: Tensor, training: bool = False) -> Tensor:
        """Images [B, H, W, 3] in [-1, 1] -> logits [B, H, W, 11]."""
        return self.decode(self.encode(images, training), training)

    def encode(self, images: Tensor, training: bool = False) -> list[Tensor]:
        """See ``LiteParser.encode``."""
        return self.parts.encode(images, training)

    def decode(self, maps: Sequence[Tensor], training: bool = False) -> Tensor:
        """The maps that ``encode`` gave -> logits."""
        return helen_logits(self.parts.decode(maps, training))
