"""Synthetic portraits in memory as a training batch."""

from __future__ import annotations

import numpy as np

from mgpe_tf.data.synthetic import SyntheticSource


def drawn_batch(size: int, resolution: int) -> dict[str, np.ndarray]:
    """A batch as ``mgpe_tf.data.pipeline`` gives it, of `size` targets and as many other sources, at `resolution`."""
    source = SyntheticSource(2 * size, resolution)
    images, masks = (np.stack(arrays) for arrays in zip(*(source.load(i) for i in range(2 * size))))
    return {
        "target_image": images[:size],
        "target_mask": masks[:size],
        "source_image": images[size:],
        "source_mask": masks[size:],
    }
