"""A face parser applied to a data set, and its predictions counted."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from keras import ops

from mgpe_tf.data.source import Source
from mgpe_tf.evaluation.measure.portraits import load_batches
from mgpe_tf.labels import HELEN_SUMS, NUM_CLASSES, NUM_PARTS, PARTIAL_TO_HELEN
from mgpe_tf.metrics.segmentation import confusion_matrix, macro_f1
from mgpe_tf.models.face_parser import FaceParser
from mgpe_tf.progress import progress_bar


@dataclasses.dataclass(frozen=True)
class ParserEvaluation:
    """A parser's predictions for N portraits, as counts.

    Attributes:
      names: the portraits' names.
      confusions: int64 [N, 11, 11], pixels per portrait: row = label, column = prediction.
      part_confusions: the same of CelebAMask-HQ's nineteen classes, int64 [N, 19, 19]; None unless parser and labels
        know them.
    """

    names: tuple[str, ...]
    confusions: np.ndarray
    part_confusions: np.ndarray | None = None

    @property
    def pooled(self) -> np.ndarray:
        """The counts of all portraits together, int64 [11, 11]."""
        return self.confusions.sum(axis=0)

    @property
    def parts(self) -> np.ndarray | None:
        """The same of the nineteen classes, int64 [19, 19]."""
        return None if self.part_confusions is None else self.part_confusions.sum(axis=0)

    @functools.cached_property
    def image_f1(self) -> np.ndarray:
        """Macro F1 of each portrait by itself, float64 [N] (see ``macro_f1``)."""
        return np.array([macro_f1(confusion) for confusion in self.confusions])

    def worst(self, count: int, parts: bool = False) -> dict[int, float]:
        """The `count` portraits of the lowest macro F1 of the eleven classes, or of the nineteen, the worst one first:
        their numbers, and what it is. Those of whose label nothing is known are none of them."""
        confusions = self.part_confusions if parts else self.confusions
        assert confusions is not None, "the parts were not counted"
        scores = {number: macro_f1(each) for number, each in enumerate(confusions) if each.any()}
        return {number: scores[number] for number in sorted(scores, key=scores.__getitem__)[:count]}


class Prediction(NamedTuple):
    """A portrait, what it is labelled as and what a parser reads.

    Attributes:
      image: uint8 RGB [R, R, 3].
      label, prediction: uint8 [R, R] Helen ids.
      parts: the same two of CelebAMask-HQ's ids; None unless they are known of both.
    """

    image: np.ndarray
    label: np.ndarray
    prediction: np.ndarray
    parts: tuple[np.ndarray, np.ndarray] | None = None


def evaluate_parser(parser: FaceParser, source: Source, batch_size: int, limit: int | None = None) -> ParserEvaluation:
    """Reads every portrait, or the first `limit`, in order; shows the progress on stderr after two seconds.

    Args:
      parser: what reads.
      source: the portraits; of one of partial labels (``Source.partial``), which a parser of nineteen classes takes
        alone, the parts are counted, too.
      batch_size: portraits that are read at once.
      limit: only the first so many.

    Raises:
      UserError: names the first file that is unfit.
    """
    names = source.names[:limit]
    found = read_portraits(parser, source, range(len(names)), batch_size)
    confusions, parts = [], []
    for read in progress_bar(found, "Reading portraits", len(names), unit="portrait", delay=2):
        confusions.append(_confusion(read.label, read.prediction, NUM_CLASSES))
        if read.parts:
            label, prediction = read.parts
            parts.append(_confusion(label, prediction, NUM_PARTS))
    return ParserEvaluation(names, np.stack(confusions), np.stack(parts) if parts else None)


def read_portraits(parser: FaceParser, source: Source, indices: Sequence[int], batch_size: int) -> Iterator[Prediction]:
    """Yields the portraits of the `indices`, as labelled and as read."""
    for _, images, masks in load_batches(source, indices, batch_size):
        if source.partial:
            probabilities = parser.probabilities(images, "celebamask_hq")
            predictions, parts = _largest(probabilities @ HELEN_SUMS), _largest(probabilities)
            helen = np.array(PARTIAL_TO_HELEN, np.uint8)[masks]
            yield from map(Prediction, images, helen, predictions, zip(masks, parts))
        else:
            yield from map(Prediction, images, masks, _largest(parser.probabilities(images)))


def _largest(probabilities: np.ndarray) -> np.ndarray:
    return probabilities.argmax(axis=-1).astype(np.uint8)


def _confusion(mask: np.ndarray, prediction: np.ndarray, classes: int) -> np.ndarray:
    return ops.convert_to_numpy(confusion_matrix(mask, prediction, classes)).astype(np.int64)
