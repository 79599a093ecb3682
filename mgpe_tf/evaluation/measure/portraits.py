"""Portraits of a data set in batches, as they are and as an editor generates them."""

from __future__ import annotations

import concurrent.futures
import functools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mgpe_tf.data.source import Source
from mgpe_tf.errors import UserError
from mgpe_tf.evaluation.measure.views import view
from mgpe_tf.progress import progress_bar

if TYPE_CHECKING:
    from mgpe_tf.models.editor_networks import EditorNetworks

SEED = 0
"""Seed of the order in which portraits are paired."""


class Batch(NamedTuple):
    """Portraits as they are: numbers int [B], images uint8 [B, R, R, 3] and masks uint8 [B, R, R] of Helen ids."""

    numbers: np.ndarray
    images: np.ndarray
    masks: np.ndarray


def load_batches(source: Source, numbers: Sequence[int], batch_size: int) -> Iterator[Batch]:
    """Yields the portraits of these numbers; several threads load a batch."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for start in range(0, len(numbers), batch_size):
            chunk = numbers[start : start + batch_size]
            images, masks = zip(*pool.map(source.load, chunk), strict=True)
            yield Batch(np.asarray(chunk), np.stack(images), np.stack(masks))


class Generated(NamedTuple):
    """Portraits and what an editor makes of them: masks uint8 [B, R, R] of Helen ids, pictures uint8 [B, R, R, 3].

    Attributes:
      photographs: x_t.
      masks: m_t.
      reconstructions: the appearance of x_t on m_t; of an editor that carries that of another view of it
        (``views.view``), since of the same pixels nothing would be left to do.
      swaps: the appearance of x_s on m_t, with the background of x_t (a baseline generates one of its own).
    """

    photographs: np.ndarray
    masks: np.ndarray
    reconstructions: np.ndarray
    swaps: np.ndarray


class GeneratedPortraits:
    """The portraits of a data set, each with another one whose appearance it takes.

    They are put into a random order that depends on their number alone, and this is halved. In each half the x_s of a
    portrait is the next one, that of the last the first: nothing of a portrait comes into the swaps of the other half.

    Args:
      networks: an editor, or a baseline.
      source: portraits of its resolution.
      batch_size: how many are generated at once.
      limit: only the first so many.

    Attributes:
      networks, source: as above.
      names: of the portraits.
      halves: the numbers of the portraits of the two halves, int [N / 2] each; the first has one more if N is odd.
      references: the number of each portrait's x_s, int [N].

    Raises:
      UserError: fewer than four portraits.
    """

    def __init__(self, networks: EditorNetworks, source: Source, batch_size: int, limit: int | None = None):
        self.networks, self.source, self.names = networks, source, source.names[:limit]
        self._batch_size = batch_size
        if len(self.names) < 4:
            raise UserError(
                f"{len(self.names)} portraits; allowed: 4 or more, to compare two halves of them and to "
                "find an x_s for each in its half; take a larger data set (prepare --val_share makes one), or a larger "
                "--limit if there is one"
            )
        self.halves = np.array_split(np.random.default_rng(SEED).permutation(len(self.names)), 2)
        self.references = np.empty(len(self.names), int)
        for half in self.halves:
            self.references[half] = np.roll(half, -1)

    @functools.cached_property
    def embeddings(self) -> dict[str, np.ndarray]:
        """The appearance of all portraits, float32 [N, E] by component name, of a baseline by others or none; progress
        as for ``draw``."""
        batches = self._load(range(len(self.names)), "Embedding")
        found = [self.networks.embed_batch(batch.images, batch.masks) for batch in batches]
        return {name: np.concatenate([vectors[name] for vectors in found]) for name in found[0]}

    def generate(self, numbers: Sequence[int]) -> Iterator[Generated]:
        """Yields the portraits of these numbers in batches; the progress is shown on stderr after some seconds.

        Raises:
          UserError: names the first file that is unfit.
        """
        for batch in self._load(numbers, "Generating"):
            swaps = self.swapped(self.references[batch.numbers], batch.images, batch.masks)
            yield Generated(batch.images, batch.masks, self._reconstructed(batch), swaps)

    def swapped(self, references: Sequence[int] | np.ndarray, images: np.ndarray, masks: np.ndarray) -> np.ndarray:
        """The appearance of the portraits of some numbers, on masks uint8 [B, R, R] and the backgrounds of images uint8
        [B, R, R, 3], uint8 [B, R, R, 3]."""
        if self.networks.carries:
            sources, their_masks = zip(*(self.source.load(number) for number in references))
            return self.networks.edit_batch(np.stack(sources), np.stack(their_masks), images, masks)
        embeddings = {name: vectors[references] for name, vectors in self.embeddings.items()}
        return self.networks.render_batch(embeddings, images, masks)

    def _reconstructed(self, batch: Batch) -> np.ndarray:
        if not self.networks.carries:
            return self.swapped(batch.numbers, batch.images, batch.masks)
        views, their_masks = zip(*map(view, batch.images, batch.masks, batch.numbers))
        return self.networks.edit_batch(np.stack(views), np.stack(their_masks), batch.images, batch.masks)

    def _load(self, numbers: Sequence[int], doing: str) -> Iterator[Batch]:
        with progress_bar(None, f"{doing} portraits", len(numbers), unit="portrait", delay=5) as progress:
            for batch in load_batches(self.source, numbers, self._batch_size):
                yield batch
                progress.update(len(batch.numbers))


def spread(total: int, count: int) -> list[int]:
    """At most `count` numbers below `total`, evenly spread."""
    return np.linspace(0, total - 1, min(count, total)).round().astype(int).tolist()


def generated_portraits(portraits: GeneratedPortraits, numbers: list[int]) -> Generated:
    """Some portraits as they are generated, in one batch."""
    return Generated(*map(np.concatenate, zip(*portraits.generate(numbers))))


def sources(portraits: GeneratedPortraits, numbers: list[int]) -> np.ndarray:
    """The x_s of some portraits, uint8 [B, R, R, 3]."""
    return np.stack([portraits.source.load(portraits.references[number])[0] for number in numbers])
