"""Pictures of which parts are missing: which, at random, and what stands in for them meanwhile."""

from __future__ import annotations

import math

from keras import ops

from mgpe_tf import labels
from mgpe_tf.ops.blur import gaussian_blur
from mgpe_tf.ops.cubic import cubic_enlarge
from mgpe_tf.ops.membership import among
from mgpe_tf.ops.tensor import Tensor

PARTS = (
    (0.25, (labels.INNER_MOUTH,)),
    (0.15, labels.MOUTH),
    (0.12, (labels.LEFT_EYE, labels.RIGHT_EYE)),
    (0.12, (labels.LEFT_BROW, labels.RIGHT_BROW)),
    (0.08, (labels.NOSE,)),
    (0.08, (labels.SKIN,)),
    (0.08, (labels.HAIR,)),
)
"""Probability that a part is missing, and its ids."""

ANOTHERS_HAIR, CUT_HAIR, BLOBS = 0.5, 0.3, 0.3
"""Probabilities that what another's hair would cover is missing, hair beyond a line, and blobs."""

NODES = 6
"""Of the side of the smooth noise whose hills are blobs."""

HILLS = 0.5
"""Height from which on they are missing."""

MARGIN, HAIR_MARGIN = 2, 4
"""Pixels at 256x256 around a part, and around hair, that are missing with it: shadows and strands reach there."""

NUMBERS = 3 + 3 + len(PARTS) + NODES**2
"""Standard normal numbers that make a portrait's holes."""

SMALLEST = 4
"""Side in pixels of the coarsest picture from which holes are filled."""


def random_known(noise: Tensor, mask: Tensor, others: Tensor) -> Tensor:
    """Where portraits are known: without what edits bare, open or take away.

    Args:
      noise: standard normal, [B, NUMBERS].
      mask: integer [B, R, R] Helen ids.
      others: the same, of other portraits, whose hair was before the face or is yet to come.

    Returns:
      float [B, R, R, 1] in [0, 1], with soft borders.
    """
    scale = mask.shape[1] / 256
    chances = _uniform(noise[:, : 3 + len(PARTS), None, None, None])
    line = noise[:, 3 + len(PARTS) : 6 + len(PARTS)]
    hills = cubic_enlarge(ops.reshape(noise[:, -(NODES**2) :], (-1, NODES, NODES, 1)), mask.shape[1:3])
    own_hair = _grown(among(mask, (labels.HAIR,)), HAIR_MARGIN * scale)
    missing = [
        _if(chances[:, 0] < ANOTHERS_HAIR, _grown(among(others, (labels.HAIR,)), HAIR_MARGIN * scale)),
        _if(chances[:, 1] < CUT_HAIR, own_hair * _beyond(line, mask.shape[1])),
        _if(chances[:, 2] < BLOBS, ops.cast(hills > HILLS, "float32")),
    ]
    for i, (probability, ids) in enumerate(PARTS, start=3):
        missing.append(_if(chances[:, i] < probability, _grown(among(mask, ids), MARGIN * scale)))
    hole = missing[0]
    for other in missing[1:]:
        hole = ops.maximum(hole, other)
    return 1 - gaussian_blur(hole, 5, max(scale, 0.3))


def filled(image: Tensor, known: Tensor) -> Tensor:
    """A picture whose unknown parts are smooth: means of what is known, from fine to coarse and back.

    Args:
      image: float [B, R, R, C], R a power of two times ``SMALLEST`` or less.
      known: float [B, R, R, 1] in [0, 1].

    Returns:
      float [B, R, R, C].
    """
    levels = [(image * known, known)]
    while levels[-1][0].shape[1] > SMALLEST and levels[-1][0].shape[1] % 2 == 0:
        levels.append(tuple(ops.average_pool(x, 2, 2, data_format="channels_last") for x in levels[-1]))
    result = None
    for total, share in reversed(levels):
        mean, trust = total / ops.maximum(share, 1e-4), ops.minimum(4 * share, 1.0) if result is not None else 1.0
        if result is not None:
            larger = ops.image.resize(result, total.shape[1:3], interpolation="bilinear", data_format="channels_last")
            mean = trust * mean + (1 - trust) * larger
        result = mean
    return known * image + (1 - known) * result


def grown(where: Tensor, pixels: float) -> Tensor:
    """Float [B, H, W, 1], the largest value within so many pixels, at most, in each direction."""
    size = 2 * round(pixels) + 1
    return ops.max_pool(where, size, 1, padding="same", data_format="channels_last") if size > 1 else where


def _grown(where: Tensor, pixels: float) -> Tensor:
    return grown(ops.cast(where, "float32")[..., None], pixels)


def _if(chosen: Tensor, where: Tensor) -> Tensor:
    """The values [B, H, W, 1] of the portraits that are chosen, bool [B, 1, 1, 1], of the others 0."""
    return ops.where(chosen, where, 0.0)


def _uniform(normal: Tensor) -> Tensor:
    """Standard normal numbers as numbers of equal probability in [0, 1]."""
    return (1 + ops.erf(normal / math.sqrt(2))) / 2


def _beyond(line: Tensor, size: int) -> Tensor:
    """1 beyond a line through the lower part of the frame: of normal numbers [B, 3] -> float [B, size, size, 1]."""
    position = (ops.arange(size, dtype="float32") + 0.5) * (2 / size) - 1
    right, down, offset = (line[:, i, None, None] for i in range(3))
    # Mostly what hangs down is cut, straight or aslant.
    height = (1 + ops.abs(down)) * position[None, :, None] + right / 2 * position[None, None, :]
    return ops.cast(height > offset / 2, "float32")[..., None]
