"""The editor's objective: paired and unpaired steps of the generator's side and its discriminators (paper section
3.3)."""

from __future__ import annotations

from collections.abc import Container

import keras
from keras import ops

from mgpe_tf import labels, losses
from mgpe_tf.config import Config
from mgpe_tf.geometry import COMPONENTS
from mgpe_tf.metrics.image import psnr
from mgpe_tf.networks.discriminator import MultiScaleDiscriminator
from mgpe_tf.networks.generator import PortraitGenerator
from mgpe_tf.networks.unet_parser import Parser
from mgpe_tf.objectives.objective import Objective
from mgpe_tf.ops.enlarge import enlarge_labels
from mgpe_tf.ops.images import to_float
from mgpe_tf.ops.one_hot import one_hot_mask
from mgpe_tf.ops.tensor import Tensor


class EditorObjective(Objective):
    """Losses of G and of D (paired steps) and D2 (unpaired steps).

    Args:
      config: the experiment.
      parser: the trained P_F that L_GP reads; it stays as it is.

    Raises:
      UserError: sizes that do not fit; the message names the field.
    """

    product = "generator"

    def __init__(self, config: Config, parser: Parser):
        self.config, self.parser = config.loss, parser
        self.kinds = ("paired", "unpaired") if config.training.unpaired else ("paired",)
        self.noise = (len(COMPONENTS), config.generator.embedding_dim) if config.generator.variational else ()
        parser.trainable = False
        self.frozen = (parser,)
        self.networks = {"generator": self.build(config)}
        if config.loss.adversarial:
            self.networks["D"] = build_discriminator(config, "D")
        if config.loss.adversarial and config.training.unpaired:
            self.networks["D2"] = build_discriminator(config, "D2")

    @staticmethod
    def reads(config: Config) -> tuple[str, ...]:
        """L_GP and the validation read P_F."""
        return ("parser",)

    @staticmethod
    def build(config: Config) -> PortraitGenerator:
        """See ``build_generator``."""
        return build_generator(config)

    def updates(self, kind: str) -> tuple[str, ...]:
        """Names of the networks that a "paired" or "unpaired" step updates: the generator first."""
        return ("generator", "D" if kind == "paired" else "D2") if self.config.adversarial else ("generator",)

    def losses(self, kind: str, batch: dict) -> tuple[dict, dict]:
        """Totals by network and terms by symbol.

        L_G = lambda_local L_local + lambda_global L_global + lambda_GD L_GD + lambda_GP L_GP + lambda_perc L_perc +
        lambda_SSIM L_SSIM, with L_GD = L_sigmoid + lambda_FM L_FM; in unpaired steps lambda_global = lambda_FM =
        lambda_perc = lambda_SSIM = 0 (equations 8 and 9; L_perc and L_SSIM are not of the paper). In paired steps x_s
        of the batch is x_t, or another view of it. With L_local alone no portrait is generated, and only the
        auto-encoders learn.
        """
        config, generator = self.config, self.networks["generator"]
        batch = prepared(batch, config.label_enlargement)
        found = generator.auto_encode(
            batch["source_image"], batch["source_mask"], noise=batch.get("noise"), training=True
        )
        terms, totals = {"L_local": losses.local_loss(found["crops"], found["reconstructions"], config)}, {}
        if any((config.global_, config.adversarial, config.parsing, config.perceptual, config.structure)):
            image = generator.render(found["features"], batch["target_image"], batch["condition"], training=True)
            self._of_the_image(kind, batch, image, terms)
            totals = self._adversarial(kind, batch, image, terms) if config.adversarial else {}
        terms["L_G"] = (
            config.local * terms["L_local"]
            + config.global_ * terms.get("L_global", 0.0)
            + config.adversarial * terms.get("L_GD", 0.0)
            + config.parsing * terms.get("L_GP", 0.0)
            + config.perceptual * terms.get("L_perc", 0.0)
            + config.structure * terms.get("L_SSIM", 0.0)
        )
        return {"generator": terms["L_G"], **totals}, terms

    def _of_the_image(self, kind: str, batch: dict, image: Tensor, terms: dict) -> None:
        """Adds L_global, L_SSIM, L_GP and L_perc to ``terms``."""
        config, paired = self.config, kind == "paired"
        if paired:
            weight = weight_of(labels.FEATURES, batch["target_mask"], config.detail_weight)
            terms["L_global"] = losses.global_loss(image, batch["target_image"], config, weight)
        if paired and config.structure:
            weight = weight_of(labels.FACE, batch["target_mask"], config.face_weight)
            terms["L_SSIM"] = losses.structure_loss(image, batch["target_image"], weight)
        perceptual = paired and config.perceptual
        maps = self.parser.encode(image) if config.parsing or perceptual else []
        if config.parsing:
            terms["L_GP"] = losses.parsing_loss(batch["target_mask"], self.parser.decode(maps))
        if perceptual:
            terms["L_perc"] = losses.perceptual_loss(self.parser.encode(batch["target_image"]), maps)

    def _adversarial(self, kind: str, batch: dict, image: Tensor, terms: dict) -> dict:
        """Adds L_sigmoid, L_FM, L_GD and L_D1, L_D2, ... to ``terms``; returns the discriminators' total by name."""
        config, name = self.config, self.updates(kind)[1]
        condition = one_hot_mask(batch["condition"])
        real = self.networks[name](condition, batch["target_image"], training=True)
        fake = self.networks[name](condition, image, training=True)
        (real_features, real_scores), (fake_features, fake_scores) = zip(*real), zip(*fake)
        terms["L_sigmoid"] = losses.adversarial_loss(fake_scores, config.gan)
        if kind == "paired" and config.feature_matching:
            terms["L_FM"] = losses.feature_matching_loss(real_features, fake_features, config.reduction)
        terms["L_GD"] = terms["L_sigmoid"] + config.feature_matching * terms.get("L_FM", 0.0)
        scales = losses.discriminator_loss(real_scores, fake_scores, config.gan)
        terms.update({f"L_D{i}": scale for i, scale in enumerate(scales, start=1)})
        return {name: sum(scales)}

    def validation(self, product: PortraitGenerator, batch: dict) -> dict:
        """L_local, L_global, PSNR (dB, over all pixels and over the foreground) of the reconstruction, and how well
        P_F reads m_t off reconstruction and swap: L_GP and the share of foreground pixels read as m_t has them."""
        batch = prepared(batch, self.config.label_enlargement)
        target, mask, condition = batch["target_image"], batch["target_mask"], batch["condition"]
        paired = product(target, mask, target, condition)
        swapped = product.generate(batch["source_image"], batch["source_mask"], target, condition)
        prediction, swap_prediction = self.parser(paired["image"]), self.parser(swapped)
        foreground = ops.cast(mask > 0, keras.config.floatx())[..., None]
        return {
            "L_local": losses.local_loss(paired["crops"], paired["reconstructions"], self.config),
            "L_global": losses.global_loss(paired["image"], target, self.config),
            "psnr": psnr(paired["image"], target),
            "psnr_foreground": psnr(paired["image"], target, foreground),
            "L_GP": losses.parsing_loss(mask, prediction),
            "L_GP_swap": losses.parsing_loss(mask, swap_prediction),
            "consistency": agreement(mask, prediction),
            "consistency_swap": agreement(mask, swap_prediction),
        }

    def pictures(self, product: PortraitGenerator, batch: dict) -> dict:
        """See ``drawn_pictures``."""
        return drawn_pictures(product, batch, self.config.label_enlargement)


