"""Hands and things painted before a face, so that a parser learns that what hides a face is no face.

Data sets of whole faces show few of them, and CelebAMask-HQ and Helen have no class for a hand: where one hides the
face the label is background.
"""

from __future__ import annotations

import math

from keras import ops

from mgpe_tf.labels import BACKGROUND, PARTIAL_HELEN, SKIN

DRAWS = 16
"""Random numbers that an occluder takes."""

HAND, BAR = 0.5, 0.75
"""Of what is drawn: the share of hands, and of hands and bars (as a microphone); the others are ellipses."""

RIM = 0.06
"""Width of the darker rim, as a share of half the picture."""


def occlude(image, mask, draws):
    """A portrait with a hand or a thing before it.

    Args:
      image: uint8 RGB [R, R, 3].
      mask: uint8 [R, R] Helen ids, or partial ones.
      draws: float [``DRAWS``] in [0, 1).

    Returns:
      (image, mask) as given. The mask is background where the occluder is.
    """
    x, y, direction, kind, *_, size, length, across, along, light = ops.unstack(draws)
    place = (2 * ops.arange(mask.shape[0], dtype="float32") + 1) / mask.shape[0] - 1
    # From a point of the face outwards, to below or aside, as arms come.
    angle = math.pi * (0.5 + 1.1 * (direction - 0.5))
    right, down = place[None] - (x - 0.5), place[:, None] - (y - 0.3)
    u, v = right * ops.cos(angle) + down * ops.sin(angle), down * ops.cos(angle) - right * ops.sin(angle)

    is_hand = kind < HAND
    things = ops.where(kind < BAR, _bar(u, v, 0.04 + 0.1 * size), _ellipse(u, v, 0.15 + 0.25 * size, 0.5 + length / 2))
    distance = ops.where(is_hand, _hand(u, v, 0.11 + 0.05 * size, 0.35 + 0.25 * length), things)

    one, other = (255 * (ops.mean(own) + draws[10] * (own - ops.mean(own))) for own in (draws[4:7], draws[7:10]))
    thing = _striped(one, other, 20 * (along * u + across * v))
    colour = ops.where(is_hand, _skin(image, mask, draws[4:7]) * (0.75 + 0.45 * draws[10]), thing)
    lit = 1 + 0.3 * (place[None] * ops.cos(2 * math.pi * light) + place[:, None] * ops.sin(2 * math.pi * light))
    shade = (0.65 + 0.35 * ops.clip(-distance / RIM, 0, 1)) * lit
    cover = ops.clip(0.5 - distance * mask.shape[0] / 3, 0, 1)  # soft over a pixel and a half
    drawn = ops.cast(image, "float32") * (1 - cover[..., None]) + colour * (shade * cover)[..., None]
    image = ops.cast(ops.clip(ops.round(drawn), 0, 255), "uint8")
    return image, ops.where(cover > 0.5, ops.cast(BACKGROUND, mask.dtype), mask)


def _bar(u, v, radius):
    """The distance from a bar with a round end at 0, which leads along u; negative inside, as of those below."""
    return ops.sqrt(ops.square(ops.minimum(u - radius, 0)) + ops.square(v)) - radius


def _ellipse(u, v, radius, ratio):
    """That from an ellipse about 0."""
    return (ops.sqrt(ops.square(u) + ops.square(v / ratio)) - radius) * ratio


def _hand(u, v, width, length):
    """That from four fingers of a width, the middle ones longer, and a palm `length` behind their tips."""
    fingers = [_bar(u - 0.08 * abs(i), v - i * width, 0.47 * width) for i in (-1.5, -0.5, 0.5, 1.5)]
    palm = _bar(u - length, v, 2 * width)
    distance = palm
    for finger in fingers:
        distance = ops.minimum(distance, finger)
    return distance


def _skin(image, mask, otherwise):
    """The mean colour of a portrait's skin, float [3]; 255 times `otherwise` if it shows none."""
    skin = ops.cast(ops.logical_or(mask == SKIN, mask == PARTIAL_HELEN + SKIN), "float32")[..., None]
    count = ops.sum(skin)
    mean = ops.sum(ops.cast(image, "float32") * skin, axis=(0, 1)) / ops.maximum(count, 1)
    return ops.where(count > 0, mean, 255 * otherwise)


def _striped(one, other, phase):
    """Stripes of two colours by a phase [R, R], float [R, R, 3]."""
    share = ops.sigmoid(6 * ops.sin(phase))[..., None]
    return share * one + (1 - share) * other
