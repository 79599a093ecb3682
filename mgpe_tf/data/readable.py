"""The portraits of a source that can be read: one bad file among thousands ends no evaluation."""

from __future__ import annotations

import concurrent.futures

import numpy as np

from mgpe_tf.data.source import Source
from mgpe_tf.errors import UserError
from mgpe_tf.progress import progress_bar


class ReadableSource(Source):
    """The portraits of a source that can be read. Each is read once to see; after two seconds stderr shows how far.

    Args:
      source: the portraits.
      limit: only the first so many; None for all.

    Attributes:
      label_set: the source's, None if it has none.
      errors: what is wrong with the others, a line each.

    Raises:
      UserError: none can be read.
    """

    def __init__(self, source: Source, limit: int | None = None):
        self.resolution, self._source = source.resolution, source
        self.problems, self.others = source.problems, source.others
        self.partial, self.unknown = source.partial, source.unknown
        self.label_set = getattr(source, "label_set", None)
        numbers = range(len(source))[:limit]
        with concurrent.futures.ThreadPoolExecutor() as pool:
            found = pool.map(self._error, numbers)
            errors = list(progress_bar(found, "Looking at portraits", len(numbers), unit="portrait", delay=2))
        self.errors = tuple(error for error in errors if error is not None)
        self._numbers = [number for number, error in zip(numbers, errors, strict=True) if error is None]
        self.names = tuple(source.names[number] for number in self._numbers)
        if not self.names:
            raise UserError(self.errors[0])

    def load(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """See ``Source.load``."""
        return self._source.load(self._numbers[index])

    def stored_image(self, index: int) -> bytes | None:
        """See ``Source.stored_image``."""
        return self._source.stored_image(self._numbers[index])

    def _error(self, number: int) -> str | None:
        try:
            self._source.load(number)
        except UserError as error:
            return str(error)
        return None
