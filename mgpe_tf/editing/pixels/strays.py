"""Strands and shadows of hair on the background, farther from it than its fringe."""

from __future__ import annotations

import cv2
import numpy as np

from mgpe_tf.editing.masks.regions import distance_from
from mgpe_tf.editing.pixels.fill import averaged, filled
from mgpe_tf.editing.pixels.inpaint import with_fringe
from mgpe_tf.geometry import REFERENCE_SIZE

REACH = 20.0
"""Pixels at 256x256 from hair within which they are looked for."""

EVEN = 4.0
"""Standard deviation in pixels at 256x256 over which the colours of hair and background are averaged."""

LIKE = 0.25
"""How far a colour must be on the way from the background's to the hair's."""

APART = 40.0
"""Levels by which these must differ, lengths of colours in RGB."""


def strays(image: np.ndarray, hair: np.ndarray, background: np.ndarray) -> np.ndarray:
    """Where the background beside hair's fringe looks like the hair, as far as that goes on from the fringe: bool
    [R, R].

    Args:
      image: uint8 RGB [R, R, 3].
      hair, background: bool [R, R].
    """
    scale, pixels = len(image) / REFERENCE_SIZE, image.astype(np.float32)
    fringe, away = with_fringe(hair), distance_from(hair) / scale
    clear = background & (away > REACH)
    inner = cv2.erode(hair.astype(np.uint8), np.ones((2 * round(2 * scale) + 1,) * 2, np.uint8)) > 0
    if not clear.any() or not inner.any():
        return np.zeros(hair.shape, bool)
    wall, strand = (filled(averaged(pixels, known, EVEN * scale), known) for known in (clear, inner))
    way = strand - wall
    length = np.square(way).sum(axis=-1)
    share = ((pixels - wall) * way).sum(axis=-1) / np.maximum(length, APART**2)
    like = background & ~clear & (share > LIKE) & (length > APART**2)
    _, pieces = cv2.connectedComponents((like | fringe).astype(np.uint8))
    joined = like & np.isin(pieces, np.unique(pieces[fringe])) & ~fringe
    soft = cv2.dilate(joined.astype(np.uint8), np.ones((2 * round(1.5 * scale) + 1,) * 2, np.uint8)) > 0
    found: np.ndarray = soft & background & ~fringe
    return found
