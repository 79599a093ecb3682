"""A whole data set decoded into memory."""

from __future__ import annotations

import concurrent.futures

import numpy as np
import tqdm

from mgpe_tf.data.source import Source


def decode_all(source: Source) -> tuple[np.ndarray, np.ndarray]:
    """Loads every portrait of a source with a pool of threads.

    After two seconds the progress is shown on stderr.

    Returns:
      images uint8 [N, R, R, 3] and masks uint8 [N, R, R]: 4 * N * R * R bytes, e.g. 1.2 GB for 4,700 of 256x256.

    Raises:
      UserError: as raised by ``source.load``; what is still waiting is then not loaded.
    """
    shape = (len(source), source.resolution, source.resolution)
    images, masks = np.empty((*shape, 3), np.uint8), np.empty(shape, np.uint8)

    def load(index: int) -> None:
        images[index], masks[index] = source.load(index)

    pool = concurrent.futures.ThreadPoolExecutor()
    try:
        for _ in tqdm.tqdm(pool.map(load, range(len(source))), "Decoding portraits", len(source), delay=2):
            pass
    finally:
        pool.shutdown(cancel_futures=True)
    return images, masks
