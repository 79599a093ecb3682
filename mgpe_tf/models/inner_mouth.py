"""What is seen in a mouth that an edit opens, by a network."""

from __future__ import annotations

import functools
from pathlib import Path

import cv2
import numpy as np
import tensorflow as tf

from mgpe_tf.geometry import INSIDE_OF_MOUTH, REFERENCE_SIZE, bounding_box, component_centre
from mgpe_tf.labels import NUM_CLASSES
from mgpe_tf.models.resting import trained
from mgpe_tf.networks.inner_mouth import InnerMouth
from mgpe_tf.ops.one_hot import one_hot_mask

FILE = "inner_mouth.npz"
"""Of the network's weights."""

SIZE = INSIDE_OF_MOUTH.height, INSIDE_OF_MOUTH.width

WIDEST = 0.85
"""Share of the crop's height and width that a mouth's inside has at the most: a larger one is made smaller."""


class OpenedMouths:
    """Completes mouths by a network that is loaded when it is first needed.

    Args:
      folder: with the file ``FILE``.
    """

    def __init__(self, folder: Path):
        self._network = functools.cache(lambda: _compiled(folder / FILE))

    def completed(self, portrait: np.ndarray, mask: np.ndarray, known: np.ndarray) -> np.ndarray:
        """A portrait with what the network tells of its mouth.

        Args:
          portrait: uint8 RGB [R, R, 3].
          mask: uint8 [R, R] Helen ids.
          known: bool [R, R], false where the portrait does not show what the mask says.

        Returns:
          uint8 RGB [R, R, 3]; it differs from the portrait about the mouth alone, where that is not known.
        """
        to_portrait = _from_crop(mask)
        image = _cropped(portrait, to_portrait, cv2.INTER_LINEAR)
        mask, seen = (_cropped(each.astype(np.uint8), to_portrait, cv2.INTER_NEAREST) for each in (mask, known))
        told = self._network()(
            tf.constant(image[None] / np.float32(127.5) - 1),
            tf.constant(seen[None, ..., None].astype(np.float32)),
            one_hot_mask(tf.constant(mask[None])),
        )
        told = np.clip(np.round(127.5 * (told.numpy()[0] + 1)), 0, 255).astype(np.uint8)
        size = portrait.shape[1::-1]
        completed = cv2.warpAffine(told, to_portrait, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        return np.where(known[..., None], portrait, completed)


def _cropped(picture: np.ndarray, to_portrait: np.ndarray, interpolation: int) -> np.ndarray:
    """A portrait's crop; beyond its borders it goes on as there."""
    flags = interpolation | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(picture, to_portrait, SIZE[::-1], flags=flags, borderMode=cv2.BORDER_REPLICATE)


def _from_crop(mask: np.ndarray) -> np.ndarray:
    """The map from positions (x, y) in the crop to those in the portrait, float64 [2, 3]."""
    row, column = component_centre(mask, INSIDE_OF_MOUTH)
    scale, box = len(mask) / REFERENCE_SIZE, bounding_box(mask, INSIDE_OF_MOUTH.labels)
    if box is not None:
        top, bottom, left, right = box
        scale = max(scale, (bottom + 1 - top) / (WIDEST * SIZE[0]), (right + 1 - left) / (WIDEST * SIZE[1]))
    return np.array(((scale, 0, column - scale * (SIZE[1] // 2)), (0, scale, row - scale * (SIZE[0] // 2))))


def _compiled(path: Path) -> tf.types.experimental.PolymorphicFunction:
    network = trained(InnerMouth(), path, (1, *SIZE, 3), (1, *SIZE, 1), (1, *SIZE, NUM_CLASSES))
    return tf.function(network, autograph=False)
