"""What lies beside another's hair comes with it: the skin of forehead and temples, and ears, as they were photographed
together."""

from __future__ import annotations

import cv2
import numpy as np

from mgpe_tf import labels
from mgpe_tf.editing.masks.regions import box_of, distance_from, fade
from mgpe_tf.editing.masks.scene import EARS, SEEN
from mgpe_tf.geometry import REFERENCE_SIZE
from mgpe_tf.labels import PARTS

BESIDE = 4.0
"""Pixels at 256x256 from another's hair within which skin is the other's wholly: strands and shadows lie there."""

OVER = 14.0
"""Pixels at 256x256 from there on over which it goes over into the own."""

FROM_FEATURES = 8.0
"""Pixels at 256x256 from features over which skin is the own: each has its own creases and shadows."""

FROM_THEIRS = 16.0
"""The same from the other's features, whose lashes and make-up reach farther than their labels."""

FREE = (PARTS["hair"], PARTS["background"])
"""Own parts in the place of which ears are shown."""

SOFT = 1.5
"""Standard deviation in pixels at 256x256 of its border."""


def beside_hair(mask: np.ndarray, own: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """How far what lies beside another's hair is shown, float32 [R, R] in [0, 1].

    Args:
      mask: the mask with the other's hair, uint8 [R, R] Helen ids.
      own, theirs: one's own parts and the other's, carried along with the hair, uint8 [R, R] of CelebAMask-HQ's ids.
    """
    scale = len(mask) / REFERENCE_SIZE
    hair, skin = mask == labels.HAIR, (mask == labels.SKIN) & (theirs == PARTS["skin"])
    near = fade(distance_from(hair) / scale - BESIDE, OVER) * _above_beard(mask)
    behind = fade(distance_from((own == PARTS["hair"]) & ~hair) / scale, OVER)
    clear, clear_of_theirs = (
        1 - fade(distance_from(np.isin(ids, labels.FEATURES)) / scale - 1, reach)
        for ids, reach in ((mask, FROM_FEATURES), (np.array(labels.PARTS_TO_HELEN)[theirs], FROM_THEIRS))
    )
    unseen = [ear for ear in EARS if (~hair & (own == ear)).sum() < SEEN * (theirs == ear).sum()]
    ears = (mask == labels.BACKGROUND) & np.isin(own, FREE) & np.isin(theirs, unseen)
    share = np.where(skin, np.maximum(near * clear, behind) * clear_of_theirs, ears | hair)
    soft: np.ndarray = cv2.GaussianBlur(share.astype(np.float32), (0, 0), SOFT * scale) * (skin | ears)
    return soft


def _above_beard(mask: np.ndarray) -> np.ndarray:
    """1 above the mouth and below it less and less, float [R, 1]: no beard comes along."""
    mouth = box_of(mask, labels.MOUTH)
    rows = np.arange(len(mask))[:, None]
    return fade(rows - (mouth.top if mouth else len(mask)), OVER * len(mask) / REFERENCE_SIZE)
