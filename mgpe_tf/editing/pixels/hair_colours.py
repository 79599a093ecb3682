"""The colours of hair, and hair in another's colours: its strands stay, lighter or darker as a whole."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from mgpe_tf.geometry import REFERENCE_SIZE

LEVELS = 8
"""Parts of equally many pixels, from dark to light, of each of which the mean colour is known."""

CONTRAST = (0.6, 1.3)
"""By how much the contrast of strands is changed at the least and at the most: more would show a camera's noise."""

BRIGHTER = 8.0
"""L* by which the brightest strands may exceed the other's brightest eighth."""

OWN = 0.25
"""Share of the own hair's wide differences of hue, of dyed strands and roots, that stays; those of single strands all
stay."""

STRAND = 3.0
"""Standard deviation in pixels at 256x256 of the blur that tells the one from the other."""

FEW = 64
"""Pixels up to which hair is too little to have colours."""


class HairColours(NamedTuple):
    """The colours of hair in CIE L*a*b*.

    Attributes:
      mean, spread: of L*.
      lightness: of some of its pixels from dark to light, float32 [LEVELS].
      hues: their a* and b*, float32 [LEVELS, 2].
    """

    mean: float
    spread: float
    lightness: np.ndarray
    hues: np.ndarray


def hair_colours(image: np.ndarray, hair: np.ndarray) -> HairColours | None:
    """Those of hair, bool [R, R], in an image uint8 RGB [R, R, 3]; None if there is next to none."""
    inner = cv2.erode(hair.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    pixels = _lab(image)[inner if inner.sum() > FEW else hair]
    if len(pixels) <= FEW:
        return None
    parts = np.array_split(pixels[np.argsort(pixels[:, 0], kind="stable")], LEVELS)
    levels = np.stack([part.mean(axis=0) for part in parts])
    return HairColours(float(pixels[:, 0].mean()), float(pixels[:, 0].std()), levels[:, 0], levels[:, 1:])


def in_colours(image: np.ndarray, own: HairColours, other: HairColours) -> np.ndarray:
    """An image whose pixels, those of hair, get another's colours.

    Args:
      image: uint8 RGB [R, R, 3].
      own: of its hair.
      other: of the other's.

    Returns:
      uint8 [R, R, 3].
    """
    lab = _lab(image)
    scale = np.clip(other.spread / max(own.spread, 1e-3), *CONTRAST)
    lightness = other.mean + scale * (lab[..., 0] - own.mean)
    lightness = np.clip(lightness, 0, other.lightness[-1] + BRIGHTER)
    hues = [np.interp(lightness, other.lightness, other.hues[:, axis]) for axis in (0, 1)]
    expected = [np.interp(lab[..., 0], own.lightness, own.hues[:, axis]) for axis in (0, 1)]
    change = lab[..., 1:] - np.stack(expected, axis=-1)
    change -= (1 - OWN) * cv2.GaussianBlur(change, (0, 0), STRAND * len(image) / REFERENCE_SIZE)
    changed = np.concatenate([lightness[..., None], np.stack(hues, axis=-1) + change], axis=-1)
    result = cv2.cvtColor(changed.astype(np.float32), cv2.COLOR_LAB2RGB) * 255
    return np.clip(np.round(result), 0, 255).astype(np.uint8)


def _lab(image: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
