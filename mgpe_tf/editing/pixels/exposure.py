"""Very dark photographs: the networks know portraits in ordinary light. From a few levels of brightness they draw
speckles of colour, so such a portrait is brightened for them, and what they draw is darkened as much."""

from __future__ import annotations

import cv2
import numpy as np

DARK = 64
"""Levels: a portrait whose lightest parts are darker is brightened."""

LIT = 200
"""Levels to which its lightest parts come."""

LIGHTEST = 98.0
"""Percentage of the pixels that are no lighter than the lightest parts."""

MOST = 25.0
"""The most by which a portrait is brightened: below eight levels nothing is to be seen."""


def gain_of(portrait: np.ndarray) -> float:
    """By how much an aligned portrait, uint8 RGB [R, R, 3], is brightened; 1 for all but very dark ones."""
    lightest = float(np.percentile(cv2.cvtColor(portrait, cv2.COLOR_RGB2GRAY), LIGHTEST))
    return 1.0 if lightest >= DARK else min(LIT / max(lightest, 1), MOST)


def exposed(image: np.ndarray, gain: float) -> np.ndarray:
    """A picture, uint8 RGB [H, W, 3], as many times as bright."""
    return image if gain == 1 else np.clip(np.round(image * np.float32(gain)), 0, 255).astype(np.uint8)
