"""E_local and G_local: one auto-encoder for each face component, and the decoder of its embedding to a feature map
(paper section 3.1, "local embedding sub-network")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from mgpe_tf import geometry
from mgpe_tf.config import GeneratorConfig
from mgpe_tf.geometry import Component
from mgpe_tf.networks.blocks import Composite, ConvBlock, ImageHead, UpBlock
from mgpe_tf.ops.tensor import Tensor


@keras.saving.register_keras_serializable("mgpe_tf")
class ComponentEncoder(Composite):
    """E_local^i: a component's crop -> mean and log variance of its embedding.

    Args:
      filters: filters of the stages (see ``ComponentConfig.encoder``).
      embedding_dim: length of the embedding.
      head_units: hidden units of the heads; 0 for a single linear layer.
      stem: factor of the patch convolution before the stages; 1 for none.
      variational: also predict a log variance.
      momentum: of the normalisation's moving statistics.
      unit: scale the mean to a root mean square of 1 (see ``unit_rms``).
    """

    def __init__(
        self,
        filters: Sequence[int],
        embedding_dim: int = 512,
        head_units: int = 1024,
        stem: int = 1,
        variational: bool = True,
        momentum: float = 0.1,
        unit: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.options: dict[str, Any] = dict(
            filters=tuple(filters),
            embedding_dim=embedding_dim,
            head_units=head_units,
            stem=stem,
            variational=variational,
            momentum=momentum,
            unit=unit,
        )
        self.stages = []
        if stem > 1:
            self.stages.append(ConvBlock(filters[0], stem, stem, momentum=momentum, name="stem"))
        for i, f in enumerate(filters):
            kernel, stride = (3, 1) if stem > 1 and i == 0 else (4, 2)
            self.stages.append(ConvBlock(f, kernel, stride, pad=1, momentum=momentum, name=f"conv_{i}"))
        self.mean = self._head("mean")
        self.log_variance = self._head("log_variance") if variational else None

    def _head(self, name: str) -> keras.Sequential:
        hidden = self.options["head_units"]
        layers = [keras.layers.Dense(hidden, activation="relu", name="hidden")] if hidden else []
        layers.append(keras.layers.Dense(self.options["embedding_dim"], name="out"))
        return keras.Sequential(layers, name=name)

    def call(self, crops: Tensor, training: bool = False) -> tuple[Tensor, Tensor | None]:
        """Crops [B, h, w, 3] in [-1, 1] -> (mean [B, E], log variance [B, E] or None)."""
        x = crops
        for stage in self.stages:
            x = stage(x, training=training)
        x = ops.reshape(x, (ops.shape(x)[0], -1))
        mean = unit_rms(self.mean(x)) if self.options["unit"] else self.mean(x)
        return mean, None if self.log_variance is None else self.log_variance(x)

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), **self.options}


def unit_rms(x: Tensor) -> Tensor:
    """Vectors along the last axis, scaled to a root mean square of 1 (the pixel norm of Karras et al. 2018).

    It bounds what one rare colour can make of a single place of a decoded map (docs/explanation/experiments.md has the
    figures).
    """
    exact = ops.cast(x, keras.config.floatx())
    return ops.cast(exact * ops.rsqrt(ops.mean(ops.square(exact), axis=-1, keepdims=True) + 1e-8), x.dtype)


@keras.saving.register_keras_serializable("mgpe_tf")
class ComponentDecoder(Composite):
    """A component's embedding or map -> a larger map, or its crop.

    Args:
      filters: filters of the stages, each doubling the size.
      base: (height, width, channels) of the smallest map, which a linear layer makes of the embedding; None when the
        input is a map already.
      image_scale: factor by which a final image head enlarges the map into a picture; 0 to return the map.
      upsampling, momentum: see ``UpBlock``.
      use_bias: of the linear layer (the official eye decoders have none).
      unit: scale every vector of the smallest map to a root mean square of 1 (see ``unit_rms``).
    """

    def __init__(
        self,
        filters: Sequence[int],
        base: Sequence[int] | None = None,
        image_scale: int = 0,
        upsampling: str = "transposed",
        momentum: float = 0.1,
        use_bias: bool = True,
        unit: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.options: dict[str, Any] = dict(
            filters=tuple(filters),
            base=base and tuple(base),
            image_scale=image_scale,
            upsampling=upsampling,
            momentum=momentum,
            use_bias=use_bias,
            unit=unit,
        )
        self.dense = None
        if base:
            self.dense = keras.layers.Dense(base[0] * base[1] * base[2], use_bias=use_bias, name="dense")
        self.stages = [UpBlock(f, upsampling, momentum=momentum, name=f"up_{i}") for i, f in enumerate(filters)]
        self.head = ImageHead(5, image_scale, name="head") if image_scale else None

    def call(self, x: Tensor, training: bool = False) -> Tensor:
        """Embeddings [B, E] or maps [B, h, w, C] -> maps [B, H, W, filters[-1]] or crops [B, H, W, 3] in [-1, 1]."""
        if self.dense is not None:
            x = ops.reshape(self.dense(x), (-1, *self.options["base"]))
            x = unit_rms(x) if self.options["unit"] else x
        for stage in self.stages:
            x = stage(x, training=training)
        return x if self.head is None else self.head(x)

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), **self.options}


class ComponentAutoEncoder:
    """E_local^i, G_local^i and the feature decoder of one component: three layers that belong together.

    Args:
      component: which (``geometry.Component``).
      config: the networks of the generator's side; they fit (``config_check.check_generator``).
      resolution: size of the portrait in pixels.

    Attributes:
      name: the component's name.
      encoder: the layer from crops to embeddings.
      feature_decoder: from embeddings to feature maps.
      image_decoder: from feature maps, or embeddings, to crops.
      size: (height, width) of the crop.
      feature_size: (height, width) of the feature map, at 1/grid of the portrait.
    """

    def __init__(self, component: Component, config: GeneratorConfig, resolution: int) -> None:
        self.name = component.name
        widths = getattr(config, "eye" if component.name.endswith("eye") else component.name)
        self.size = geometry.crop_size(component, resolution)
        self.feature_size = _divided(self.size, config.grid)
        common: dict[str, Any] = dict(upsampling=config.upsampling, momentum=config.component_momentum)
        dense: dict[str, Any] = dict(use_bias=not component.name.endswith("eye"), unit=config.unit_latents)
        channels = widths.encoder[-1]
        self.encoder = ComponentEncoder(
            widths.encoder,
            config.embedding_dim,
            config.head_units,
            config.stem,
            config.variational,
            config.component_momentum,
            config.unit_latents,
            name=f"{self.name}_encoder",
        )
        base = _divided(self.feature_size, 2 ** len(widths.feature))
        self.feature_decoder = ComponentDecoder(
            widths.feature, (*base, channels), name=f"{self.name}_feature_decoder", **common, **dense
        )
        if config.shared_decoder:
            scale = config.grid // 2 ** len(widths.image)
            self.image_decoder = ComponentDecoder(
                widths.image, None, scale, name=f"{self.name}_image_decoder", **common
            )
        else:
            base = _divided(self.size, 2 ** len(widths.image))
            self.image_decoder = ComponentDecoder(
                widths.image, (*base, channels), 1, name=f"{self.name}_image_decoder", **common, **dense
            )
        self.shared_decoder = config.shared_decoder

    def encode(self, crops: Tensor, training: bool = False) -> tuple[Tensor, Tensor | None]:
        """Crops [B, h, w, 3] -> (mean [B, E], log variance [B, E] or None)."""
        mean, log_variance = self.encoder(crops, training=training)
        return mean, log_variance

    def decode(self, embeddings: Tensor, training: bool = False) -> Tensor:
        """Embeddings [B, E] -> feature maps [B, h/grid, w/grid, C]."""
        return self.feature_decoder(embeddings, training=training)

    def reconstruct(self, embeddings: Tensor, features: Tensor, training: bool = False) -> Tensor:
        """Embeddings and the feature maps decoded from them -> crops [B, h, w, 3]."""
        return self.image_decoder(features if self.shared_decoder else embeddings, training=training)


def _divided(size: tuple[int, int], factor: int) -> tuple[int, int]:
    return size[0] // factor, size[1] // factor
