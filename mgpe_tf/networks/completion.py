"""The completion network: what is carried from photographs and what G generates become one portrait.

It goes on where G_b of the paper (section 3.1, "background fusing sub-network") ends: it reads the generated portrait,
the carried one and how far that can be trusted, continues what is known into what no photograph shows, and says where
either is shown. It never sees a flow, so it serves carried pixels from wherever they come.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from mgpe_tf.config_check import check_completion_stages, check_size
from mgpe_tf.networks.blocks import Composite, Conv, activate
from mgpe_tf.ops.one_hot import one_hot_mask
from mgpe_tf.ops.pixel_shuffle import space_to_depth
from mgpe_tf.ops.tensor import Tensor

SURE = 4.0
"""Logit by which an untrained network trusts what is carried."""

FINE = 16
"""Channels at full size."""


@keras.saving.register_keras_serializable("mgpe_tf")
class PlainBlock(Composite):
    """x + conv3x3(leaky_relu(conv3x3(leaky_relu(x)))), which begins as the identity and needs no normalisation.

    Args:
      filters: channels of input and output.
    """

    def __init__(self, filters: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.filters = filters
        self.inner = Conv(filters, 3, pad=1, name="inner")
        self.outer = Conv(filters, 3, pad=1, kernel_initializer="zeros", name="outer")

    def call(self, x: Tensor) -> Tensor:
        """[B, H, W, filters] -> the same shape."""
        y = self.inner(activate(x, "leaky_relu"))
        return x + self.outer(activate(y, "leaky_relu"))

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), "filters": self.filters}


@keras.saving.register_keras_serializable("mgpe_tf")
class NoiseInput(keras.layers.Layer):
    """Adds noise, by a learnt factor per channel that begins at 0: something to make strands and pores of (Karras et
    al. 2019, "A style-based generator architecture for generative adversarial networks")."""

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Adds the factors."""
        self.scale = self.add_weight(name="scale", shape=(input_shape[-1],), initializer="zeros")

    def call(self, x: Tensor, noise: Tensor) -> Tensor:
        """[B, H, W, C] and standard normal [B or 1, H, W, 1] -> [B, H, W, C]."""
        return x + self.scale * ops.cast(noise, x.dtype)


