"""A portrait's face and hair carried into another portrait, as tensors: what of them can be shown there, and where."""

from __future__ import annotations

from typing import NamedTuple

from keras import ops

from mgpe_tf import labels
from mgpe_tf.ops.blur import gaussian_blur
from mgpe_tf.ops.holes import grown
from mgpe_tf.ops.membership import among
from mgpe_tf.ops.tensor import Tensor
from mgpe_tf.ops.warp import flow_warp

STRICT = (0.5, 0.95)
"""Shares of agreeing pixels from which on, and from which on wholly, carried pixels can be shown."""

BESIDE = 4
"""Pixels at 256x256 of a face beside what hides it in x_s that are not known: strands and shadows reach there."""

WINDOW = 5
"""Pixels a side of the windows over which shares are taken and borders go over."""


class Carried(NamedTuple):
    """Pixels of photographs on a mask.

    Attributes:
      image: float [B, R, R, 3] in [-1, 1].
      known: how far they can be shown, float [B, R, R, 1] in [0, 1].
    """

    image: Tensor
    known: Tensor


def carry(
    source_image: Tensor,
    source_mask: Tensor,
    target_image: Tensor,
    target_mask: Tensor,
    flow: Tensor,
    taken: Tensor,
) -> Carried:
    """x_s along a flow, in the tone of x_t's skin, over x_t.

    Args:
      source_image, source_mask: x_s, float [B, R, R, 3] in [-1, 1], and m_s, integer [B, R, R] Helen ids.
      target_image, target_mask: x_t and m_t.
      flow: from m_s to m_t, float [B, R, R, 2] (see ``mgpe_tf.ops.flow``).
      taken: where m_t is of what x_s gives, bool [B, R, R].

    Returns:
      Elsewhere x_t, which is all known; of x_s what lies where m_t has the same label is, but for the face beside what
      hides it, hair or another thing.
    """
    moved = flow_warp(source_image, flow, "cubic")
    moved_mask = flow_warp(source_mask[..., None], flow, "nearest")[..., 0]
    moved = in_tone(moved, moved_mask, target_image, target_mask)
    soft = gaussian_blur(_floats(taken), WINDOW, 1.0)
    share = gaussian_blur(_floats(ops.equal(_shapes(moved_mask), _shapes(target_mask))), WINDOW, 1.0)
    share = ops.clip((share - STRICT[0]) / (STRICT[1] - STRICT[0]), 0, 1)
    hidden = ops.logical_and(among(target_mask, labels.FACE), ops.logical_not(among(moved_mask, labels.FACE)))
    shadow = grown(_floats(hidden), BESIDE * target_mask.shape[1] / 256)
    share = share * (1 - gaussian_blur(shadow, WINDOW, 1.0))
    return Carried(soft * moved + (1 - soft) * target_image, soft * share + (1 - soft))


def _shapes(mask: Tensor) -> Tensor:
    """The ids of a mask, but a nose is skin: its border is one of light."""
    return ops.where(ops.equal(mask, labels.NOSE), labels.SKIN, mask)


def in_tone(image: Tensor, mask: Tensor, target: Tensor, target_mask: Tensor) -> Tensor:
    """Portraits, float [B, R, R, 3] in [-1, 1], whose skin has the mean colour of other portraits'; only their faces
    change. Masks are integer [B, R, R] Helen ids."""
    means = []
    for picture, ids in ((image, mask), (target, target_mask)):
        skin = _floats(ops.equal(ids, labels.SKIN))
        total = ops.sum(picture * skin, axis=(1, 2), keepdims=True)
        means.append(total / ops.maximum(ops.sum(skin, axis=(1, 2), keepdims=True), 1.0))
    face = gaussian_blur(_floats(among(mask, labels.FACE)), WINDOW, 1.0)
    return ops.clip(image + face * (means[1] - means[0]), -1, 1)


def _floats(where: Tensor) -> Tensor:
    return ops.cast(where, "float32")[..., None]
