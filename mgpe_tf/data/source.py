"""Sources: numbered portraits with masks, whatever the layout on disk."""

from __future__ import annotations

import abc

import numpy as np

from mgpe_tf.errors import UserError
from mgpe_tf.labels import order_left_right, to_helen, to_partial


class Source(abc.ABC):
    """Portraits with masks, by number. Reading is safe from several threads.

    Attributes:
      names: one name per portrait.
      resolution: height and width in pixels of what ``load`` returns.
      problems: what is wrong with the listing, or with the label set of a sample, one line each; known at once.
      others: files beside the portraits' that are left alone, since they are no pictures by their endings.
      partial: whether masks are of partial ids (``labels.PARTIAL_PARTS``), by which a parser of nineteen classes is
        trained.
      knows_parts: whether labels tell all parts of a portrait apart, of some portraits at least; masks do if `partial`.
      unknown: whether masks may have pixels of ``labels.UNKNOWN``, of partial ids ``labels.UNLABELLED``.
    """

    names: tuple[str, ...]
    resolution: int
    problems: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    partial = False
    knows_parts = False
    unknown = False

    def __len__(self) -> int:
        return len(self.names)

    @abc.abstractmethod
    def load(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Portrait number `index`: (image uint8 RGB [R, R, 3], mask uint8 [R, R]), R = ``resolution``. The mask is one
        of Helen ids, or of partial ones.

        Left and right ids are in order. Raises UserError naming the file if a file of the portrait is unfit.
        """

    def stored_image(self, index: int) -> bytes | None:
        """The file of the image as stored, whatever its size; None where there is no file of it."""
        return None


class FileSource(Source):
    """A source of files as they are: a layout says how to read them, this class brings them into shape."""

    @abc.abstractmethod
    def read_image(self, index: int) -> np.ndarray:
        """The image as stored, uint8 RGB [H, W, 3]. Raises UserError naming an unfit file."""

    @abc.abstractmethod
    def read_label(self, index: int) -> np.ndarray:
        """The label as stored, uint8 [H, W], converted to Helen ids, or partial ones. Raises UserError naming an unfit
        file."""

    def converted(self, label: np.ndarray, label_set: str, name: str = "label") -> np.ndarray:
        """Ids of a label set as the source gives them; `name` is for the error."""
        return (to_partial if self.partial else to_helen)(label, label_set, name, self.unknown)

    def frame(self, index: int, image: np.ndarray, label: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The square part of image and label that is used: all, or a UserError if they are not square."""
        for what, array in (("image", image), ("label", label)):
            height, width = array.shape[:2]
            if height != width:
                raise UserError(
                    f"{self.names[index]}: {what} of {width} x {height} pixels; allowed: squares; align photographs"
                    " with python -m mgpe_tf.prepare"
                )
        return image, label

    def load(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """See ``Source.load``."""
        image, label = self.frame(index, self.read_image(index), self.read_label(index))
        label = order_left_right(label, self.partial)
        return resize_image(image, self.resolution), resize_label(label, self.resolution)


def resize_image(image: np.ndarray, resolution: int) -> np.ndarray:
    """Resizes a square uint8 image [H, H, 3]: area means down, cubic up."""
    if image.shape[0] == resolution:
        return image
    import cv2  # training on packed sets does without it

    method = cv2.INTER_AREA if image.shape[0] > resolution else cv2.INTER_CUBIC
    return cv2.resize(image, (resolution, resolution), interpolation=method)


def resize_label(label: np.ndarray, resolution: int) -> np.ndarray:
    """Resizes a square label [H, H] to the nearest pixel centre, so it keeps its place under a resized image."""
    if label.shape[0] == resolution:
        return label
    import cv2

    return cv2.resize(label, (resolution, resolution), interpolation=cv2.INTER_NEAREST_EXACT)
