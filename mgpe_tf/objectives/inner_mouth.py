"""The objective of what is seen in a mouth that an edit opens: open mouths, of whose inside all or the lower part is
hidden, are to be completed, against a discriminator."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops

from mgpe_tf import losses
from mgpe_tf.config import Config
from mgpe_tf.config_check import check_inner_mouth
from mgpe_tf.geometry import INSIDE_OF_MOUTH, crop_size
from mgpe_tf.labels import INNER_MOUTH
from mgpe_tf.networks.inner_mouth import InnerMouth
from mgpe_tf.objectives.adversary import ALARMS, discriminator, judged
from mgpe_tf.objectives.objective import Objective
from mgpe_tf.ops.blur import gaussian_blur
from mgpe_tf.ops.centres import component_centres
from mgpe_tf.ops.crop import crop
from mgpe_tf.ops.holes import filled, grown
from mgpe_tf.ops.images import to_float
from mgpe_tf.ops.one_hot import one_hot_mask
from mgpe_tf.ops.tensor import Tensor

CLOSED, BELOW_TEETH = 0.0, 1.0
"""Normal numbers up to which, in half of the cases, nothing of the inside is known, as of a mouth that was closed, and
up to which, in a third, what lies above the first dark below the upper lip is, as of teeth that an edit leaves there.
Of the others some upper part is known."""

UPPER = (0.2, 0.9)
"""How much of the height that part has, at the least and at the most."""

LIP = 0.2
"""Depth in heights of the inside above which dark is the upper lip's shadow."""

DARK = 0.5
"""Share of a mouth's brightest place below which its inside is dark: no tooth."""

EVEN = 2.0
"""Standard deviation in pixels at 256x256 over which the teeth's edge is evened out."""

MARGIN = 1
"""Pixels at 256x256 around what is hidden that are hidden with it: lips are darker there."""

REGION = 3
"""The same of those that are judged with it."""


class Mouths(NamedTuple):
    """Crops about mouths.

    Attributes:
      images: float [B, h, w, 3] in [-1, 1].
      known: 1 where they may be seen, float [B, h, w, 1].
      classes: their masks, one-hot, float [B, h, w, 11].
    """

    images: Tensor
    known: Tensor
    classes: Tensor


class InnerMouthObjective(Objective):
    """See the module. Portraits whose mouth is closed teach nothing.

    Args:
      config: the experiment.
      trunk: the network whose maps are compared and judged; it rests.

    Raises:
      UserError: sizes that do not fit; the message names the field.
    """

    product = "inner_mouth"
    alarms = ALARMS
    noise = (3,)

    def __init__(self, config: Config, trunk: Any):
        self.config, self.maps, self.trunk = config.loss, config.inner_mouth.maps, trunk
        trunk.trainable = False
        self.frozen = (trunk,)
        self.networks = {"inner_mouth": self.build(config)}
        if config.loss.adversarial:
            size = crop_size(INSIDE_OF_MOUTH, config.data.resolution)
            self.networks["D"] = discriminator("D", size, self._maps(keras.KerasTensor((1, *size, 3))))

    @staticmethod
    def reads(config: Config) -> tuple[str, ...]:
        """The trunk."""
        return ("trunk",)

    @staticmethod
    def build(config: Config) -> InnerMouth:
        """A built network; UserError for sizes that do not fit."""
        check_inner_mouth(config)
        return InnerMouth(config.inner_mouth.filters).built_for(config.data.resolution)

    def losses(self, kind: str, batch: dict) -> tuple[dict, dict]:
        """lambda_global L_global of what is hidden + lambda_perc L_perc + lambda_GD L_GD of the whole crop."""
        config, mouths = self.config, _mouths(batch, batch["noise"])
        hidden = 1 - mouths.known
        image = self._completed(self.networks["inner_mouth"], mouths)
        maps, real_maps = self._maps(image), [ops.stop_gradient(m) for m in self._maps(mouths.images)]
        terms = {
            "L_global": losses.global_loss(image, mouths.images, config, hidden / _some(ops.mean(hidden))),
            "L_perc": losses.perceptual_loss(real_maps, maps),
        }
        total = config.global_ * terms["L_global"] + config.perceptual * terms["L_perc"]
        if not config.adversarial:
            return {"inner_mouth": total}, terms
        region = grown(hidden, REGION * batch["target_mask"].shape[1] / 256)
        verdict, minimised = judged(self.networks["D"], mouths.classes, real_maps, maps, region, config.gan)
        return {"inner_mouth": total + config.adversarial * verdict["L_GD"], "D": minimised}, {**terms, **verdict}

    def validation(self, product: InnerMouth, batch: dict) -> dict:
        """Of mouths whose inside is hidden altogether the squared error there, that of smooth fillings, and the number
        of its pixels; and L_perc."""
        mouths = _closed(batch)
        image, hidden = self._completed(product, mouths), 1 - mouths.known
        smooth = filled(mouths.images, mouths.known)
        return {
            "error": ops.sum(hidden * ops.square(image - mouths.images)) / 3,
            "error_filled": ops.sum(hidden * ops.square(smooth - mouths.images)) / 3,
            "hidden": ops.sum(hidden),
            "L_perc": losses.perceptual_loss(self._maps(mouths.images), self._maps(image)),
        }

    def scores(self, means: dict) -> dict[str, float]:
        """L_perc, and the PSNR in dB of all hidden pixels together, of the network and of smooth fillings."""
        hidden = max(float(means["hidden"]), 1.0)
        psnr = {
            f"psnr_inside{of}": 10 * math.log10(4 * hidden / max(float(means[f"error{of}"]), 1e-6))
            for of in ("", "_filled")
        }
        return {**psnr, "L_perc": float(means["L_perc"])}

    def pictures(self, product: InnerMouth, batch: dict) -> dict:
        """Mouths, what is known of them, the completed ones; the same where the upper teeth are known."""
        whole, partly = _closed(batch), _same(batch, (CLOSED + BELOW_TEETH) / 2)
        return {
            "x": whole.images,
            "closed": whole.known * whole.images,
            "opened": ops.clip(self._completed(product, whole), -1, 1),
            "teeth": partly.known * partly.images,
            "opened further": ops.clip(self._completed(product, partly), -1, 1),
        }

    def _completed(self, network: InnerMouth, mouths: Mouths) -> Tensor:
        """What is known, and what the network makes of the rest."""
        return mouths.known * mouths.images + (1 - mouths.known) * network(*mouths)

    def _maps(self, image: Tensor) -> list[Tensor]:
        """The trunk's maps that are compared and judged."""
        found = self.trunk(image)
        return [found[i] for i in self.maps]


