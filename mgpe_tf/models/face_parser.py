"""P_F ready for use, whatever the format in which it is stored."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

from mgpe_tf.data.source import resize_image, resize_label
from mgpe_tf.errors import UserError
from mgpe_tf.labels import ALL_PARTS, HELEN_SUMS, MIRRORED
from mgpe_tf.models.parser_functions import Form, parser_of, read_parser
from mgpe_tf.models.shipped import model_path

if TYPE_CHECKING:  # a .tflite file needs neither Keras nor TensorFlow
    import keras


class FaceParser:
    """Reads the classes of ``mgpe_tf.labels`` off aligned portraits. Not for use from several threads at once.

    Every parser reads Helen's eleven classes. One of CelebAMask-HQ's nineteen also reads these, and the probability of
    each of Helen's is the sum of those that it merges.

    Args:
      form: the network, from images to probabilities.
      resolution: R, height and width in pixels of what `form` takes and gives.
      features: from images to features, see ``features``; None where they cannot be had.
      label_set: whose classes `form` gives, "helen" or "celebamask_hq".

    Attributes:
      resolution, label_set: as above.
      has_features: whether there are any.

    Examples:
      >>> parser = FaceParser.load()                   # or of a run folder, an exported folder or a .tflite file
      >>> mask = parser.parse(portrait)                # uint8 RGB [H, H, 3] -> uint8 [H, H], Helen ids
      >>> parts = parser.parse(portrait, "celebamask_hq")      # if it knows nineteen classes
    """

    def __init__(self, form: Form, resolution: int, features: Form | None = None, label_set: str = "helen"):
        self._form, self._features = form, features
        self.resolution, self.has_features, self.label_set = resolution, features is not None, label_set

    @classmethod
    def load(cls, path: str | os.PathLike | None = None, num_threads: int | None = None) -> FaceParser:
        """The parser stored at `path`: a run folder, a SavedModel, a folder of ``export_model`` or a .tflite file.

        Args:
          path: the folder or file; None for the one that comes with the package.
          num_threads: threads of a .tflite file's interpreter; None for its own choice.

        Raises:
          UserError: names the path, if there is no parser.
        """
        return cls(*read_parser(model_path("parser", path), num_threads))

    @classmethod
    def of(cls, network: keras.Model, resolution: int) -> FaceParser:
        """The parser whose Keras model is `network`, from float images [B, R, R, 3] in [-1, 1] to logits of its own
        ``label_set``."""
        return cls(*parser_of(network, resolution))

    def flip_averaged(self) -> FaceParser:
        """This parser, averaged over each image and its mirror image; the features stay as they are.

        In the prediction for the mirror image left and right classes are exchanged back. So a mirrored image gives the
        mirrored prediction, exactly; it takes twice the time.
        """
        form, flipped = self._form, MIRRORED[self.label_set]

        def averaged(images: np.ndarray) -> np.ndarray:
            straight, mirrored = np.split(form(np.concatenate([images, images[:, :, ::-1]])), 2)
            return (straight + mirrored[:, :, ::-1, flipped]) / 2

        return FaceParser(averaged, self.resolution, self._features, self.label_set)

    def require(self, label_set: str) -> None:
        """Raises UserError if this parser does not read a label set."""
        if label_set in ("helen", self.label_set):
            return
        if label_set in MIRRORED:
            raise UserError(f"this parser reads helen, not {label_set}; {ALL_PARTS}")
        raise UserError(f"label_set: {label_set!r} is read by no parser; allowed: {', '.join(MIRRORED)}")

    def probabilities(self, images: np.ndarray, label_set: str = "helen") -> np.ndarray:
        """uint8 RGB [B, R, R, 3] -> float32 [B, R, R, C], summing to 1 over the C classes of a label set.

        Args:
          images: portraits of the parser's size.
          label_set: "helen", or "celebamask_hq" of a parser of nineteen classes.

        Raises:
          UserError: wrong images, or a label set that this parser does not read.
        """
        self.require(label_set)
        floats = self._floats(images)
        found = self._form(floats) if len(floats) else self._none(floats)
        return found if label_set == self.label_set else found @ HELEN_SUMS

    def features(self, images: np.ndarray) -> np.ndarray:
        """uint8 RGB [B, R, R, 3] -> float32 [B, D]: the network's deepest map, averaged over its places.

        Raises:
          UserError: wrong images, or a stored parser that gives labels alone (``has_features``).
        """
        if self._features is None:
            raise UserError("this parser gives no features: take its run folder, or export it again")
        return self._features(self._floats(images))

    def parse(self, portrait: np.ndarray, label_set: str = "helen") -> np.ndarray:
        """uint8 RGB [H, H, 3] of any size H -> uint8 [H, H], ids of a label set (see ``probabilities``)."""
        mask = self._of_one(portrait, label_set).argmax(axis=-1).astype(np.uint8)
        return resize_label(mask, len(portrait))

    def masks(self, portrait: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """``parse`` by Helen's classes and, of a parser that knows them, by CelebAMask-HQ's, at the price of one."""
        found = self._of_one(portrait, self.label_set)
        if self.label_set == "helen":
            return resize_label(found.argmax(axis=-1).astype(np.uint8), len(portrait)), None
        merged, parts = ((found @ HELEN_SUMS).argmax(axis=-1), found.argmax(axis=-1))
        mask, parts = (resize_label(ids.astype(np.uint8), len(portrait)) for ids in (merged, parts))
        return mask, parts

    def confidence(self, portrait: np.ndarray, label_set: str = "helen") -> np.ndarray:
        """uint8 RGB [H, H, 3] of any size H -> float32 [H, H] in [0, 1]: at each pixel the probability of the class
        that ``parse`` reads there, low where classes meet and where the parser does not know."""
        largest = self._of_one(portrait, label_set).max(axis=-1)
        return resize_label(np.minimum(largest, 1), len(portrait))  # sums of probabilities may be rounded up

    def _of_one(self, portrait: np.ndarray, label_set: str) -> np.ndarray:
        """The probabilities of a portrait of any size, float32 [R, R, C]."""
        return self.probabilities(self.fit(portrait)[None], label_set)[0]

    def fit(self, portrait: np.ndarray, name: str = "portrait") -> np.ndarray:
        """A square portrait of any size as ``probabilities`` takes it, uint8 [R, R, 3]; `name` is for the error."""
        portrait = np.asarray(portrait)
        if portrait.dtype != np.uint8 or portrait.ndim != 3 or portrait.shape[2] != 3:
            raise UserError(f"{name}: {portrait.dtype} of shape {portrait.shape}; allowed: uint8 RGB [H, H, 3]")
        height, width = portrait.shape[:2]
        if height != width or not height:
            raise UserError(
                f"{name}: {width} x {height} pixels; allowed: squares; align photographs with python -m "
                "mgpe_tf.prepare, or parse them with --align"
            )
        return resize_image(portrait, self.resolution)

    def _none(self, floats: np.ndarray) -> np.ndarray:
        """The network's output for no images."""
        return np.zeros((*floats.shape[:3], len(MIRRORED[self.label_set])), np.float32)

    def _floats(self, images: np.ndarray) -> np.ndarray:
        images, size = np.asarray(images), self.resolution
        if images.dtype != np.uint8 or images.ndim != 4 or images.shape[1:] != (size, size, 3):
            raise UserError(f"images: {images.dtype} of shape {images.shape}; allowed: uint8 [B, {size}, {size}, 3]")
        return images.astype(np.float32) / 127.5 - 1
