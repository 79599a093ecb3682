"""The rim of another's hair in the colours of its hair: there it is mixed with a background that does not come with
it, which would be seen as a halo."""

from __future__ import annotations

import cv2
import numpy as np

from mgpe_tf.editing.masks.regions import distance_from
from mgpe_tf.editing.pixels.fill import averaged
from mgpe_tf.geometry import REFERENCE_SIZE

MIXED = 4.0
"""Pixels at 256x256 from the background within which hair is taken to be mixed with it."""

BEYOND = 8.0
"""Pixels at 256x256 from hair up to which the background gets its colours, too: single strands reach there."""

ALONG = 2.0
"""Standard deviation in pixels at 256x256 over which the colours of the hair within are averaged."""

STRANDS = 1.5
"""The same of the blur that tells strands from colours."""


def without_halo(image: np.ndarray, hair: np.ndarray, beyond: np.ndarray) -> np.ndarray:
    """A portrait whose hair has its own colours up to the background and a little beyond.

    Args:
      image: uint8 RGB [R, R, 3].
      hair, beyond: bool [R, R], hair, and the background that does not come with it.

    Returns:
      uint8 RGB [R, R, 3].
    """
    scale = len(image) / REFERENCE_SIZE
    inner = hair & (distance_from(beyond) > MIXED * scale)
    if not inner.any():
        return image
    pixels = image.astype(np.float32)
    colours = averaged(pixels, inner, ALONG * scale, doubt=1e-3)
    strands = pixels - averaged(pixels, hair & ~inner, STRANDS * scale)
    rim = (beyond | hair) & ~inner & (distance_from(beyond) <= MIXED * scale) & (distance_from(hair) <= BEYOND * scale)
    share = cv2.GaussianBlur(rim.astype(np.float32), (0, 0), scale)[..., None] * (hair | beyond)[..., None]
    wanted = colours + strands * hair[..., None]
    result: np.ndarray = np.clip(np.round(pixels + share * (wanted - pixels)), 0, 255).astype(np.uint8)
    return result
