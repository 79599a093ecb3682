"""Holes filled with patches of the picture around them, from coarse to fine.

Each patch of a hole is given the patch of the picture that is most like it, found by PatchMatch (Barnes et al. 2009),
and each pixel the mean of what the patches over it say (Wexler et al. 2007).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from mgpe_tf.editing.pixels.fill import filled, halved

REACH = 3
"""Pixels from a patch's middle to its side."""

COARSEST = 32
"""Pixels a side of the smallest size."""

ROUNDS = (2, 3, 5, 8)
"""Of search and mean at the full size, at half of it, and so on."""

SURE = 100.0
"""Squared difference of two patches, in levels of 255 summed up, that counts for nothing."""


def patched(image: np.ndarray, hole: np.ndarray, source: np.ndarray) -> np.ndarray:
    """The image with a hole filled, the same at every call.

    Args:
      image: uint8 RGB [H, W, 3].
      hole: bool [H, W].
      source: bool [H, W], of which pixels patches may be made.

    Returns:
      uint8 [H, W, 3]; filled smoothly if `source` is too small for a patch.
    """
    sizes = [(image.astype(np.float32), hole, source & ~hole)]
    while min(sizes[-1][1].shape) >= 2 * COARSEST:
        pixels, empty, usable = sizes[-1]
        coarse, known = halved(pixels, (~empty).astype(np.float32))
        share = cv2.resize(usable.astype(np.float32), known.shape[::-1], interpolation=cv2.INTER_AREA)
        sizes.append((coarse, known < 0.5, share > 0.99))
    rng, size, field = np.random.default_rng(0), 2 * REACH + 1, None
    result = filled(sizes[-1][0], ~sizes[-1][1])
    for level, (pixels, empty, usable) in reversed(list(enumerate(sizes))):
        centres = cv2.erode(usable.astype(np.uint8), np.ones((size, size)), borderValue=0) > 0
        result = np.where(empty[..., None], cv2.resize(result, empty.shape[::-1]), pixels)
        if centres.any() and empty.any():  # a small hole is gone from coarse sizes
            result, field = _searched(result, empty, centres, field, ROUNDS[min(level, len(ROUNDS) - 1)], rng)
    return np.where(hole[..., None], np.clip(np.round(result), 0, 255).astype(np.uint8), image)


def _searched(
    pixels: np.ndarray,
    hole: np.ndarray,
    centres: np.ndarray,
    field: np.ndarray | None,
    rounds: int,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Pixels float32 [H, W, 3] after some rounds, and which patch each place takes, int [H, W, 2], for the finer size.

    `field` is that of the coarser size; `centres` tells where patches may have their middle.
    """
    size = 2 * REACH + 1
    places = np.argwhere(cv2.dilate(hole.astype(np.uint8), np.ones((size, size))) > 0)
    found = _begun(field, places, centres, rng)
    for _ in range(rounds):
        padded = np.pad(pixels, ((REACH, REACH), (REACH, REACH), (0, 0)), mode="reflect")
        search = _Search(sliding_window_view(padded, (size, size), axis=(0, 1)), places, centres, found)
        for step in (4, 1):
            for offset in ((0, step), (0, -step), (step, 0), (-step, 0)):
                search.propagate(offset)
        reach = max(hole.shape) // 2
        while reach >= 1:
            search.try_(search.found + rng.integers(-reach, reach + 1, search.found.shape))
            reach //= 3
        found = search.found
        pixels = np.where(hole[..., None], _mean(pixels, places, found, search.cost), pixels)
    field = np.zeros((*hole.shape, 2), int)
    field[tuple(places.T)] = found
    return pixels, field


class _Search:
    """The best patch so far of each place, and how much it differs."""

    def __init__(self, windows: np.ndarray, places: np.ndarray, centres: np.ndarray, found: np.ndarray):
        self._windows, self._places, self._centres = windows, places, centres
        self._wanted = windows[tuple(places.T)].reshape(len(places), -1)
        self._number = np.full(centres.shape, -1)
        self._number[tuple(places.T)] = np.arange(len(places))
        self.found, self.cost = found, self._costs(found, slice(None))

    def propagate(self, offset: tuple[int, int]) -> None:
        """Tries what lies beside the patches of the places at an offset."""
        beside = np.clip(self._places + offset, 0, np.array(self._centres.shape) - 1)
        number = self._number[tuple(beside.T)]
        self.try_(np.where(number[:, None] >= 0, self.found[number] - offset, self.found))

    def try_(self, patches: np.ndarray) -> None:
        """Takes those of some patches, [N, 2], that differ less than the best so far."""
        patches = np.clip(patches, 0, np.array(self._centres.shape) - 1)
        new = np.flatnonzero(self._centres[tuple(patches.T)] & (patches != self.found).any(axis=1))
        costs = self._costs(patches[new], new)
        better = costs < self.cost[new]
        self.found[new[better]], self.cost[new[better]] = patches[new[better]], costs[better]

    def _costs(self, patches: np.ndarray, places: slice | np.ndarray) -> np.ndarray:
        taken = self._windows[tuple(patches.T)].reshape(len(patches), self._wanted.shape[1])
        costs: np.ndarray = np.square(taken - self._wanted[places]).sum(axis=1)
        return costs


def _begun(field: np.ndarray | None, places: np.ndarray, centres: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A patch for each place, [N, 2]: from the coarser field, and at random where there is none."""
    known = np.argwhere(centres)
    at_random = known[rng.integers(0, len(known), len(places))]
    if field is None:
        return at_random
    coarse = np.minimum(places // 2, np.array(field.shape[:2]) - 1)
    finer = np.clip(2 * field[tuple(coarse.T)] + places % 2, 0, np.array(centres.shape) - 1)
    return np.where(centres[tuple(finer.T)][:, None], finer, at_random)


def _mean(pixels: np.ndarray, places: np.ndarray, found: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """What patches say of the pixels in their middle and around it, float32 [H, W, 3]."""
    total, weights = np.zeros_like(pixels), np.full((*pixels.shape[:2], 1), 1e-6, np.float32)
    weight = (1 / (1 + cost / max(float(np.median(cost)), SURE)))[:, None].astype(np.float32)
    for offset in np.ndindex(5, 5):
        to, origin = places + offset - 2, found + offset - 2
        inside = ((to >= 0) & (to < pixels.shape[:2])).all(axis=1)
        at = tuple(to[inside].T)
        total[at] += weight[inside] * pixels[tuple(origin[inside].T)]
        weights[at] += weight[inside]
    return total / weights
