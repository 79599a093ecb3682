"""Portraits decoded into memory."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Sequence

import numpy as np

from mgpe_tf.data.source import Source
from mgpe_tf.progress import progress_bar


def decode_all(source: Source, indices: Sequence[int] | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Loads portraits of a source with a pool of threads.

    After two seconds the progress is shown on stderr.

    Args:
      source: the portraits.
      indices: the numbers of those to load; None for all, in order.

    Returns:
      images uint8 [N, R, R, 3] and masks uint8 [N, R, R]: 4 * N * R * R bytes, e.g. 1.2 GB for 4,700 of 256x256.

    Raises:
      UserError: as raised by ``source.load``; what is still waiting is then not loaded.
    """
    indices = range(len(source)) if indices is None else indices
    shape = (len(indices), source.resolution, source.resolution)
    images, masks = np.empty((*shape, 3), np.uint8), np.empty(shape, np.uint8)

    def load(place: int) -> None:
        images[place], masks[place] = source.load(indices[place])

    pool = concurrent.futures.ThreadPoolExecutor()
    try:
        for _ in progress_bar(pool.map(load, range(len(indices))), "Decoding portraits", len(indices), delay=2):
            pass
    finally:
        pool.shutdown(cancel_futures=True)
    return images, masks
