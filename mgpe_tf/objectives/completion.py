"""The completion's objective: portraits with holes, and other people's pixels, made whole against discriminators.

In paired steps x_t itself is carried, a little out of place and out of tone, with holes where edits bare, open or take
away, and G generates it of another view x_s; the result is to be x_t. In unpaired steps the face of another person x_s
is carried along the registration's flow to m_t, maybe with the hair, and nobody knows the result (paper section 3.3).
The editor, its parser, the registration and the trunk rest.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops

from mgpe_tf import labels, losses
from mgpe_tf.config import Config
from mgpe_tf.metrics.grid import grid
from mgpe_tf.metrics.image import psnr
from mgpe_tf.networks.carrying import CELLS, flow_of_another
from mgpe_tf.networks.completion import Completion
from mgpe_tf.objectives.adversary import ALARMS, discriminator, judged
from mgpe_tf.objectives.editor import prepared
from mgpe_tf.objectives.objective import Objective
from mgpe_tf.ops import flow as flows
from mgpe_tf.ops.blur import gaussian_blur
from mgpe_tf.ops.carry import carry, in_tone
from mgpe_tf.ops.holes import NUMBERS, filled, grown, random_known
from mgpe_tf.ops.membership import among
from mgpe_tf.ops.one_hot import one_hot_mask
from mgpe_tf.ops.tensor import Tensor
from mgpe_tf.ops.warp import flow_warp

SHAKEN = 0.06
"""Share of a random flow by which what is carried is out of place: under a pixel, mostly."""

TONES = 0.06
"""Standard deviation of the gains of a carried face's colours."""

REGION = 4
"""Pixels at 256x256 around what is not known that are judged with it."""


class Scene(NamedTuple):
    """What a completion makes one portrait of: float [B, R, R, C], images in [-1, 1], but for the mask.

    Attributes:
      generated, carried, known, mask: see ``Completion.call``.
    """

    generated: Tensor
    carried: Tensor
    known: Tensor
    mask: Tensor


