"""A parser of nineteen classes where one of Helen's eleven is needed."""

from __future__ import annotations

import keras

from mgpe_tf.networks.lite_parser import LiteParser
from mgpe_tf.ops.classes import helen_logits


class HelenParser(keras.Model):
    """Reads Helen's classes by a parser of the parts: the probability of each is the sum of those that it merges.

    Args:
      parts: the parser of nineteen classes, whose weights these are.

    Examples:
      >>> logits = HelenParser(LiteParser())(images)         # [B, H, W, 11]
    """

    label_set = "helen"

    def __init__(self, parts: LiteParser, name="parser", **kwargs):
        super().__init__(name=name, **kwargs)
        self.parts = parts

    def call(self, images, training=False):
        """Images [B, H, W, 3] in [-1, 1] -> logits [B, H, W, 11]."""
        return self.decode(self.encode(images, training), training)

    def encode(self, images, training=False):
        """See ``LiteParser.encode``."""
        return self.parts.encode(images, training)

    def decode(self, maps, training=False):
        """The maps that ``encode`` gave -> logits."""
        return helen_logits(self.parts.decode(maps, training))
