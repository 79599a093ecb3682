"""The light on both sides of a face. A beard grows alike on both, so what is darker on one of them lies in a shadow."""

from __future__ import annotations

import cv2
import numpy as np

from mgpe_tf.editing.pixels.fill import averaged
from mgpe_tf.geometry import REFERENCE_SIZE

SHADE = 10.0
"""Standard deviation in pixels at 256x256 over which light is averaged."""

FAR = 0.02
"""Weight, against a place all around which is skin, of the mean over all of it."""

DARK = 0.6
"""Share of the median brightness of the own skin below which it is taken for a beard, which tells little of a light."""

KNOWN = 0.5
"""Share of own skin around a place, and around the one on the other side, from which on it tells the light there."""

DARKER = 6.0
"""Levels of L* by which a side is darker from which on its shadow is taken away wholly."""

FULL = 0.6
"""Share of the mean brightness from which on all is changed as skin is; dark hair reflects little of a light."""

Places = tuple[np.ndarray, np.ndarray]
"""Rows and columns, float [R, R] each."""


def without_shadow(
    carried: np.ndarray, shown: np.ndarray, photograph: np.ndarray, skin: np.ndarray, opposite: Places
) -> np.ndarray:
    """Another's lower face, no darker on one side than on the other, but for what the own face is.

    Args:
      carried: uint8 RGB [R, R, 3].
      shown: where its skin is shown, with a beard or without, bool [R, R].
      photograph: uint8 RGB [R, R, 3].
      skin: where it shows such skin, bool [R, R].
      opposite: the place on the other side of the face of each.

    Returns:
      uint8 RGB [R, R, 3]; as it was if one of them has no skin.
    """
    lab, own = (cv2.cvtColor(each.astype(np.float32) / 255, cv2.COLOR_RGB2LAB) for each in (carried, photograph))
    if skin.any():
        skin = skin & (own[..., 0] >= DARK * np.median(own[skin][:, 0]))
    if not shown.any() or not skin.any():
        return carried
    width = SHADE * len(lab) / REFERENCE_SIZE
    light, wanted = averaged(lab, shown, width, FAR), averaged(own, skin, width, FAR)
    missing = _less(light, opposite) - _less(wanted, opposite)
    most = np.maximum(missing[..., 0], DARKER)
    known = cv2.GaussianBlur(skin.astype(np.float32), (0, 0), width)
    share = np.clip(np.minimum(known, _there(known, opposite)) / KNOWN, 0, 1) * np.clip(missing[..., 0] / DARKER, 0, 1)
    share *= np.clip((wanted - light)[..., 0] / most, 0, 1)  # no lighter than the own skin
    hair = np.clip(lab[..., 0] / max(FULL * float(lab[shown][:, 0].mean()), 1.0), 0, 1)
    result = cv2.cvtColor(lab + (share * hair)[..., None] * missing, cv2.COLOR_LAB2RGB) * 255
    lit: np.ndarray = np.clip(np.round(result), 0, 255).astype(np.uint8)
    return lit


def _less(light: np.ndarray, opposite: Places) -> np.ndarray:
    """By how much less light, float32 [R, R, 3], there is than on the other side."""
    less: np.ndarray = _there(light, opposite) - light
    return less


def _there(light: np.ndarray, opposite: Places) -> np.ndarray:
    """What is on the other side."""
    rows, columns = (each.astype(np.float32) for each in opposite)
    return cv2.remap(light, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
