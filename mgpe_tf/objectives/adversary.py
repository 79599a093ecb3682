"""Projected discriminators as objectives train them, and the scores by which they judge a region of pictures."""

from __future__ import annotations

from collections.abc import Sequence

import keras

from mgpe_tf import losses
from mgpe_tf.labels import NUM_CLASSES
from mgpe_tf.networks.projected_discriminator import ProjectedDiscriminator, shrunk
from mgpe_tf.objectives.objective import Alarm
from mgpe_tf.ops.tensor import Tensor

ALARMS = (
    Alarm("gap", 1.5, 2000, "the discriminator tells all", "lower training.discriminator_learning_rate"),
    Alarm("grid_excess", 0.1, 1000, "the network makes a grid of hair", "lower loss.adversarial"),
)
"""Of objectives with such discriminators, of whose terms "gap" is one and whose validation has a "grid_excess"."""


def discriminator(name: str, size: tuple[int, int], maps: Sequence[Tensor]) -> ProjectedDiscriminator:
    """A built one for pictures of (height, width) pixels, of which a trunk makes maps of these shapes."""
    network = ProjectedDiscriminator(len(maps), name=name)
    network(keras.KerasTensor((1, *size, NUM_CLASSES)), [keras.KerasTensor(m.shape) for m in maps])
    return network


def judged(
    network: ProjectedDiscriminator,
    condition: Tensor,
    real_maps: Sequence[Tensor],
    fake_maps: Sequence[Tensor],
    region: Tensor,
    gan: str,
) -> tuple[dict[str, Tensor], Tensor]:
    """What a discriminator says of real and of made pictures.

    Args:
      network: the discriminator.
      condition: one-hot masks of both, [B, H, W, 11].
      real_maps, fake_maps: the trunk's maps of them, [B, h, w, C] each.
      region: how much each pixel counts, [B, H, W, 1].
      gan: see ``LossConfig``.

    Returns:
      The terms L_GD, L_D (the mean over the scales) and the gap between its scores, and what it minimises.
    """
    real, fake = (network(condition, maps, training=True) for maps in (real_maps, fake_maps))
    weights = [shrunk(region, scores.shape[1]) for scores in real]
    scales = losses.discriminator_loss(real, fake, gan, weights)
    gaps = [losses.weighted_mean(r - f, w) for r, f, w in zip(real, fake, weights)]
    terms = {
        "L_GD": losses.adversarial_loss(fake, gan, weights),
        "L_D": sum(scales) / len(scales),
        "gap": sum(gaps) / len(gaps),
    }
    return terms, sum(scales)