@keras.saving.register_keras_serializable("mgpe_tf")
class Completion(keras.Model):
    """A U-Net at half the size and below, and two convolutions at full size. Untrained, it lays what is carried over
    what is generated.

    Sizes are doubled by bilinear resizing alone: a pixel shuffle has a kernel for each of its four places, of which an
    adversary makes grids.

    Args:
      filters: of the encoder's stages, the first at half the size, each further one at half the size of the one before.
      blocks: residual blocks of each of them, in the encoder and, but for the smallest, in the decoder.

    Raises:
      UserError: other numbers of filters than of blocks, or no stage.

    Examples:
      >>> picture, blend = Completion()(generated, carried, known, mask)
    """

    def __init__(
        self,
        filters: Sequence[int] = (24, 48, 96, 128),
        blocks: Sequence[int] = (1, 1, 1, 2),
        name: str = "completion",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **{"autocast": False, **kwargs})  # half precision is too little for pixels
        check_completion_stages(filters, blocks)
        self.filters, self.blocks = tuple(filters), tuple(blocks)
        self.down = [Conv(f, 3, 2 if i else 1, pad=1, name=f"down_{i}") for i, f in enumerate(filters)]
        self.work = [
            [PlainBlock(f, name=f"down_{i}_block_{n}") for n in range(count)]
            for i, (f, count) in enumerate(zip(filters, blocks))
        ]
        shallower = list(range(len(filters) - 1))[::-1]
        self.up = [Conv(filters[i], 3, pad=1, name=f"up_{i}") for i in shallower]
        self.noise = [NoiseInput(name=f"noise_{i}") for i in shallower]
        self.rework = [[PlainBlock(filters[i], name=f"up_{i}_block_{n}") for n in range(blocks[i])] for i in shallower]
        self.narrow = Conv(FINE, 3, pad=1, name="narrow")
        self.fine = Conv(FINE, 3, pad=1, name="fine")
        self.head = Conv(4, 3, pad=1, kernel_initializer="zeros", name="head")

    def call(
        self, generated: Tensor, carried: Tensor, known: Tensor, mask: Tensor, noise: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """The completed portrait.

        Args:
          generated: what G makes of the mask, float [B, R, R, 3] in [-1, 1].
          carried: the same of what is carried.
          known: how far that can be shown, float [B, R, R, 1] in [0, 1].
          mask: integer [B, R, R] Helen ids.
          noise: standard normal [B, R / 2, R / 2, 1]; None for the same numbers each time.

        Returns:
          The portrait [B, R, R, 3], and how much of it is carried, [B, R, R, 1], never more than ``known``.
        """
        check_size(generated.shape[1:3], len(self.filters))
        together = known * carried + (1 - known) * generated
        pixels = ops.cast(ops.concatenate([together, generated, known], axis=-1), self.compute_dtype)
        x = self.shuffled(pixels, mask)
        noise = fixed_noise(generated.shape[1] // 2) if noise is None else noise
        x = self.decode(self.encode(x), noise)
        x = _doubled(activate(self.narrow(x), "leaky_relu"))
        x = activate(self.fine(ops.concatenate([x, pixels], axis=-1)), "leaky_relu")
        change, doubt = ops.split(ops.cast(self.head(x), keras.config.floatx()), (3,), axis=-1)
        blend = known * ops.sigmoid(SURE - doubt)
        return blend * carried + (1 - blend) * (generated + change), blend

    def shuffled(self, pixels: Tensor, mask: Tensor) -> Tensor:
        """Pixels [B, R, R, 7] and what places of 2x2 pixels hold of each class -> [B, R / 2, R / 2, 28 + 11]."""
        classes = ops.average_pool(one_hot_mask(mask, self.compute_dtype), 2, 2, data_format="channels_last")
        return ops.concatenate([space_to_depth(pixels, 2), classes], axis=-1)

    def encode(self, x: Tensor) -> list[Tensor]:
        """The maps of the encoder's stages, the largest first."""
        maps = []
        for stage, blocks in zip(self.down, self.work):
            x = stage(x)
            for block in blocks:
                x = block(x)
            maps.append(x)
        return maps

    def decode(self, maps: Sequence[Tensor], noise: Tensor) -> Tensor:
        """The maps of ``encode`` and noise of the largest one's size -> a map of that size."""
        *larger, x = maps
        for stage, noisy, blocks in zip(self.up, self.noise, self.rework):
            beside = larger.pop()
            x = beside + _doubled(stage(activate(x, "leaky_relu")))
            x = noisy(x, _shrunk(noise, noise.shape[1] // x.shape[1]))
            for block in blocks:
                x = block(x)
        return x

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), "filters": self.filters, "blocks": self.blocks}

    def built_for(self, resolution: int) -> Completion:
        """The same network, with its variables made."""
        image = keras.KerasTensor((1, resolution, resolution, 3))
        self(image, image, image[..., :1], keras.KerasTensor((1, resolution, resolution), dtype="int32"))
        return self


def fixed_noise(size: int) -> Tensor:
    """Standard normal [1, size, size, 1], the same each time."""
    return ops.convert_to_tensor(np.random.default_rng(0).standard_normal((1, size, size, 1)).astype(np.float32))


def _doubled(x: Tensor) -> Tensor:
    height, width = x.shape[1:3]
    return ops.image.resize(x, (2 * height, 2 * width), interpolation="bilinear", data_format="channels_last")


def _shrunk(noise: Tensor, times: int) -> Tensor:
    """Means over places of times x times pixels, times `times`, so that noise stays standard normal."""
    return noise if times == 1 else ops.average_pool(noise, times, times, data_format="channels_last") * times
