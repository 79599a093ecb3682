"""Augmentation of a portrait once the random numbers are drawn, on any Keras backend."""

from __future__ import annotations

import math

from keras import ops

from mgpe_tf.config import AugmentationConfig
from mgpe_tf.data.occluders import DRAWS, occlude
from mgpe_tf.labels import BACKGROUND, FLIPPED, HAIR, PARTIAL_FLIPPED, id_table
from mgpe_tf.ops import jpeg, similarity_warp

BLUR_WINDOW = 9
"""Pixels a side of the blur's kernel."""

WORST_JPEG, BEST_JPEG = 15, 85
"""Qualities between which that of a JPEG is drawn."""

_LUMA = (0.2989, 0.587, 0.114)


FAULT_DRAWS, LATER_DRAWS = 6, 3 + DRAWS
"""Uniform numbers of ``faults`` and ``later``."""


def has_faults(config: AugmentationConfig) -> bool:
    """Whether anything is enabled that takes ``faults``."""
    return bool(config.blur or config.dark or config.gray)


def has_later(config: AugmentationConfig) -> bool:
    """Whether anything is enabled that takes ``later``."""
    return bool(config.occlusion or config.jpeg)


def change(
    image, mask, config: AugmentationConfig, chance, moves, colours, cut, faults=None, later=None, partial=False
):
    """Flip, move and recolour one portrait with its mask, hide some of it, and take hair off the mask.

    Args:
      image: uint8 RGB [R, R, 3].
      mask: uint8 [R, R] Helen ids, or partial ones; what is unknown stays so.
      config: the strengths; what is 0 is skipped, and with nothing enabled the inputs are returned unchanged.
      chance: float scalar in [0, 1); below ``config.flip`` the portrait is mirrored.
      moves: float [4] in [-1, 1): angle, size, right and down, as shares of the strengths.
      colours: float [3] in [-1, 1): brightness, contrast and saturation alike.
      cut: float [3] in [-1, 1): whether hair is cut, at a line of which direction, and how far from the middle.
      faults: float [R, R, 3] of standard normal noise, and float [6] in [0, 1): whether and how much the picture is
        blurred, whether and how much it is darkened, how noisy it then is, whether it is gray; None for no such fault.
      later: float [``LATER_DRAWS``] in [0, 1): whether something hides a part, whether and how much JPEG takes from the
        picture, and what hides it; None for neither.
      partial: whether the mask is of partial ids.

    Returns:
      (image, mask) as given. What moves in at a border is the mirrored portrait.
    """
    if config.flip:
        mirror = chance < config.flip
        image = ops.where(mirror, image[:, ::-1], image)
        others = id_table(PARTIAL_FLIPPED if partial else FLIPPED)
        exchanged = ops.take(ops.convert_to_tensor(others), ops.cast(mask, "int32"))
        mask = ops.where(mirror, exchanged[:, ::-1], mask)
    if config.rotation or config.scale or config.shift:
        matrix = move_matrix(config, image.shape[0], moves)
        image = _to_uint8(similarity_warp(ops.cast(image, "float32")[None], matrix)[0])
        mask = similarity_warp(mask[None, :, :, None], matrix, "nearest")[0, :, :, 0]
    if config.occlusion:
        hidden, without = occlude(image, mask, later[3:])
        image = ops.where(later[0] < config.occlusion, hidden, image)
        mask = ops.where(later[0] < config.occlusion, without, mask)
    if config.colour:
        image = _recolour(image, 1 + config.colour * colours)
    if faults is not None:
        image = _with_faults(image, config, *faults)
    if config.jpeg:
        worse = _to_uint8(jpeg(ops.cast(image, "float32"), WORST_JPEG + (BEST_JPEG - WORST_JPEG) * later[2]))
        image = ops.where(later[1] < config.jpeg, worse, image)
    if config.cut_hair:
        mask = _with_hair_cut(mask, config.cut_hair, cut)
    return image, mask


def move_matrix(config: AugmentationConfig, resolution: int, moves):
    """float32 [1, 2, 3], output to input: turned and scaled about the image centre, then shifted. See ``change``."""
    angle, scale, right, down = (moves[i] for i in range(4))
    angle, scale = angle * math.radians(config.rotation), 1 + scale * config.scale
    a, b = ops.cos(angle) / scale, ops.sin(angle) / scale
    centre = (resolution - 1) / 2
    x, y = centre + right * config.shift * resolution, centre + down * config.shift * resolution
    entries = (a, b, centre - a * x - b * y, -b, a, centre + b * x - a * y)
    return ops.reshape(ops.stack(entries), (1, 2, 3))


def _recolour(image, factors):
    """Multiplies brightness, contrast and saturation by the three factors; uint8 [R, R, 3] in and out."""
    image = ops.cast(image, "float32") * factors[0]
    mean = ops.mean(_grey(image))
    image = mean + factors[1] * (image - mean)
    grey = _grey(image)
    return _to_uint8(grey + factors[2] * (image - grey))


def _with_faults(image, config: AugmentationConfig, noise, draws):
    """Blurred, dark and gray pictures, each by its chance; see ``change``. uint8 [R, R, 3] in and out."""
    image = ops.cast(image, "float32")
    if config.blur:
        image = ops.where(draws[0] < config.blur, _blurred(image, 0.5 + 1.5 * draws[1]), image)
    if config.dark:
        dark = image * (0.08 + 0.5 * draws[3]) + noise * (1 + 4 * draws[4])
        image = ops.where(draws[2] < config.dark, dark, image)
    if config.gray:
        image = ops.where(draws[5] < config.gray, ops.broadcast_to(_grey(image), image.shape), image)
    return _to_uint8(image)


def _blurred(image, sigma):
    """float [R, R, 3] blurred by a Gaussian of `sigma` pixels."""
    offsets = ops.arange(BLUR_WINDOW, dtype="float32") - BLUR_WINDOW // 2
    weights = ops.exp(-ops.square(offsets / sigma) / 2)
    weights = weights / ops.sum(weights)
    planes = ops.transpose(image, (2, 0, 1))[..., None]
    half = BLUR_WINDOW // 2
    planes = ops.pad(planes, ((0, 0), (half, half), (half, half), (0, 0)), mode="symmetric")
    for shape in ((BLUR_WINDOW, 1, 1, 1), (1, BLUR_WINDOW, 1, 1)):
        planes = ops.conv(planes, ops.reshape(weights, shape), data_format="channels_last")
    return ops.transpose(planes[..., 0], (1, 2, 0))


def _with_hair_cut(mask, probability: float, cut):
    """The mask, of which hair beyond a straight line is background; see ``change``."""
    place = (2 * ops.arange(mask.shape[0], dtype="float32") + 1) / mask.shape[0] - 1
    cut = ops.cast(cut, "float32")  # NumPy's draws have 64 bits
    angle = math.pi * cut[1]
    beyond = place[None] * ops.cos(angle) + place[:, None] * ops.sin(angle) > cut[2]
    cut_off = ops.logical_and(ops.logical_and(beyond, mask == HAIR), (cut[0] + 1) / 2 < probability)
    return ops.where(cut_off, ops.cast(BACKGROUND, mask.dtype), mask)


def _grey(image):
    """float RGB [R, R, 3] -> [R, R, 1]."""
    return ops.sum(image * ops.convert_to_tensor(_LUMA, "float32"), axis=-1, keepdims=True)


def _to_uint8(image):
    """float 0..255 -> uint8, rounded and clipped."""
    return ops.cast(ops.clip(ops.round(image), 0, 255), "uint8")
