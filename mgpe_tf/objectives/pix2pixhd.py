"""pix2pixHD's objective (Wang et al. 2018), without instance maps and without the features of a VGG network."""

from __future__ import annotations

import keras

from mgpe_tf import losses
from mgpe_tf.config import Config
from mgpe_tf.config_check import check_baseline
from mgpe_tf.networks.pix2pixhd import GlobalGenerator
from mgpe_tf.objectives.baseline import BaselineObjective
from mgpe_tf.objectives.editor import prepared


class Pix2PixHDObjective(BaselineObjective):
    """See ``BaselineObjective``."""

    @staticmethod
    def build(config: Config) -> GlobalGenerator:
        """See ``BaselineObjective.build``."""
        size, options = config.data.resolution, config.baseline
        check_baseline(config)
        network = GlobalGenerator(options.filters, options.blocks)
        network(keras.KerasTensor((1, size, size), dtype="int32"))
        return network

    def losses(self, kind: str, batch: dict) -> tuple[dict, dict]:
        """L_G = lambda_GD (L_GAN + lambda_FM L_FM) + lambda_global L_global, sums over the scales of D and, in L_FM,
        over all its stages; L_global, the distance of the pixels, has a weight of 0 in the paper."""
        config = self.config
        batch = prepared(batch, config.label_enlargement)
        image = self.networks["generator"](batch["condition"], training=True)
        real_maps, real_scores = self.judge("D", batch, batch["target_image"])
        fake_maps, fake_scores = self.judge("D", batch, image)
        terms = {"L_GAN": losses.adversarial_loss(fake_scores, config.gan)}
        if config.feature_matching:
            terms["L_FM"] = losses.feature_matching_loss(real_maps, fake_maps, config.reduction, config.norm)
        if config.global_:
            terms["L_global"] = losses.global_loss(image, batch["target_image"], config)
        terms["L_G"] = config.adversarial * (
            terms["L_GAN"] + config.feature_matching * terms.get("L_FM", 0.0)
        ) + config.global_ * terms.get("L_global", 0.0)
        scales = losses.discriminator_loss(real_scores, fake_scores, config.gan)
        terms.update({f"L_D{i}": scale for i, scale in enumerate(scales, start=1)})
        return {"generator": terms["L_G"], "D": sum(scales)}, terms
