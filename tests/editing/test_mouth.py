"""The inside of an opened mouth: what a network tells, where nothing is carried."""

from __future__ import annotations

import numpy as np
from test_shapes import LONG_HAIR, drawn

from mgpe_tf import labels
from mgpe_tf.editing.masks.edits import apply
from mgpe_tf.editing.pixels.mouth import opened

GRAY = np.full((256, 256, 3), 120, np.uint8)
MASK = apply(np.where(drawn(LONG_HAIR) == labels.INNER_MOUTH, labels.LOWER_LIP, drawn(LONG_HAIR)), {"open_mouth": 0.8})
INSIDE = MASK == labels.INNER_MOUTH


def red(portrait: np.ndarray, mask: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Completes a portrait by red."""
    assert not known[INSIDE].any() and known.sum() > 0.9 * known.size
    return np.where(known[..., None], portrait, np.uint8((200, 20, 20)))


def test_the_inside_is_what_the_network_tells():
    picture, share = opened(GRAY, MASK, np.where(INSIDE, 0, 1).astype(np.float32), red)
    assert (picture[INSIDE] == (200, 20, 20)).all()
    rows, columns = np.nonzero(INSIDE)
    assert (share[rows.min() + 3 : rows.max() - 3, round(columns.mean())] == 1).all()
    around = np.ones(MASK.shape, bool)
    around[rows.min() - 4 : rows.max() + 5, columns.min() - 4 : columns.max() + 5] = False
    assert not share[around].any()


def test_what_is_carried_stays():
    assert opened(GRAY, MASK, np.ones(MASK.shape, np.float32), red) is None
