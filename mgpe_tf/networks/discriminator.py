"""D_1, D_2, ...: patch discriminators at several scales, conditioned on the target mask (pix2pixHD; paper section
3.2)."""

from __future__ import annotations

import keras
from keras import ops

from mgpe_tf.errors import UserError
from mgpe_tf.networks.blocks import Composite, Conv, ConvBlock


@keras.saving.register_keras_serializable("mgpe_tf")
class PatchDiscriminator(Composite):
    """One scale: a score for every patch.

    Args:
      filters: filters of the stages; all but the last halve the size.
    """

    def __init__(self, filters=(64, 128, 256, 512), **kwargs):
        super().__init__(**kwargs)
        self.filters = tuple(filters)
        last = len(self.filters) - 1
        self.stages = [
            ConvBlock(f, 4, 1 if i == last else 2, pad=2, norm=i > 0, activation="leaky_relu", name=f"conv_{i}")
            for i, f in enumerate(self.filters)
        ]
        self.score = Conv(1, 4, pad=2, name="score")

    def call(self, x, training=False):
        """[B, H, W, 11 + 3] -> (feature before the last convolution, patch scores [B, h, w, 1] before any sigmoid)."""
        for stage in self.stages:
            x = stage(x, training=training)
        return x, self.score(x)

    def get_config(self):
        """Constructor arguments."""
        return {**super().get_config(), "filters": self.filters}


@keras.saving.register_keras_serializable("mgpe_tf")
class MultiScaleDiscriminator(keras.Model):
    """Patch discriminators at full, half, quarter ... resolution.

    Args:
      filters: see ``PatchDiscriminator``.
      scales: number of discriminators.

    Raises:
      UserError: no scales or no filters.

    Example:
      >>> outputs = MultiScaleDiscriminator(name="D")(one_hot_masks, images)
      >>> feature, score = outputs[0]     # full resolution
    """

    def __init__(self, filters=(64, 128, 256, 512), scales=2, name="discriminator", **kwargs):
        super().__init__(name=name, **kwargs)
        if scales < 1 or not filters:
            raise UserError(
                f"discriminator.scales is {scales}, discriminator.filters {tuple(filters)}; allowed: at least 1")
        self.filters, self.scales = tuple(filters), scales
        self.discriminators = [PatchDiscriminator(filters, name=f"scale_{i}") for i in range(scales)]

    def call(self, masks, images, training=False):
        """One-hot masks [B, H, W, 11], images [B, H, W, 3] -> list over scales of (feature, score)."""
        x = ops.concatenate([masks, ops.cast(images, masks.dtype)], axis=-1)
        outputs = []
        for i, discriminator in enumerate(self.discriminators):
            x = half_size(x) if i else x
            outputs.append(discriminator(x, training=training))
        return outputs

    def build_from_config(self, config):
        """Creates the variables without data; ``config["input_shape"]`` is that of the masks, as Keras records it."""
        masks = keras.KerasTensor(config["input_shape"])
        self(masks, keras.KerasTensor((*masks.shape[:-1], 3)))

    def get_config(self):
        """Constructor arguments."""
        return {**super().get_config(), "filters": self.filters, "scales": self.scales}


def half_size(x):
    """3x3 average pooling, stride 2; the one pixel of padding is not counted: [B, H, W, C] -> [B, H/2, W/2, C]."""
    edge = ((0, 0), (1, 1), (1, 1), (0, 0))
    total = ops.average_pool(ops.pad(x, edge), 3, 2, "valid")
    count = ops.average_pool(ops.pad(ops.ones_like(x[:1, :, :, :1]), edge), 3, 2, "valid")
    return total / count
