"""The base of the objectives of the methods that the paper compares with."""

from __future__ import annotations

import keras
from keras import ops

from mgpe_tf import losses
from mgpe_tf.config import Config
from mgpe_tf.metrics.image import psnr
from mgpe_tf.networks.baseline import Baseline
from mgpe_tf.objectives.editor import build_discriminator, drawn_pictures, prepared
from mgpe_tf.objectives.objective import Objective
from mgpe_tf.ops.one_hot import one_hot_mask
from mgpe_tf.ops.tensor import Tensor


class BaselineObjective(Objective):
    """Of a generator of a portrait from its mask, and of discriminators that see both.

    Args:
      config: the experiment.

    Raises:
      UserError: sizes that do not fit; the message names the field.
    """

    product = "generator"
    discriminators: tuple[str, ...] = ("D",)

    def __init__(self, config: Config):
        self.config = config.loss
        self.networks = {
            "generator": self.build(config),
            **{name: build_discriminator(config, name) for name in self.discriminators},
        }

    def judge(self, name: str, batch: dict, image: Tensor) -> tuple[list, list]:
        """The outputs of a discriminator for an image on m_t: the maps of all scales and stages, and the scores by
        scale."""
        outputs = self.networks[name].maps(one_hot_mask(batch["condition"]), image, training=True)
        return [m for *maps, _ in outputs for m in maps], [scores for *_, scores in outputs]

    def validation(self, product: Baseline, batch: dict) -> dict:
        """L_global and PSNR (dB, over all pixels and over the foreground) of the reconstructed portrait."""
        batch = prepared(batch, self.config.label_enlargement)
        target, mask = batch["target_image"], batch["target_mask"]
        image = product.generate(target, mask, target, batch["condition"])
        foreground = ops.cast(mask > 0, keras.config.floatx())[..., None]
        return {
            "L_global": losses.global_loss(image, target, self.config),
            "psnr": psnr(image, target),
            "psnr_foreground": psnr(image, target, foreground),
        }

    def pictures(self, product: Baseline, batch: dict) -> dict:
        """See ``drawn_pictures``."""
        return drawn_pictures(product, batch, self.config.label_enlargement)
