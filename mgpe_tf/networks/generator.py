"""G(x_s, m_s, x_t, m_t): the sub-networks of the generator's side composed (paper section 3.1, figure 2)."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from mgpe_tf.config import GeneratorConfig, config_from_dict, config_to_dict
from mgpe_tf.config_check import check_generator
from mgpe_tf.geometry import COMPONENTS
from mgpe_tf.labels import BACKGROUND
from mgpe_tf.networks.background import BackgroundEncoder, FusionDecoder
from mgpe_tf.networks.foreground import ForegroundGenerator, MaskEncoder
from mgpe_tf.networks.local_embedding import ComponentAutoEncoder
from mgpe_tf.ops.centres import component_centres
from mgpe_tf.ops.crop import crop
from mgpe_tf.ops.membership import component_mask
from mgpe_tf.ops.one_hot import one_hot_mask
from mgpe_tf.ops.pixel_shuffle import space_to_depth
from mgpe_tf.ops.place import place
from mgpe_tf.ops.tensor import Tensor


@keras.saving.register_keras_serializable("mgpe_tf")
class PortraitGenerator(keras.Model):
    """Appearance of x_s, shape m_t, background of x_t.

    Images are float [B, R, R, 3] in [-1, 1], masks integer [B, R, R] Helen ids. The three stages can be run apart:
    ``embed`` (once per source), ``decode`` (once per embedding) and ``render`` (once per mask).

    Args:
      config: the networks (``GeneratorConfig``, or the dict that ``get_config`` returns).
      resolution: R, in pixels.

    Raises:
      UserError: the sizes in ``config`` do not fit each other or the resolution.
    """

    def __init__(
        self, config: GeneratorConfig | dict[str, Any], resolution: int = 256, name: str = "generator", **kwargs: Any
    ) -> None:
        super().__init__(name=name, **kwargs)
        if isinstance(config, dict):
            config = config_from_dict(config, GeneratorConfig)
        check_generator(config, resolution)
        self.config, self.resolution = config, resolution
        self.components = [ComponentAutoEncoder(c, config, resolution) for c in COMPONENTS]
        self.encoders = [c.encoder for c in self.components]
        self.feature_decoders = [c.feature_decoder for c in self.components]
        self.image_decoders = [c.image_decoder for c in self.components]
        self.mask_encoder = MaskEncoder(config.mask, config.stem, name="mask_encoder")
        self.foreground = ForegroundGenerator(
            config.width,
            config.blocks,
            config.foreground,
            config.upsampling,
            min(len(config.mask) - 1, len(config.foreground)) if config.skips else 0,
            name="foreground",
        )
        fusion = dict(kernel_size=config.fusion_kernel, scale=config.fusion_scale)
        self.background_encoder = (
            BackgroundEncoder(config.background, name="background_encoder", **fusion) if config.background else None
        )
        self.fusion = FusionDecoder(config.foreground[-1], adds=config.skips, name="fusion", **fusion)

    def call(
        self,
        source_image: Tensor,
        source_mask: Tensor,
        target_image: Tensor,
        target_mask: Tensor,
        noise: Tensor | None = None,
        training: bool = False,
    ) -> dict[str, Any]:
        """The full forward pass of a training step.

        Args:
          source_image, source_mask: x_s and m_s.
          target_image, target_mask: x_t and m_t (labels already enlarged, if they are to be).
          noise: standard normal [B, 5, E] for variational embeddings; None takes the means.
          training: use batch statistics.

        Returns:
          what ``auto_encode`` gives, and "image" [B, R, R, 3].
        """
        found = self.auto_encode(source_image, source_mask, noise, training)
        return {**found, "image": self.render(found["features"], target_image, target_mask, training)}

    def auto_encode(
        self, image: Tensor, mask: Tensor, noise: Tensor | None = None, training: bool = False
    ) -> dict[str, dict[str, Tensor]]:
        """The components of a portrait, coded and decoded; arguments as for ``call``.

        Returns:
          dict of "crops" and "reconstructions", dicts by component name of [B, h, w, 3], and of the "features" that
          ``render`` generates from.
        """
        crops = self.crops(image, mask)
        embeddings = self.embed(crops, noise, training)
        features = self.decode(embeddings, training)
        reconstructions = {
            c.name: c.reconstruct(embeddings[c.name], features[c.name], training) for c in self.components
        }
        return {"crops": crops, "features": features, "reconstructions": reconstructions}

    def generate(self, source_image: Tensor, source_mask: Tensor, target_image: Tensor, target_mask: Tensor) -> Tensor:
        """G(x_s, m_s, x_t, m_t) as the paper writes it, at inference: -> image [B, R, R, 3]."""
        embeddings = self.embed(self.crops(source_image, source_mask))
        return self.render(self.decode(embeddings), target_image, target_mask)

    def crops(self, image: Tensor, mask: Tensor) -> dict[str, Tensor]:
        """Component crops of an image by its mask: dict by component name of [B, h, w, 3]."""
        image = ops.cast(image, self.compute_dtype)
        result = {}
        for component, network in zip(COMPONENTS, self.components):
            pixels = image * component_mask(mask, component, image.dtype) if component.masked else image
            if not component.whole:
                pixels = crop(pixels, component_centres(mask, component), network.size)
            result[component.name] = pixels
        return result

    def embed(self, crops: dict[str, Tensor], noise: Tensor | None = None, training: bool = False) -> dict[str, Tensor]:
        """Crops -> embeddings, dict by component name of [B, E]: mean + exp(log variance / 2) * noise, or the mean."""
        result = {}
        for i, network in enumerate(self.components):
            mean, log_variance = network.encode(crops[network.name], training)
            if noise is not None and log_variance is not None:
                mean = mean + ops.exp(log_variance / 2) * ops.cast(noise[:, i], mean.dtype)
            result[network.name] = mean
        return result

    def decode(self, embeddings: dict[str, Tensor], training: bool = False) -> dict[str, Tensor]:
        """Embeddings -> component feature maps, dict by component name of [B, h/grid, w/grid, C]."""
        return {c.name: c.decode(embeddings[c.name], training) for c in self.components}

    def render(
        self,
        features: dict[str, Tensor],
        target_image: Tensor,
        target_mask: Tensor,
        training: bool = False,
        background: Tensor | None = None,
    ) -> Tensor:
        """Component features, x_t and m_t -> image: E_m, placement, G_m, E_b and G_b.

        `background` is what ``encode_background`` gave for x_t, if it is at hand.
        """
        *larger, mask_feature = self.mask_maps(target_mask, training)
        foreground = self.foreground(
            [mask_feature, *self.placed(features, target_mask)], larger[::-1], training=training
        )
        return self.fuse(foreground, target_image, target_mask, training, background)

    def encode_background(self, target_image: Tensor) -> Tensor | None:
        """The part of E_b's feature of x_t that holds for any mask, to be kept for other masks; None where it depends
        on the mask, and where there is no E_b."""
        if self.background_encoder is None:
            return None
        return self.background_encoder.encode(ops.cast(target_image, self.compute_dtype))

    def mask_maps(self, mask: Tensor, training: bool = False) -> list[Tensor]:
        """E_m's maps of the mask; the last and smallest, [B, R/grid, R/grid, C], is its feature."""
        maps: list[Tensor] = self.mask_encoder(one_hot_mask(mask, self.compute_dtype), training=training)
        return maps

    def placed(self, features: dict[str, Tensor], mask: Tensor) -> list[Tensor]:
        """Each component's feature at its place: list of [B, R/grid, R/grid, C]."""
        grid, maps = self.config.grid, []
        for component in COMPONENTS:
            feature = features[component.name]
            if not component.whole:
                # floor(centre / grid + 1/2) in integers.
                centres = (2 * component_centres(mask, component) + grid) // (2 * grid)
                feature = place(feature, centres, (self.resolution // grid,) * 2)
            maps.append(feature)
        return maps

    def fuse(
        self,
        foreground: Tensor,
        target_image: Tensor,
        target_mask: Tensor,
        training: bool = False,
        background: Tensor | None = None,
    ) -> Tensor:
        """Foreground feature and the background of x_t -> image [B, R, R, 3], float32."""
        maps = self.fused_maps(foreground, target_image, target_mask, training, background)
        generated = ops.cast(self.fusion(maps), keras.config.floatx())
        if self.config.background and not self.config.skips:
            return generated
        outside = ops.cast(_outside(target_mask), generated.dtype)
        visible = ops.cast(target_image, generated.dtype) * outside
        if not self.config.background:
            generated = generated * (1 - outside)
        # In training, what is out of range must still have a gradient.
        return generated + visible if training else ops.clip(generated + visible, -1, 1)

    def fused_maps(
        self,
        foreground: Tensor,
        target_image: Tensor,
        target_mask: Tensor,
        training: bool = False,
        background: Tensor | None = None,
    ) -> list[Tensor]:
        """The maps that G_b fuses: the foreground's feature, that of the background if there is an E_b, and with
        `skips` the mask; list of [B, h, w, C]."""
        image, maps = ops.cast(target_image, self.compute_dtype), [foreground]
        if self.background_encoder is not None:
            outside = ops.cast(_outside(target_mask), image.dtype)
            maps.append(self.background_encoder(image, outside, training=training, encoded=background))
        if self.config.skips:
            maps.append(space_to_depth(one_hot_mask(target_mask, image.dtype), self.config.fusion_scale))
        return maps

    def build_from_config(self, config: dict[str, Any] | None = None) -> None:
        """Creates the variables without data; Keras calls it when it reads a .keras file."""
        size = self.resolution
        image, mask = keras.KerasTensor((1, size, size, 3)), keras.KerasTensor((1, size, size), dtype="int32")
        self(image, mask, image, mask)

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments, the networks as nested dicts."""
        return {**super().get_config(), "config": config_to_dict(self.config), "resolution": self.resolution}


def _outside(mask: Tensor) -> Tensor:
    return ops.equal(mask, BACKGROUND)[..., None]
