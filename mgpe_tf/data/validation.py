"""The portraits on which a run is validated."""

from __future__ import annotations

import numpy as np

from mgpe_tf.data.cache import decode_all
from mgpe_tf.data.source import Source


def validation_batches(source: Source, batch_size: int, limit: int) -> list[dict[str, np.ndarray]]:
    """The first ``limit`` portraits, or all, once as the target, in order and unchanged, with the next one (another
    identity) as the source.

    Batches are those of training (see ``mgpe_tf.objectives``); the last may be smaller. For a paired evaluation read
    the targets alone. Raises UserError for a portrait that cannot be read.
    """
    count = min(limit, len(source))
    images, masks = decode_all(source, [i % len(source) for i in range(count + 1)])
    batches = []
    for first in range(0, count, batch_size):
        last = min(first + batch_size, count)
        batches.append(
            {
                "target_image": images[first:last],
                "target_mask": masks[first:last],
                "source_image": images[first + 1 : last + 1],
                "source_mask": masks[first + 1 : last + 1],
            }
        )
    return batches