class CompletionObjective(Objective):
    """See the module.

    Args:
      config: the experiment.
      parser, editor, registration, trunk: the trained networks that rest.

    Raises:
      UserError: sizes that do not fit; the message names the field.
    """

    product = "completion"
    alarms = ALARMS

    def __init__(self, config: Config, parser: Any, editor: Any, registration: Any, trunk: Any):
        self.config, self.options = config.loss, config.completion
        self.parser, self.editor, self.registration, self.trunk = parser, editor, registration, trunk
        self.frozen = (parser, editor, registration, trunk)
        for network in self.frozen:
            network.trainable = False
        self.kinds = ("paired", "unpaired") if config.training.unpaired else ("paired",)
        self.half = config.data.resolution // 2
        self.noise = (self.half**2 + NUMBERS + flows.NUMBERS + 4,)
        self.networks = {"completion": self.build(config)}
        if config.loss.adversarial:
            for name in ("D", "D2")[: len(self.kinds)]:
                size = (config.data.resolution,) * 2
                self.networks[name] = discriminator(name, size, self._maps(keras.KerasTensor((1, *size, 3))))

    @staticmethod
    def reads(config: Config) -> tuple[str, ...]:
        """All that is drawn, carried and judged by rests."""
        return ("parser", "editor", "registration", "trunk")

    @staticmethod
    def build(config: Config) -> Completion:
        """A built network; UserError for sizes that do not fit."""
        return Completion(config.completion.filters, config.completion.blocks).built_for(config.data.resolution)

    def updates(self, kind: str) -> tuple[str, ...]:
        """The completion and, if there are any, the discriminators of a "paired" or "unpaired" step."""
        return ("completion", "D" if kind == "paired" else "D2") if self.config.adversarial else ("completion",)

    def losses(self, kind: str, batch: dict) -> tuple[dict, dict]:
        """lambda_GD L_GD + lambda_global L_global, in paired steps also lambda_perc L_perc, in unpaired ones, where no
        target says what goes where, lambda_GP L_GP; there L_global is of what is carried, as far as it is known."""
        config, batch = self.config, prepared(batch, self.config.label_enlargement)
        noise, holes, moves, tones = self._noises(batch["noise"])
        scene = self._paired(batch, holes, moves, tones) if kind == "paired" else self._unpaired(batch, tones)
        target = batch["target_image"]
        region = grown(1 - scene.known, REGION * target.shape[1] / 256)
        image, _ = self.networks["completion"](*scene, noise)
        maps, terms = self._maps(image), {}
        real_maps = [ops.stop_gradient(m) for m in self._maps(target)]
        if kind == "paired":
            weight = 1 + self.options.hole_weight * region
            terms["L_global"] = losses.global_loss(image, target, config, weight / ops.mean(weight))
            terms["L_perc"] = losses.perceptual_loss(real_maps, maps)
        else:  # without it skin that is known gets a texture of its own
            weight = scene.known / ops.maximum(ops.mean(scene.known), 1e-3)
            terms["L_global"] = losses.global_loss(image, scene.carried, config, weight)
        if kind == "unpaired" and config.parsing:
            terms["L_GP"] = losses.parsing_loss(scene.mask, self.parser(image))
        totals = self._adversarial(kind, scene.mask, region, real_maps, maps, terms) if config.adversarial else {}
        terms["L_G"] = (
            config.global_ * terms.get("L_global", 0.0)
            + config.perceptual * terms.get("L_perc", 0.0)
            + config.parsing * terms.get("L_GP", 0.0)
            + config.adversarial * terms.get("L_GD", 0.0)
        )
        return {"completion": terms["L_G"], **totals}, terms

    def _adversarial(
        self, kind: str, mask: Tensor, region: Tensor, real_maps: list, fake_maps: list, terms: dict
    ) -> dict:
        """Adds what the discriminator says to ``terms``; returns what it minimises, by its name."""
        name = self.updates(kind)[1]
        verdict, total = judged(self.networks[name], one_hot_mask(mask), real_maps, fake_maps, region, self.config.gan)
        terms.update(verdict)
        return {name: total}

    def _maps(self, image: Tensor) -> list[Tensor]:
        """The trunk's maps that are compared and judged."""
        found = self.trunk(image)
        return [found[i] for i in self.options.maps]

    def _noises(self, noise: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """The network's noise, and the numbers that make holes, moves and tones."""
        pixels, holes, moves, tones = ops.split(
            noise, np.cumsum([self.half**2, NUMBERS, flows.NUMBERS]).tolist(), axis=-1
        )
        return ops.reshape(pixels, (-1, self.half, self.half, 1)), holes, moves, tones

    def _paired(self, batch: dict, holes: Tensor, moves: Tensor, tones: Tensor) -> Scene:
        """x_t out of place and out of tone, with holes, and x_s on its mask."""
        target, mask = batch["target_image"], batch["target_mask"]
        known = random_known(holes, mask, ops.roll(mask, 1, axis=0))
        shaken = flows.resized_flow(SHAKEN * flows.random_flow(moves, CELLS), mask.shape[1])
        carried = _toned(flow_warp(target, shaken, "cubic"), mask, tones)
        generated = self._generated(batch, filled(target, known))
        return Scene(generated, carried, known, mask)

    def _unpaired(self, batch: dict, tones: Tensor) -> Scene:
        """The face of x_s, and by chance its hair, carried to m_t."""
        target, mask = batch["target_image"], batch["target_mask"]
        source, its_mask = batch["source_image"], batch["source_mask"]
        flow = flow_of_another(self.registration, its_mask, mask)
        face, hair = among(mask, labels.FACE), ops.equal(mask, labels.HAIR)
        taken = ops.logical_or(face, ops.logical_and(hair, tones[:, 3, None, None] > 0))
        carried = carry(source, its_mask, target, mask, flow, taken)
        generated = in_tone(self._generated(batch, target), mask, target, mask)
        return Scene(generated, *carried, mask)

    def _generated(self, batch: dict, background: Tensor) -> Tensor:
        """G(x_s, m_s, x_t, m_t)."""
        image = self.editor.generate(batch["source_image"], batch["source_mask"], background, batch["condition"])
        return ops.stop_gradient(ops.cast(image, keras.config.floatx()))

    def validation(self, product: Completion, batch: dict) -> dict:
        """Of portraits with the same holes each time: L_global, L_perc, the PSNR of the holes in dB, and of these alone
        with what G generates in them, and by how much hair in them is more of a grid than the photographs'; of swaps
        L_GP."""
        scene, target = self._validated(batch)
        image, _ = product(*scene)
        region = ops.cast(scene.known < 0.5, keras.config.floatx())
        swap = self._swap(batch)
        hair = ops.cast(ops.equal(scene.mask, labels.HAIR), "float32")[..., None] * region
        return {
            "L_global": losses.global_loss(image, target, self.config),
            "L_perc": losses.perceptual_loss(self._maps(target), self._maps(image)),
            "psnr_holes": psnr(image, target, region),
            "psnr_holes_generated": psnr(scene.generated, target, region),
            "grid_excess": ops.mean(grid(image, hair) - grid(target, hair)),
            "L_GP_swap": losses.parsing_loss(swap.mask, self.parser(product(*swap)[0])),
        }

    def pictures(self, product: Completion, batch: dict) -> dict:
        """x_t, what is known of it, that with what G generates, the completion; the same of a swap."""
        scene, target = self._validated(batch)
        swap = self._swap(batch)
        return {
            "x_t": target,
            "known": _together(scene, -ops.ones_like(target)),
            "generated": _together(scene, scene.generated),
            "completed": product(*scene)[0],
            "x_s": prepared(batch, 1.0)["source_image"],
            "swap": _together(swap, swap.generated),
            "swap completed": product(*swap)[0],
        }

    def _validated(self, batch: dict) -> tuple[Scene, Tensor]:
        """The paired scene of a validation batch, and x_t."""
        batch = prepared(batch, self.config.label_enlargement)
        _, holes, moves, tones = self._noises(_same_noise(batch["target_image"].shape[0], self.noise[0]))
        batch |= {"source_image": batch["target_image"], "source_mask": batch["target_mask"]}
        return self._paired(batch, holes, moves, tones), batch["target_image"]

    def _swap(self, batch: dict) -> Scene:
        """The unpaired scene of a validation batch."""
        tones = self._noises(_same_noise(batch["target_image"].shape[0], self.noise[0]))[-1]
        return self._unpaired(prepared(batch, self.config.label_enlargement), tones)


def _together(scene: Scene, beneath: Tensor) -> Tensor:
    """What is carried over something else."""
    return scene.known * scene.carried + (1 - scene.known) * beneath


def _same_noise(count: int, size: int) -> Tensor:
    return ops.convert_to_tensor(np.random.default_rng(0).standard_normal((count, size)).astype(np.float32))


def _toned(image: Tensor, mask: Tensor, tones: Tensor) -> Tensor:
    """Portraits whose faces' colours have random gains in one of three: of normal numbers [B, 4]."""
    gains = 1 + TONES * tones[:, None, None, :3] * ops.cast(tones[:, 3, None, None, None] > 0.43, "float32")
    face = gaussian_blur(ops.cast(among(mask, labels.FACE), "float32")[..., None], 5, 1.5)
    return ops.clip((image + 1) * (1 + face * (gains - 1)) - 1, -1, 1)
