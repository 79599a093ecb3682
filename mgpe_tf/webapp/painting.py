"""Masks on their way between the page and the server, and masks painted in other programs."""

from __future__ import annotations

from typing import Any

import numpy as np

from mgpe_tf import labels
from mgpe_tf.data.images import decode_image, decode_label
from mgpe_tf.data.source import resize_label
from mgpe_tf.errors import UserError

MAX_PIXELS = 2**22
"""Largest mask file that is read, in pixels."""


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


def snap(picture: np.ndarray) -> np.ndarray:
    """The class with the nearest colour of the palette: antialiased borders, JPEG noise and the like disappear.

    Args:
      picture: uint8 RGB [H, W, 3].

    Returns:
      uint8 [H, W] Helen ids.
    """
    numbers, inverse = np.unique(picture.astype(np.int32) @ (1 << 16, 1 << 8, 1), return_inverse=True)
    colours = np.stack([numbers >> 16, numbers >> 8 & 255, numbers & 255], axis=-1)
    nearest, least = np.zeros(len(colours), np.uint8), np.full(len(colours), 2**31 - 1, np.int32)
    for label, colour in enumerate(labels.PALETTE.astype(np.int32)):  # one at a time: noise has millions of colours
        distance = np.square(colours - colour).sum(axis=-1, dtype=np.int32)
        nearest[distance < least] = label
        least = np.minimum(least, distance)
    return nearest[inverse].reshape(picture.shape[:2])


def decode_mask(data: bytes, name: str, size: int) -> np.ndarray:
    """A mask file, of ids (gray or palette PNG) or in the palette's colours, scaled to uint8 [size, size].

    Raises UserError, in which `name` stands for the file, if it is no square picture or holds ids that are none.
    """
    picture = decode_image(data, name, MAX_PIXELS)
    try:
        mask = decode_label(data, name)
    except UserError:
        mask = snap(picture)
    labels.validate(mask, "helen", name)
    if mask.shape[0] != mask.shape[1]:
        height, width = mask.shape
        raise UserError(f"{name}: {width} x {height} pixels; allowed: squares, as the masks that are downloaded")
    return resize_label(mask, size)
