"""The whites of eyes and teeth in a face that gets the tone of another skin: they are as light as the light is, not as
the skin."""

from __future__ import annotations

import cv2
import numpy as np

from mgpe_tf import labels
from mgpe_tf.geometry import REFERENCE_SIZE

EYES = (labels.LEFT_EYE, labels.RIGHT_EYE)

BRIGHT = 75
"""Percentile of the brightness of eyes above which they are white."""

LEAST = 60
"""Pixels at 256x256: eyes of fewer tell nothing."""

LEAST_SHARE = 0.3
"""Share of the skin's change in brightness that whites take part in at the least."""

SOFT = 1.0
"""Standard deviation in pixels at 256x256 of their borders."""


def with_whites(
    toned: np.ndarray, carried: np.ndarray, theirs: np.ndarray, photograph: np.ndarray, own: np.ndarray
) -> np.ndarray:
    """Another's face in the own tone, with whites that differ from what they were as the whites of the eyes of both do:
    in brightness by ``LEAST_SHARE`` of what its skin does at the least, and never by more or in another direction.

    Args:
      toned: in the own tone (``colours.in_tone``), uint8 RGB [R, R, 3].
      carried: as it was photographed, uint8 RGB [R, R, 3].
      theirs: its mask, uint8 [R, R] Helen ids.
      photograph: the portrait into which it goes, uint8 RGB [R, R, 3].
      own: that one's mask, uint8 [R, R] Helen ids.

    Returns:
      uint8 RGB [R, R, 3]; as toned outside eyes and mouth.
    """
    skin = theirs == labels.SKIN
    white = np.isin(theirs, (*EYES, labels.INNER_MOUTH)).astype(np.float32)
    if not skin.any() or not white.any():
        return toned
    lab, before, ours = (_lab(each) for each in (toned, carried, photograph))
    of_skin = (lab - before)[skin].mean(axis=0)
    eyes, own_eyes = _white_of(before, theirs), _white_of(ours, own)
    change = least = of_skin * (LEAST_SHARE, 0, 0)
    if eyes is not None and own_eyes is not None:
        change = np.clip(own_eyes - eyes, np.minimum(of_skin, least), np.maximum(of_skin, least))
    share = cv2.GaussianBlur(white, (0, 0), SOFT * len(white) / REFERENCE_SIZE)[..., None]
    mixed = cv2.cvtColor((lab + share * (before + change - lab)).astype(np.float32), cv2.COLOR_LAB2RGB) * 255
    result: np.ndarray = np.where(share > 0, np.clip(np.round(mixed), 0, 255), toned).astype(np.uint8)
    return result


def _white_of(lab: np.ndarray, mask: np.ndarray) -> np.ndarray | None:
    """L*, a* and b* of the whites of eyes, float32 [3]; None where too little of them is seen."""
    eyes = lab[np.isin(mask, EYES)]
    if len(eyes) < LEAST * (len(mask) / REFERENCE_SIZE) ** 2:
        return None
    white: np.ndarray = np.median(eyes[eyes[:, 0] >= np.percentile(eyes[:, 0], BRIGHT)], axis=0)
    return white


def _lab(picture: np.ndarray) -> np.ndarray:
    lab: np.ndarray = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    return lab
