"""Carried pixels laid over a drawn portrait, in the frame of the photograph."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from mgpe_tf.data.alignment import Alignment
from mgpe_tf.data.picture import Picture
from mgpe_tf.editing.carry.flows import in_photograph, positions
from mgpe_tf.editing.carry.layers import Layer
from mgpe_tf.editing.carry.sampling import moved_mask, sampled
from mgpe_tf.editing.pixels import monochrome
from mgpe_tf.editing.pixels.hair_colours import in_colours
from mgpe_tf.editing.pixels.skin import continued
from mgpe_tf.geometry import REFERENCE_SIZE

if TYPE_CHECKING:
    from mgpe_tf.editing.portrait import Portrait

Toned = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Gives a portrait, uint8 RGB [R, R, 3], by its mask, uint8 [R, R], another tone."""

Opened = Callable[[np.ndarray, np.ndarray], "tuple[np.ndarray, np.ndarray] | None"]
"""Gives what a portrait, uint8 RGB [R, R, 3], of which so much is shown, float32 [R, R], does not show of its mouth:
another, and where it is seen, float32 [R, R]; None if that is nowhere."""

SOFT = 1.0
"""Standard deviation in pixels at 256x256 of the border of what was behind hair."""


def lay(
    above: np.ndarray,
    layers: Sequence[Layer],
    alignment: Alignment,
    onto: Picture,
    toned: Toned,
    opened: Opened,
    amount: float,
) -> np.ndarray:
    """What is drawn, and over it what is carried.

    Args:
      above: what is drawn in the photograph's frame, uint8 [h, w, 3] as large as ``alignment.region``.
      layers: the own one first.
      alignment: of the own portrait; its region is worked on.
      onto: the photograph.
      toned: gives others' aligned portraits the tone and light of the own face.
      opened: tells what is seen in a mouth.
      amount: how much of what is carried is shown, 0 to 1.

    Returns:
      uint8 [h, w, 3].
    """
    own, result, together = layers[0].portrait, above.astype(np.float32), []
    for layer in layers:
        if layer.portrait is own:
            pixels, small = _of_own(layer, alignment, onto)
        else:
            pixels, small = _of_another(layer, alignment, toned)
            pixels = onto.from_srgb(_in_tones(own, pixels))
        result += alignment.back_mask(layer.share)[..., None] * (pixels - result)
        for behind, share in _behind_hair(layer, small, own):
            share = alignment.back_mask(layer.filled * share)[..., None]
            result += share * (onto.from_srgb(alignment.back(behind)) - result)
        together.append((small, layer.share))
    if mouth := opened(*_together(together)):
        share = alignment.back_mask(mouth[1])[..., None]
        result += share * (onto.from_srgb(_in_tones(own, alignment.back(mouth[0]))) - result)
    if amount < 1:
        result = above + np.float32(amount) * (result - above)
    return np.clip(np.round(result), 0, 255).astype(np.uint8)


