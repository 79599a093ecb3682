"""Masks on their way between the page and the server."""

from __future__ import annotations

from typing import Any

import numpy as np

from mgpe_tf import labels
from mgpe_tf.errors import UserError


def to_runs(mask: np.ndarray) -> list[int]:
    """A mask as [id, length, id, length, ...] of its runs of equal pixels, row by row."""
    pixels = mask.ravel()
    starts = np.flatnonzero(np.diff(pixels, prepend=pixels[0] + 1))
    lengths = np.diff(starts, append=pixels.size)
    return np.stack([pixels[starts], lengths], axis=1).ravel().tolist()


def from_runs(runs: Any, size: int) -> np.ndarray:
    """The mask uint8 [size, size] of some runs; UserError if they are none of such a mask. They come from strangers."""
    if not isinstance(runs, list) or len(runs) > 2 * size * size or not all(type(each) is int for each in runs):
        raise UserError(f"mask: {type(runs).__name__}; allowed: a list of whole numbers, id and length in turn")
    ids, lengths = runs[::2], runs[1::2]
    fits = len(ids) == len(lengths) and all(0 <= each < labels.NUM_CLASSES for each in ids)
    if not fits or min(lengths, default=0) < 1 or sum(lengths) != size * size:
        raise UserError(
            f"mask: {len(runs)} numbers; allowed: ids 0 to {labels.NUM_CLASSES - 1} and lengths of runs, "
            f"{size * size} pixels in all"
        )
    return np.repeat(np.array(ids, np.uint8), lengths).reshape(size, size)
