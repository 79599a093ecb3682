"""Black-and-white and toned photographs: all that is of one lightness has one colour in them. The networks know
photographs in colours, so what they draw gets the colours of the photograph by its lightness."""

from __future__ import annotations

import cv2
import numpy as np

from mgpe_tf.geometry import REFERENCE_SIZE

GRAY = 3
"""Most levels between the channels of a gray pixel: scanners and JPEG files add some."""

MIXED = 7.0
"""Most levels, of a photograph with whites of 255, by which colours of one lightness differ in a toned one; of 8,500
portraits in colours the least varied had 8."""

STRAY = 98.0
"""Percentage of the pixels that must agree: prints have stamps and stains."""

GRAIN = 1.5
"""Standard deviation, in pixels at 256x256, over which colours are averaged: grain is of any colour."""

BROAD, SMOOTH = 32.0, 4.0
"""Standard deviations, in levels, over which the colours of neighbouring lightnesses are averaged: to know the pixels
that stray, and without them."""


def tones_of(portrait: np.ndarray) -> np.ndarray | None:
    """The colour of each lightness.

    Args:
      portrait: uint8 RGB [R, R, 3].

    Returns:
      uint8 [256, 3], by lightness (OpenCV's gray); None for a portrait in colours.
    """
    lightness = cv2.cvtColor(portrait, cv2.COLOR_RGB2GRAY)
    chroma = portrait.astype(np.float32) - lightness[..., None]
    away = np.abs(chroma - by_lightness(chroma, lightness, BROAD)[lightness]).max(axis=-1)
    usual = away <= np.percentile(away, STRAY)
    most = by_lightness(chroma[usual], lightness[usual], SMOOTH)
    if np.ptp(portrait, axis=-1).max() > GRAY:
        mixed = cv2.GaussianBlur(chroma - most[lightness], (0, 0), GRAIN * len(portrait) / REFERENCE_SIZE)
        white = max(float(np.percentile(lightness, 95)), 1)
        if np.percentile(np.abs(mixed).max(axis=-1), STRAY) > MIXED * white / 255:
            return None
    tones: np.ndarray = np.clip(np.round(np.arange(256)[:, None] + most), 0, 255).astype(np.uint8)
    return tones


def toned(drawn: np.ndarray, tones: np.ndarray) -> np.ndarray:
    """A drawn picture, uint8 RGB [H, W, 3], in the colours of its lightnesses, by ``tones_of``."""
    picture: np.ndarray = tones[cv2.cvtColor(drawn, cv2.COLOR_RGB2GRAY)]
    return picture


def by_lightness(chroma: np.ndarray, lightness: np.ndarray, spread: float) -> np.ndarray:
    """The means of chroma [..., 3] at each lightness, uint8 [...], smooth: float32 [256, 3]. Where no pixel is about as
    light, they are interpolated."""
    counted = np.concatenate([chroma, np.ones_like(chroma[..., :1])], axis=-1).reshape(-1, 4)
    totals = np.stack([np.bincount(lightness.ravel(), one, 256) for one in counted.T], axis=-1)
    smooth = cv2.GaussianBlur(totals, (1, 0), sigmaX=spread, sigmaY=spread, borderType=cv2.BORDER_CONSTANT)
    known = np.flatnonzero(smooth[:, 3] > 1e-3)
    means = smooth[known, :3] / smooth[known, 3:]
    return np.stack([np.interp(np.arange(256), known, one) for one in means.T], axis=-1).astype(np.float32)