def _together(laid: Sequence[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Portraits, uint8 RGB [R, R, 3], laid over each other, each as far as it is shown, float32 [R, R]: one portrait,
    and how far it is shown."""
    portrait, shown = laid[0][0].astype(np.float32), np.zeros(laid[0][1].shape, np.float32)
    for each, share in laid:
        portrait += share[..., None] * (each - portrait)
        shown += share * (1 - shown)
    return np.round(portrait).astype(np.uint8), shown


def _behind_hair(layer: Layer, small: np.ndarray, own: Portrait) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """What is shown where hair of a layer, whose aligned pixels are `small`, has gone: uint8 RGB [R, R, 3], and how
    far, float32 [R, R] in [0, 1]."""
    if layer.bare.any():
        yield sampled(layer.portrait.without_hair, layer.flow), _softened(layer.bare)
    if layer.hole.any():
        if layer.portrait is own and own.uncovered:
            yield sampled(own.uncovered[0], layer.flow), _softened(layer.hole)
        else:
            yield continued(small, layer.skin, layer.hole)


def _softened(where: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(where.astype(np.float32), (0, 0), SOFT * len(where) / REFERENCE_SIZE)


def _of_own(layer: Layer, alignment: Alignment, onto: Picture) -> tuple[np.ndarray, np.ndarray]:
    """The photograph's pixels where the flow points, float32 [h, w, 3], and the portrait's, uint8 RGB [R, R, 3]."""
    rows, columns = alignment.region
    small = sampled(layer.portrait.image, layer.flow)
    flow = in_photograph(layer.flow, alignment)
    pixels = sampled(onto.over_white, flow, (rows.start, columns.start)).astype(np.float32)
    if layer.colours and layer.recoloured is not None:
        pixels += alignment.back(_recoloured(layer.portrait, layer.colours, layer.recoloured, small))
    return pixels, small


def _of_another(layer: Layer, alignment: Alignment, toned: Toned) -> tuple[np.ndarray, np.ndarray]:
    """The same of another's, both uint8 RGB, in the tone that is wanted and without a halo of its hair."""
    portrait, flow = layer.portrait, layer.flow
    shown, mask = (portrait.face_alone, portrait.bald) if layer.alone else (portrait.without_halo, portrait.mask)
    small, changed = sampled(portrait.image, flow), sampled(shown, flow)
    if np.any(layer.tone):
        own = toned(changed, moved_mask(mask, flow)).astype(np.float32)
        share = np.broadcast_to(layer.tone, changed.shape[:2])[..., None]
        changed = np.round(changed + share * (own - changed)).astype(np.uint8)
    change = alignment.back(changed.astype(np.float32) - small)
    return np.clip(np.round(_in_frame(layer, alignment) + change), 0, 255).astype(np.uint8), changed


def _recoloured(own: Portrait, donor: Portrait, share: np.ndarray, small: np.ndarray) -> np.ndarray:
    """By what hair changes that gets a share [R, R] of another's colours, float32 [R, R, 3]."""
    before, after = own.hair_colours, donor.hair_colours
    if before is None or after is None:
        return np.zeros(small.shape, np.float32)
    recoloured = _in_tones(own, in_colours(small, before, after)).astype(np.float32)
    change: np.ndarray = share[..., None] * (recoloured - small)
    return change


def _in_tones(own: Portrait, pixels: np.ndarray) -> np.ndarray:
    """Another's pixels, uint8 RGB [h, w, 3], in the tones of a portrait, if that is not in colours."""
    return pixels if own.tones is None else monochrome.toned(pixels, own.tones)


def _in_frame(layer: Layer, alignment: Alignment) -> np.ndarray:
    """The pixels of another's photograph where the flow points, in the frame of this one: uint8 RGB [h, w, 3]."""
    rows, columns = alignment.region
    size = rows.stop - rows.start, columns.stop - columns.start
    moved = (positions(layer.flow.shape[:2]) + layer.flow).astype(np.float32)
    to_crop = alignment.inverse
    to_crop[:, 2] -= columns.start, rows.start
    in_crop = cv2.warpAffine(moved, to_crop, size[::-1], flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    other = layer.portrait.alignment
    photo, inverse = layer.portrait.photo, other.inverse
    shrink = np.hypot(*inverse[:, 0]) * np.hypot(*alignment.matrix[:, 0])
    if shrink > 1.25:  # without aliasing
        smaller = cv2.resize(photo, None, fx=1 / shrink, fy=1 / shrink, interpolation=cv2.INTER_AREA)
        scale = np.array(smaller.shape[1::-1]) / photo.shape[1::-1]
        inverse = inverse * scale[:, None]
        inverse[:, 2] += (scale - 1) / 2
        photo = smaller
    at = (in_crop @ inverse[:, :2].T + inverse[:, 2]).astype(np.float32)
    return cv2.remap(photo, at[..., 0], at[..., 1], cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REFLECT)
