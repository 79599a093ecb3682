"""What of an edited photograph the page shows: pictures small enough to be sent after every stroke."""

from __future__ import annotations

import cv2
import numpy as np

from mgpe_tf.data.alignment import Alignment

SMALLEST, LARGEST = 512, 1024
"""Longer side in pixels of what is shown: smaller pictures are enlarged to it, larger ones shrunk."""


def close_up(photo: np.ndarray, alignment: Alignment) -> np.ndarray:
    """The part of a photograph, uint8 RGB [H, W, 3], in which its aligned crop lies, in a size to be shown."""
    return sized(photo[alignment.region])


def sized(photo: np.ndarray) -> np.ndarray:
    """A picture, uint8 RGB [H, W, 3], in a size to be shown."""
    longer = max(photo.shape[:2])
    scale = np.clip(longer, SMALLEST, LARGEST) / longer
    if scale == 1:
        return photo
    size = tuple(max(1, round(side * scale)) for side in photo.shape[1::-1])
    return cv2.resize(photo, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)


def square(photo: np.ndarray, size: int = 168) -> np.ndarray:
    """The middle of a photograph, uint8 RGB [H, W, 3], as a small square; of a tall one the upper part."""
    side = min(photo.shape[:2])
    left = (photo.shape[1] - side) // 2
    return cv2.resize(photo[:side, left : left + side], (size, size), interpolation=cv2.INTER_AREA)


def face(photo: np.ndarray, alignment: Alignment, size: int = 168) -> np.ndarray:
    """A face of a photograph, uint8 RGB [H, W, 3], as a small square."""
    return cv2.resize(alignment.crop(photo), (size, size), interpolation=cv2.INTER_AREA)
