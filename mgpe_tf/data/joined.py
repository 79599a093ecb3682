"""Several data sets as one."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Sequence

import numpy as np

from mgpe_tf.data.source import Source


class JoinedSource(Source):
    """The portraits of several sources of one resolution, one source after the other.

    Args:
      sources: at least one.
      prefixes: put before each source's names and problems, with a slash.
    """

    def __init__(self, sources: Sequence[Source], prefixes: Sequence[str]):
        self.resolution = sources[0].resolution
        self.names = tuple(f"{prefix}/{name}" for prefix, source in zip(prefixes, sources) for name in source.names)
        self.problems = tuple(
            f"{prefix}/{line}" for prefix, source in zip(prefixes, sources) for line in source.problems
        )
        self.unknown = any(source.unknown for source in sources)
        self.knows_parts = any(source.knows_parts for source in sources)
        self.others = tuple(path for source in sources for path in source.others)
        self._sources = sources
        self._ends = list(itertools.accumulate(len(source) for source in sources))

    def load(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """See ``Source.load``."""
        source, own = self._place(index)
        return source.load(own)

    def stored_image(self, index: int) -> bytes | None:
        """See ``Source.stored_image``."""
        source, own = self._place(index)
        return source.stored_image(own)

    def _place(self, index: int) -> tuple[Source, int]:
        """The source that holds a portrait, and its number there."""
        which = bisect.bisect_right(self._ends, index)
        source = self._sources[which]
        return source, index - self._ends[which] + len(source)
