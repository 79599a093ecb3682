"""Another's face over the own one: whole within, and the own skin at its outline and where the other's is hidden."""

from __future__ import annotations

import cv2
import numpy as np

from mgpe_tf import labels
from mgpe_tf.editing.masks.regions import distance_from, fade
from mgpe_tf.geometry import REFERENCE_SIZE

INNER = 10.0
"""Pixels at 256x256 inwards from a face's outline over which the own skin goes over into another's."""

MARGIN = 6.0
"""Pixels at 256x256 beside hair over another's face, whose shadow reaches so far."""

FEW = 6.0
"""Pixels at 256x256, squared, of hidden features for which their mirror images are not looked for."""

ALONG = 8.0
"""Pixels at 256x256 around a hidden feature that come with its mirror image."""

SOFT = 2.0
"""Standard deviation in pixels at 256x256 of the border of mirror images."""


def shown(mask: np.ndarray, brought: np.ndarray) -> np.ndarray:
    """How far another's face is shown in the place of own skin, float32 [R, R] in [0, 1].

    Args:
      mask: the mask that is wanted, uint8 [R, R] Helen ids.
      brought: the other's mask, carried to it.
    """
    scale = len(mask) / REFERENCE_SIZE
    inside = distance_from(~np.isin(mask, labels.FACE)) / scale
    features = np.isin(brought, labels.FEATURES) | np.isin(mask, labels.FEATURES)
    away = np.where(features, np.inf, distance_from(hidden(mask, brought)) / scale)
    share: np.ndarray = (1 - fade(inside - 1, INNER)) * (1 - fade(away - 1, MARGIN))
    return share.astype(np.float32)


def hidden(mask: np.ndarray, brought: np.ndarray) -> np.ndarray:
    """Where a face is wanted, but hair or another thing would be carried: bool [R, R]."""
    wanted = np.isin(mask, labels.FACE) & ~np.isin(brought, labels.FACE)
    return cv2.morphologyEx(wanted.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0


def hidden_features(mask: np.ndarray, brought: np.ndarray) -> np.ndarray:
    """What surrounds those features of a mask that are hidden on another's face, bool [R, R]; nothing for a few
    pixels."""
    scale = len(mask) / REFERENCE_SIZE
    features = hidden(mask, brought) & np.isin(mask, labels.FEATURES)
    if features.sum() <= FEW * scale**2:
        return np.zeros(mask.shape, bool)
    around: np.ndarray = distance_from(features) <= ALONG * scale
    return around


def of_mirror_image(mask: np.ndarray, brought: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """How far the mirror image of another's face is shown, float32 [R, R] in [0, 1].

    Args:
      mask: the mask that is wanted.
      brought: the mirror image of the other's, carried to it.
      wanted: bool [R, R], see ``hidden_features``.
    """
    scale = len(mask) / REFERENCE_SIZE
    clear = distance_from(~np.isin(brought, labels.FACE)) > MARGIN * scale
    share: np.ndarray = cv2.GaussianBlur((wanted & clear).astype(np.float32), (0, 0), SOFT * scale)
    return share
