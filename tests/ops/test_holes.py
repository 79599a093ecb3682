"""Holes in portraits and their fillings."""

from __future__ import annotations

import numpy as np
import pytest
from keras import ops
from small import face_mask

from mgpe_tf import labels
from mgpe_tf.ops.holes import NUMBERS, PARTS, filled, grown, random_known

RNG = np.random.default_rng(0)
MASK = np.stack([face_mask(256)] * 2).astype(np.int32)
BEARDED = np.where(np.arange(256)[:, None] > 150, labels.HAIR, 0) * np.ones((2, 1, 256), np.int32)
NEVER, ALWAYS = 9.0, -9.0


def known_of(chances: dict[int, float], rest: np.ndarray | None = None) -> np.ndarray:
    """What is known where the numbers that decide are as given, the others NEVER."""
    noise = np.zeros((2, NUMBERS), np.float32) if rest is None else rest
    noise[:, : 3 + len(PARTS)] = NEVER
    for i, value in chances.items():
        noise[:, i] = value
    return ops.convert_to_numpy(random_known(noise, MASK, BEARDED))[..., 0]


def test_all_is_known_unless_something_is_missing():
    np.testing.assert_array_equal(known_of({}), 1)


def test_where_anothers_hair_would_be_nothing_is_known():
    known = known_of({0: ALWAYS})
    assert known[:, 152:].max() < 1e-6 and known[:, :140].min() > 1 - 1e-6


def test_parts_are_missing_with_their_surroundings_alone():
    for i, (_, ids) in enumerate(PARTS, start=3):
        known, part = known_of({i: ALWAYS}), np.isin(MASK, ids)
        assert known[part].max() < 0.05, ids
        near = ops.convert_to_numpy(grown(part[..., None].astype(np.float32), 6))[..., 0] > 0
        np.testing.assert_allclose(known[~near], 1, atol=1e-6)


def test_hair_is_cut_by_a_line():
    noise = np.zeros((2, NUMBERS), np.float32)
    known, hair = known_of({1: ALWAYS}, noise), MASK == labels.HAIR
    rows = np.arange(256)[:, None]
    assert known[hair & (rows > 132)].max() < 0.05 and known[hair & (rows < 124)].min() > 0.95


def test_blobs_are_as_many_as_their_numbers_say():
    noise = RNG.normal(size=(2, NUMBERS)).astype(np.float32)
    share = 1 - known_of({2: ALWAYS}, noise).mean()
    assert 0.1 < share < 0.6


def test_holes_come_as_often_as_they_should():
    noise = RNG.normal(size=(64, NUMBERS)).astype(np.float32)
    mask = np.tile(face_mask(64).astype(np.int32), (64, 1, 1))
    known = ops.convert_to_numpy(random_known(noise, mask, np.zeros_like(mask)))[..., 0]
    mouths = (known[:, mask[0] == labels.INNER_MOUTH] < 0.5).mean(axis=1) > 0.9
    assert 0.2 < mouths.mean() < 0.75


@pytest.mark.parametrize("size", [64, 96])
def test_fillings_continue_what_is_known(size):
    ramp = np.linspace(-1, 1, size, dtype=np.float32)
    image = np.broadcast_to(ramp[None, None, :, None], (1, size, size, 3)).copy()
    known = np.ones((1, size, size, 1), np.float32)
    known[:, size // 4 : size // 2, size // 4 : size // 2] = 0
    result = ops.convert_to_numpy(filled(image, known))
    inside = known[..., 0] == 0
    np.testing.assert_array_equal(result[~inside], image[~inside])
    assert np.abs(result - image)[inside].max() < 0.3
    hidden = np.where(known > 0, image, 5.0).astype(np.float32)
    np.testing.assert_allclose(filled(hidden, known), result, atol=1e-6)


def test_what_is_known_nowhere_is_filled_all_the_same():
    assert np.isfinite(
        ops.convert_to_numpy(filled(np.ones((1, 32, 32, 3), np.float32), np.zeros((1, 32, 32, 1))))
    ).all()
