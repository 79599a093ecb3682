"""Hair that goes on beyond a portrait, and goes with what of it is in the portrait."""

from __future__ import annotations

import cv2
import numpy as np

from mgpe_tf.editing.masks.regions import distance_from
from mgpe_tf.editing.pixels.inpaint import evenly_patched, with_fringe
from mgpe_tf.geometry import REFERENCE_SIZE

SOFT = 1.5
"""Standard deviation in pixels at 256x256 of the border of what is filled."""


def gone(around: np.ndarray, own: np.ndarray, left: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Where hair goes that hangs on hair at a portrait's border that has gone.

    Args:
      around: hair in and about the portrait, bool [W, W] of the wider crop (``dye.wider``).
      own: the portrait's hair, bool [R, R].
      left: what of it is left, bool [R, R].
      drawn: how far what is drawn of the portrait is shown, float32 [R, R]: at its border the less.

    Returns:
      float32 [W, W]: how far each pixel is hair that goes, or its fringe; 0 where nothing else than what is drawn is
      shown.
    """
    pad, border = (len(around) - len(own)) // 2, np.zeros(own.shape, bool)
    border[[0, -1]] = border[:, [0, -1]] = True
    lost, kept = (np.pad(border & own & where, pad) for where in (~left, left))
    goes = np.pad(own & ~left, pad) | (around & (distance_from(lost) < distance_from(kept)))
    soft = cv2.GaussianBlur(with_fringe(goes).astype(np.float32), (0, 0), SOFT * len(own) / REFERENCE_SIZE)
    share: np.ndarray = soft * not_drawn(drawn, around)
    return share


def not_drawn(drawn: np.ndarray, around: np.ndarray) -> np.ndarray:
    """Where of the wider crop, [W, W, ...], something else is shown than what is drawn, bool [W, W]; `drawn` as of
    ``gone``."""
    shown: np.ndarray = np.pad(drawn, (len(around) - len(drawn)) // 2) < 1
    return shown


def without_hair(image: np.ndarray, within: np.ndarray, around: np.ndarray, face: np.ndarray) -> np.ndarray:
    """The wider crop without hair.

    Args:
      image: uint8 RGB [W, W, 3].
      within: the portrait without hair, uint8 RGB [R, R, 3].
      around: hair in and about the portrait, bool [W, W].
      face: of the portrait, bool [R, R]; it is no pattern for what lies about it.

    Returns:
      uint8 RGB [W, W, 3]: the portrait, and about it patches of what is there.
    """
    pad, result = (len(image) - len(within)) // 2, image.copy()
    result[pad:-pad, pad:-pad] = within
    inside = np.pad(np.ones(face.shape, bool), pad)
    hole = with_fringe(around) & ~inside
    source = ~hole & ~np.pad(with_fringe(face), pad)
    small, (empty, usable) = _half(result), (_half(each.astype(np.uint8) * 255) for each in (hole, source))
    filled = evenly_patched(small, empty > 0, usable == 255)
    filled = cv2.resize(filled, image.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    return np.where(hole[..., None], filled, result)


def _half(image: np.ndarray) -> np.ndarray:
    """Half as large: it is quicker, and what is around a portrait is mostly out of focus."""
    return cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
