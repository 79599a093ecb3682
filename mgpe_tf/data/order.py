"""The portraits of a training step, from the seed and the step alone, in plain numpy."""

from __future__ import annotations

import functools

import numpy as np

from mgpe_tf.errors import UserError


def is_paired(step, unpaired: bool):
    """Whether a step trains on pairs, x_s being x_t: every even step, or every step without `unpaired`.

    `step` is an integer or an integer tensor; the answer is a bool or a bool tensor.
    """
    return (not unpaired) | (step % 2 == 0)


def require_partners(size: int, unpaired: bool) -> None:
    """Raises UserError if unpaired steps would have to take a portrait for its own partner."""
    if unpaired and size < 2:
        raise UserError("training.unpaired needs at least 2 portraits and the data has 1; add some or set it to False")


def batch_indices(first: int, batch_size: int, size: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The portraits of a batch. Each epoch shows all portraits once, in an order of its own.

    Args:
      first: number of portraits in all batches before.
      batch_size: portraits in a batch.
      size: portraits in the data set.
      seed: with `first`, it determines the batch.

    Returns:
      int32 [batch_size] each: the targets, and for each target another portrait (the same one if there is no other).
    """
    pairs = []
    for position in range(first, first + batch_size):
        epoch, rank = divmod(position, size)
        order, turn = _epoch(size, seed, epoch)
        pairs.append((order[rank], order[(rank + turn) % size]))
    targets, others = np.array(pairs, np.int32).T
    return targets, others


@functools.lru_cache(maxsize=2)
def _epoch(size: int, seed: int, epoch: int) -> tuple[np.ndarray, int]:
    """The order of an epoch, and how far on in it each portrait's partner is: one turn for all, so that the partners
    are a permutation too."""
    generator = np.random.default_rng([seed, epoch])
    return generator.permutation(size), int(generator.integers(1, max(size, 2)))
