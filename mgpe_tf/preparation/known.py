"""What is known of portraits already: the labels of a data set of fewer classes, within which a parser tells more."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from mgpe_tf import labels
from mgpe_tf.data import images, label_sets
from mgpe_tf.errors import UserError

BELIEVED = 0.5
"""The least probability of all that a label allows together at which a parser tells these apart."""


class KnownLabels:
    """The labels of a data set in a folder.

    Args:
      folder: with labels/NAME.png, in the label set that its dataset.json names, or Helen ids.

    Raises:
      UserError: there is no such folder.
    """

    def __init__(self, folder: Path):
        self._folder = folder / "labels"
        if not self._folder.is_dir():
            raise UserError(f"{self._folder}: there is no such folder; allowed: a data set's folder, with labels/")
        self._label_set = label_sets.stated(folder) or label_sets.DEFAULT
        self._unknown = label_sets.has_unknown(folder)

    def narrowed(self, probabilities: np.ndarray, name: str) -> np.ndarray:
        """A prediction within what is known.

        Args:
          probabilities: float32 [R, R, 19], of the parts.
          name: of the label, without its ending.

        Returns:
          float32 [R, R, 19], 0 for parts that a pixel cannot be by its label; a label of one part alone is certain.
          Where the parser believes the label wrong, as of other people's heads that are background in Helen's, each
          part that the label allows is as probable as the others.

        Raises:
          UserError: there is no such label, or one that cannot be read.
        """
        path = self._folder / f"{name}.png"
        partial = labels.to_partial(images.read_label(path), self._label_set, str(path), self._unknown)
        partial = labels.order_left_right(partial.astype(np.uint8), partial=True)
        size = probabilities.shape[1::-1]
        allowed = labels.PARTIAL_PARTS[cv2.resize(partial, size, interpolation=cv2.INTER_NEAREST)].astype(np.float32)
        kept = probabilities * allowed
        kept = np.where(kept.sum(axis=-1, keepdims=True) < BELIEVED, allowed, kept)
        narrowed: np.ndarray = kept / kept.sum(axis=-1, keepdims=True)
        return narrowed
