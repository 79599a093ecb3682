"""A black-and-white portrait in the colours of another face: each lightness of its skin, hair, eyes and mouth gets the
colour that the other's have where they are as light."""

from __future__ import annotations

import cv2
import numpy as np

from mgpe_tf import labels
from mgpe_tf.editing.pixels.monochrome import SMOOTH, by_lightness
from mgpe_tf.geometry import REFERENCE_SIZE

SKIN, EYES, MOUTH, LIPS, BROWS, HAIR, NONE = range(7)
"""What is coloured alike, and what has no colours to give."""

KINDS = NONE

ALIKE = np.array([HAIR, SKIN, BROWS, BROWS, EYES, EYES, SKIN, LIPS, MOUTH, LIPS, HAIR])
"""By Helen class; what is background and seen beside a head is mostly strands of hair."""

INSTEAD = {SKIN: SKIN, EYES: SKIN, MOUTH: EYES, LIPS: SKIN, BROWS: HAIR, HAIR: BROWS}
"""Whose colours are taken where a portrait does not show the first: of closed mouths, and of bald heads."""

LEAST = 24
"""Pixels at 256x256 from which on a portrait shows them."""

SOFT = 1.5
"""Standard deviation in pixels at 256x256 over which the colours of one go over into those of the next."""

DARK = 16
"""Levels of lightness below which saturation is noise."""

WHITE = 8.0
"""Levels from white over which colours fade: highlights have none."""


def kinds(mask: np.ndarray, parts: np.ndarray | None) -> np.ndarray:
    """What of a portrait is coloured alike, uint8 [R, R], by its Helen ids and, where they are known, its parts."""
    found: np.ndarray = ALIKE[mask].astype(np.uint8)
    if parts is not None:
        bare = np.isin(parts, [labels.PARTS[name] for name in ("l_ear", "r_ear", "neck")])
        found[bare & (mask == labels.BACKGROUND)] = SKIN
    return found


def chroma(portrait: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """By how much the channels of a portrait differ from its lightness (OpenCV's gray); darker than it shows a kind, in
    proportion, as in shadow.

    Args:
      portrait: uint8 RGB [R, R, 3].
      mask: uint8 [R, R] Helen ids.

    Returns:
      float32 [6, 256, 3], of each kind and lightness; 0 for black and white.
    """
    lightness, kind = cv2.cvtColor(portrait, cv2.COLOR_RGB2GRAY), np.where(mask > 0, ALIKE[mask], NONE)
    light = lightness[..., None].astype(np.float32)
    saturation = (portrait - light) / np.maximum(light, DARK)
    counts = np.bincount(kind.ravel(), minlength=KINDS) * (REFERENCE_SIZE / len(mask)) ** 2
    found = np.zeros((KINDS, 256, 3), np.float32)
    for each in range(KINDS):
        source = next((other for other in (each, INSTEAD[each], SKIN) if counts[other] >= LEAST), None)
        if source is not None:
            found[each] = by_lightness(saturation[kind == source], lightness[kind == source], SMOOTH)
    levels = np.arange(256, dtype=np.float32)
    chromas: np.ndarray = found * (levels * np.minimum((255 - levels) / WHITE, 1))[:, None]
    return chromas


def shares(kind: np.ndarray) -> np.ndarray:
    """How far each pixel is of each kind, float32 [R, R, 6], with soft borders."""
    spread = SOFT * len(kind) / REFERENCE_SIZE
    return np.dstack([cv2.GaussianBlur(np.float32(kind == each), (0, 0), spread) for each in range(KINDS)])


def coloured(picture: np.ndarray, share: np.ndarray, chromas: np.ndarray) -> np.ndarray:
    """A black-and-white picture, uint8 RGB [H, W, 3], in colours, by ``shares``, float32 [H, W, 6], and ``chroma``."""
    lightness = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    result = lightness[..., None].astype(np.float32)
    for each, of_kind in enumerate(chromas):
        result = result + share[..., each, None] * of_kind[lightness]
    return np.clip(np.round(result), 0, 255).astype(np.uint8)
