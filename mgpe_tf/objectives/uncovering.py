"""The objective of what a portrait looks like behind hair: another's hair, with its shadow, is laid over a portrait,
and what it covers is to be told."""

from __future__ import annotations

from typing import NamedTuple

import keras
import numpy as np
from keras import ops

from mgpe_tf import losses
from mgpe_tf.config import Config
from mgpe_tf.config_check import check_uncovering
from mgpe_tf.labels import NUM_PARTS, PARTIAL_TO_HELEN, PARTS, UNLABELLED
from mgpe_tf.metrics.image import psnr
from mgpe_tf.networks.uncovering import Uncovering
from mgpe_tf.objectives.objective import Objective
from mgpe_tf.ops.blur import gaussian_blur
from mgpe_tf.ops.holes import filled, grown
from mgpe_tf.ops.images import to_float
from mgpe_tf.ops.membership import among
from mgpe_tf.ops.one_hot import class_shares
from mgpe_tf.ops.tensor import Tensor

HAIR = PARTS["hair"]

BODY = tuple(PARTS[name] for name in ("skin", "nose", "l_eye", "r_eye", "l_brow", "r_brow", "l_ear", "r_ear", "neck"))
"""Parts of skin and features."""

CLOTHES = PARTS["cloth"]
"""Clothes, of which the network is asked, too."""

OTHER = 0.1
"""Weight of all other parts, and of what is seen, against these."""

FRINGE = 5
"""Pixels at 256x256 around hair that are not seen either: strands reach there."""

DARKEST = 0.5
"""Share of the light that hair's shadow takes at the most."""

SHADE = 8
"""Standard deviation in pixels at 256x256 of the shadow's border."""


class Covered(NamedTuple):
    """Portraits under another's hair, float [B, R, R, C].

    Attributes:
      images: in [-1, 1], with the hair's shadow.
      known: 1 where they are seen.
      shares: of the parts, as if there were none of this hair.
      weights: of what is to be told.
    """

    images: Tensor
    known: Tensor
    shares: Tensor
    weights: Tensor


class UncoveringObjective(Objective):
    """See the module.

    Args:
      config: the experiment.

    Raises:
      UserError: sizes that do not fit; the message names the field.
    """

    product = "uncovering"
    noise = (1,)

    def __init__(self, config: Config):
        self.config = config.loss
        self.networks = {"uncovering": self.build(config)}

    @staticmethod
    def build(config: Config) -> Uncovering:
        """A built network; UserError for sizes that do not fit."""
        check_uncovering(config)
        return Uncovering(config.uncovering.filters).built_for(config.data.resolution)

    def losses(self, kind: str, batch: dict) -> tuple[dict, dict]:
        """lambda_global L_global + lambda_SSIM L_SSIM of what the hair of the portrait before covers."""
        covered, target = _covered(batch, batch["noise"]), to_float(batch["target_image"])
        image = self.networks["uncovering"](*covered[:3])
        weights = covered.weights / ops.maximum(ops.mean(covered.weights), 1e-3)
        terms = {
            "L_global": losses.global_loss(image, target, self.config, weights),
            "L_SSIM": losses.structure_loss(image, target, weights),
        }
        total = self.config.global_ * terms["L_global"] + self.config.structure * terms["L_SSIM"]
        return {"uncovering": total}, terms

    def validation(self, product: Uncovering, batch: dict) -> dict:
        """PSNR in dB of what is covered of face, ears and neck, the mean absolute error of what is of clothes, and both
        of smooth fillings."""
        covered, target = _covered(batch, _middle(batch)), to_float(batch["target_image"])
        wanted = ops.cast(covered.weights == 1, keras.config.floatx())
        clothes = wanted * covered.shares[..., CLOTHES, None]
        image, smooth = product(*covered[:3]), filled(covered.images, covered.known)
        return {
            "psnr_hidden": psnr(image, target, wanted - clothes),
            "psnr_hidden_filled": psnr(smooth, target, wanted - clothes),
            "l1_hidden_clothes": _mean(ops.abs(image - target), clothes),
            "l1_hidden_clothes_filled": _mean(ops.abs(smooth - target), clothes),
        }

    def pictures(self, product: Uncovering, batch: dict) -> dict:
        """The portrait, what is seen of it, its parts in Helen's classes, what the network makes of that, and it where
        it was hidden."""
        covered, target = _covered(batch, _middle(batch)), to_float(batch["target_image"])
        image = ops.clip(product(*covered[:3]), -1, 1)
        table = ops.convert_to_tensor(PARTIAL_TO_HELEN, "int32")
        return {
            "x": target,
            "seen": covered.known * covered.images,
            "m": ops.take(table, ops.cast(batch["target_mask"], "int32")),
            "uncovered": image,
            "together": covered.known * covered.images + (1 - covered.known) * image,
        }


def _covered(batch: dict, noise: Tensor) -> Covered:
    """Portraits under the hair of the portrait before each, whose shadow is as dark as normal numbers [B, 1] say.

    Of their own hair nothing is seen either, and nothing told.
    """
    mask = ops.cast(batch["target_mask"], "int32")
    scale = mask.shape[1] / 256
    own = ops.cast(mask == HAIR, "float32")[..., None]
    others = ops.cast(ops.roll(mask, 1, axis=0) == HAIR, "float32")[..., None]
    hidden = grown(ops.maximum(own, others), FRINGE * scale)
    shade = gaussian_blur(others, 2 * round(2 * SHADE * scale) + 1, SHADE * scale)
    dark = DARKEST * ops.sigmoid(2 * noise)[:, :, None, None]
    images = (to_float(batch["target_image"]) + 1) * (1 - dark * shade) - 1
    told = ops.cast(mask != UNLABELLED, "float32")[..., None] * (1 - own)
    important = hidden * ops.cast(among(mask, (*BODY, CLOTHES)), "float32")[..., None]
    shares = class_shares(ops.where(mask == HAIR, UNLABELLED, mask), mask.shape[1], NUM_PARTS)
    return Covered(images, 1 - hidden, shares, told * ops.maximum(important, OTHER))


def _mean(values: Tensor, weights: Tensor) -> Tensor:
    """The mean over all pixels, [B, H, W, 3] by [B, H, W, 1]; 0 without any weight."""
    return ops.sum(ops.mean(values, axis=-1, keepdims=True) * weights) / ops.maximum(ops.sum(weights), 1.0)


def _middle(batch: dict) -> Tensor:
    """The same shadow over all portraits."""
    return np.zeros((batch["target_mask"].shape[0], 1), np.float32)