def drawn_pictures(product: keras.Model, batch: dict, label_enlargement: float) -> dict:
    """Columns of a sample grid: target, its mask, the target reconstructed, source, and the source's appearance on the
    target's mask; `product` is anything that has ``generate``."""
    batch = prepared(batch, label_enlargement)
    target, mask, condition = batch["target_image"], batch["target_mask"], batch["condition"]
    return {
        "x_t": target,
        "m_t": mask,
        "reconstruction": product.generate(target, mask, target, condition),
        "x_s": batch["source_image"],
        "x_s on m_t": product.generate(batch["source_image"], batch["source_mask"], target, condition),
    }


def prepared(batch: dict, label_enlargement: float) -> dict:
    """The batch with float images in [-1, 1], int32 masks, and "condition": m_t with eyes and mouth enlarged."""
    result = {k: to_float(v) if k.endswith("image") else v for k, v in batch.items()}
    result.update({k: ops.cast(v, "int32") for k, v in batch.items() if k.endswith("mask")})
    result["condition"] = enlarge_labels(result["target_mask"], label_enlargement)
    return result


def weight_of(classes: Container[int], mask: Tensor, extra: float) -> Tensor | None:
    """1 + extra where the mask has one of the classes, else 1: integer [B, H, W] -> float [B, H, W, 1]; None for 0."""
    if not extra:
        return None
    table = ops.convert_to_tensor([1 + extra * (i in classes) for i in range(labels.NUM_CLASSES)], dtype="float32")
    return ops.take(table, mask)[..., None]


def agreement(mask: Tensor, logits: Tensor) -> Tensor:
    """Share of the foreground pixels of ``mask`` that P_F reads as the mask has them, in [0, 1]."""
    foreground = mask > 0
    right = ops.logical_and(ops.cast(ops.argmax(logits, axis=-1), "int32") == mask, foreground)
    return ops.sum(ops.cast(right, "float32")) / ops.maximum(ops.sum(ops.cast(foreground, "float32")), 1.0)


def build_generator(config: Config, name: str = "generator") -> PortraitGenerator:
    """A built G for the experiment's resolution."""
    network = PortraitGenerator(config.generator, config.data.resolution, name=name)
    network.build_from_config()
    return network


def build_discriminator(config: Config, name: str) -> MultiScaleDiscriminator:
    """A built set of discriminators for the experiment's resolution."""
    size = config.data.resolution
    options = config.discriminator
    network = MultiScaleDiscriminator(options.filters, options.scales, options.norm, name=name)
    network.build_from_config({"input_shape": (1, size, size, labels.NUM_CLASSES)})
    return network
