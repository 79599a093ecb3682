"""Strands and shadows beside hair are told from the wall behind it."""

from __future__ import annotations

import numpy as np

from mgpe_tf.editing.pixels.inpaint import with_fringe
from mgpe_tf.editing.pixels.strays import REACH, strays

ROWS, COLUMNS = np.indices((256, 256))
HAIR = np.hypot(ROWS - 128, COLUMNS - 100) < 60
WALL, DARK = (210, 205, 200), (60, 40, 30)


def picture(*strands: np.ndarray, wall=WALL) -> np.ndarray:
    painted = np.where(HAIR[..., None], np.uint8(DARK), np.uint8(wall))
    for strand in strands:
        painted = np.where(strand[..., None], np.uint8(DARK), painted)
    return painted


STRAND = (np.abs(ROWS - 128) < 2) & (COLUMNS > 150) & (COLUMNS < 175)


def test_a_strand_is_followed_from_the_fringe_to_its_end():
    found = strays(picture(STRAND), HAIR, ~HAIR)
    beyond = STRAND & ~with_fringe(HAIR)
    assert beyond.any() and found[beyond].all()
    rows, columns = np.nonzero(found)
    assert np.abs(rows - 128).max() <= 4 and columns.max() <= 178


def test_an_even_wall_has_none():
    assert not strays(picture(), HAIR, ~HAIR).any()


def test_what_is_no_strand_of_it_stays():
    apart = (np.abs(ROWS - 128) < 2) & (COLUMNS > 172) & (COLUMNS < 176)
    other = STRAND & (COLUMNS > 0)
    light = np.where(other[..., None], np.uint8((255, 250, 245)), picture())
    assert not strays(picture(apart), HAIR, ~HAIR).any() and not strays(light, HAIR, ~HAIR).any()


def test_a_wall_as_dark_as_the_hair_has_none():
    assert not strays(picture(STRAND, wall=(70, 50, 40)), HAIR, ~HAIR).any()


def test_a_dark_thing_that_hair_touches_is_taken_only_as_far_as_strands_reach():
    curtain = COLUMNS > 165
    found = strays(picture(curtain), HAIR, ~HAIR)
    away = np.hypot(ROWS - 128, COLUMNS - 100) - 60
    assert not found[away > REACH + 3].any()


def test_nothing_but_background_is_a_stray():
    coat = ROWS > 128
    found = strays(picture(STRAND), HAIR, ~HAIR & ~coat)
    assert found.any() and not found[coat].any()


def test_without_hair_or_without_a_wall_there_are_none():
    none = np.zeros_like(HAIR)
    assert not strays(picture(), none, ~none).any() and not strays(picture(), HAIR, none).any()
