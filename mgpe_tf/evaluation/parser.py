"""Reading a data set with a face parser, and counting what it reads."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator, Sequence

import numpy as np
import tqdm
from keras import ops

from mgpe_tf.data.source import Source
from mgpe_tf.evaluation.portraits import load_batches
from mgpe_tf.metrics.segmentation import confusion_matrix, macro_f1
from mgpe_tf.parsing.face_parser import FaceParser


@dataclasses.dataclass(frozen=True)
class ParserEvaluation:
    """What a parser read of N portraits, as counts.

    Attributes:
      names: the portraits' names.
      confusions: int64 [N, 11, 11], pixels per portrait: row = label, column = reading.
    """

    names: tuple[str, ...]
    confusions: np.ndarray

    @property
    def pooled(self) -> np.ndarray:
        """The counts of all portraits together, int64 [11, 11]."""
        return self.confusions.sum(axis=0)

    @functools.cached_property
    def image_f1(self) -> np.ndarray:
        """Macro F1 of each portrait by itself, float64 [N] (see ``macro_f1``)."""
        return np.array([macro_f1(confusion) for confusion in self.confusions])

    def worst(self, count: int) -> list[int]:
        """The numbers of the `count` portraits with the lowest ``image_f1``, the worst one first."""
        return np.argsort(self.image_f1, kind="stable")[:count].tolist()


def evaluate_parser(parser: FaceParser, source: Source, batch_size: int, limit: int | None = None) -> ParserEvaluation:
    """Reads every portrait, or the first `limit`, in order; shows the progress on stderr after two seconds.

    Raises:
      UserError: names the first file that is unfit.
    """
    names = source.names[:limit]
    found = read_portraits(parser, source, range(len(names)), batch_size)
    progress = tqdm.tqdm(found, "Reading portraits", len(names), unit="portrait", delay=2)
    return ParserEvaluation(names, np.stack([_confusion(mask, reading) for _, mask, reading in progress]))


def read_portraits(
    parser: FaceParser, source: Source, indices: Sequence[int], batch_size: int
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yields (image uint8 [R, R, 3], label uint8 [R, R], reading uint8 [R, R]) of each of the `indices`."""
    for _, images, masks in load_batches(source, indices, batch_size):
        readings = parser.probabilities(images).argmax(axis=-1).astype(np.uint8)
        yield from zip(images, masks, readings, strict=True)


def _confusion(mask: np.ndarray, reading: np.ndarray) -> np.ndarray:
    return ops.convert_to_numpy(confusion_matrix(mask, reading)).astype(np.int64)
