"""BicycleGAN's objective (Zhu et al. 2017): a cVAE-GAN, which encodes a portrait and draws it again, and a cLR-GAN,
which draws one of a random code and finds the code again."""

from __future__ import annotations

import keras
from keras import ops

from mgpe_tf import losses
from mgpe_tf.config import Config
from mgpe_tf.config_check import check_baseline
from mgpe_tf.networks.bicyclegan import BicycleGenerator
from mgpe_tf.objectives.baseline import BaselineObjective
from mgpe_tf.objectives.editor import prepared
from mgpe_tf.ops.tensor import Tensor


class BicycleGANObjective(BaselineObjective):
    """See ``BaselineObjective``. D is the discriminator of the cVAE-GAN, D2 that of the cLR-GAN.

    Each step takes all of a batch through both, where the authors' code halves it.
    """

    discriminators = ("D", "D2")

    def __init__(self, config: Config):
        super().__init__(config)
        self.noise = (2, config.baseline.code_dim)

    @staticmethod
    def build(config: Config) -> BicycleGenerator:
        """See ``BaselineObjective.build``."""
        size, options = config.data.resolution, config.baseline
        check_baseline(config)
        network = BicycleGenerator(options.filters, options.encoder, options.code_dim)
        network(keras.KerasTensor((1, size, size), dtype="int32"), keras.KerasTensor((1, size, size, 3)))
        return network

    def losses(self, kind: str, batch: dict) -> tuple[dict, dict]:
        """L_G = lambda_GD (L_GAN^VAE + L_GAN^LR) + lambda_global L_1^VAE + lambda_latent L_1^latent + lambda_KL L_KL,
        L_GAN^LR being the paper's L_GAN. As there, L_1^latent teaches G alone, lest E help to hide codes in
        pictures."""
        config = self.config
        batch = prepared(batch, config.label_enlargement)
        generator, noise, code = self.networks["generator"], batch["noise"][:, 0], batch["noise"][:, 1]
        encoded = generator(batch["condition"], batch["target_image"], noise, training=True)
        drawn = generator.draw(batch["condition"], code, training=True)
        terms = {
            "L_1_VAE": losses.global_loss(encoded["image"], batch["target_image"], config),
            "L_KL": losses.kl_loss(encoded["mean"], encoded["log_variance"]),
            "L_1_latent": losses.absolute_distance(held_fixed(generator.encoder, drawn)[0], code),
        }
        totals = {}
        for name, symbol, image in (("D", "VAE", encoded["image"]), ("D2", "LR", drawn)):
            (_, real), (_, fake) = (self.judge(name, batch, x) for x in (batch["target_image"], image))
            terms[f"L_GAN_{symbol}"] = losses.adversarial_loss(fake, config.gan)
            totals[name] = terms[f"L_D_{symbol}"] = sum(losses.discriminator_loss(real, fake, config.gan))
        terms["L_G"] = (
            config.adversarial * (terms["L_GAN_VAE"] + terms["L_GAN_LR"])
            + config.global_ * terms["L_1_VAE"]
            + config.latent * terms["L_1_latent"]
            + config.kl * terms["L_KL"]
        )
        return {"generator": terms["L_G"], **totals}, terms


def held_fixed(network: keras.layers.Layer, inputs: Tensor) -> Tensor:
    """The output of a network in training, while its weights get no gradient and its statistics stay."""
    with keras.StatelessScope([(v, ops.stop_gradient(v.value)) for v in network.variables]):
        return network(inputs, training=True)