def _mouths(batch: dict, noise: Tensor) -> Mouths:
    """Crops of which normal numbers [B, 3] tell what is hidden: all of the inside, or how much of it and how aslant."""
    mask = ops.cast(batch["target_mask"], "int32")
    size, centres = crop_size(INSIDE_OF_MOUTH, mask.shape[1]), component_centres(mask, INSIDE_OF_MOUTH)
    images = crop(to_float(batch["target_image"]), centres, size)
    ids = ops.cast(crop(ops.cast(mask + 1, "float32")[..., None], centres, size)[..., 0], "int32") - 1
    inside, scale = ops.cast(ids == INNER_MOUTH, "float32")[..., None], mask.shape[1] / 256
    hidden = grown(inside * ops.cast(_depth(inside) > _upper(noise, images, inside, scale), "float32"), MARGIN * scale)
    return Mouths(images, 1 - hidden, one_hot_mask(ids))


def _closed(batch: dict) -> Mouths:
    """Crops of whose inside nothing is known."""
    return _same(batch, CLOSED - 1)


def _same(batch: dict, number: float) -> Mouths:
    """Crops whose inside is hidden as one number tells."""
    return _mouths(batch, np.full((batch["target_mask"].shape[0], 3), number, np.float32))


def _depth(inside: Tensor) -> Tensor:
    """How far below the upper lip each pixel of the inside lies, in heights of its column, float [B, h, w, 1]."""
    return (ops.cumsum(inside, axis=1) - inside / 2) / _some(ops.sum(inside, axis=1, keepdims=True))


def _upper(noise: Tensor, images: Tensor, inside: Tensor, scale: float) -> Tensor:
    """Down to where the inside is known, in heights of the columns, float [B, h, w, 1]; below 0 where nothing is."""
    width = inside.shape[2]
    across = ops.reshape((2 * ops.arange(width, dtype="float32") + 1) / width - 1, (1, 1, width, 1))
    chosen, height, aslant = (noise[:, i, None, None, None] for i in range(3))
    least, most = UPPER
    some = least + (most - least) * ops.sigmoid(height) + 0.3 * aslant * across
    known = ops.where(chosen < BELOW_TEETH, _teeth(images, inside, scale), some)
    return ops.where(chosen < CLOSED, -1.0, known)


def _teeth(images: Tensor, inside: Tensor, scale: float) -> Tensor:
    """How far the upper teeth reach down, in heights of the columns, float [B, h, w, 1]."""
    bright = inside * gaussian_blur(ops.mean(images + 1, axis=-1, keepdims=True), 2 * round(2 * scale) + 1, scale)
    dark = bright < DARK * ops.max(bright, axis=(1, 2), keepdims=True)
    depth = _depth(inside)
    below = ops.logical_and(ops.logical_and(dark, depth > LIP), inside > 0)
    end = ops.min(ops.where(below, depth, 1.0), axis=1, keepdims=True)
    return gaussian_blur(end + ops.zeros_like(inside), 2 * round(2 * EVEN * scale) + 1, EVEN * scale)


def _some(value: Tensor) -> Tensor:
    return ops.maximum(value, 1e-3)
