"""Holes that are filled: smoothly, with skin, with patches."""

from __future__ import annotations

import numpy as np
import pytest

from mgpe_tf.editing.pixels.fill import filled
from mgpe_tf.editing.pixels.patches import patched
from mgpe_tf.editing.pixels.skin import MARGIN, continued, joined

SIZE = 256
ROWS, COLUMNS = np.indices((SIZE, SIZE))


def disc(row: int, column: int, radius: int) -> np.ndarray:
    return np.hypot(ROWS - row, COLUMNS - column) < radius


def test_a_smooth_filling_solves_laplaces_equation():
    """A ramp is harmonic, so it comes back; so does a saddle."""
    u, v = ROWS / SIZE - 0.5, COLUMNS / SIZE - 0.5
    pixels = np.stack([100 + 80 * u, 100 - 50 * v, 100 + 100 * (u**2 - v**2)], axis=-1).astype(np.float32)
    known = ~disc(120, 140, 30)
    result = filled(np.where(known[..., None], pixels, 0), known)
    np.testing.assert_array_equal(result[known], pixels[known])
    assert np.abs(result - pixels).max() < 3


def test_a_filling_of_nothing_known_and_of_all_known():
    pixels = np.random.default_rng(0).uniform(0, 255, (40, 40, 3)).astype(np.float32)
    np.testing.assert_array_equal(filled(pixels, np.ones((40, 40), bool)), pixels)
    assert np.isfinite(filled(pixels, np.zeros((40, 40), bool))).all()


@pytest.fixture
def face():
    """Skin with grain and pores, hair of another colour in it, and where they are."""
    rng = np.random.default_rng(1)
    skin, hair = disc(128, 128, 90), disc(70, 128, 40)
    image = np.full((SIZE, SIZE, 3), 30.0)
    image[skin] = (200, 150, 120)
    image += rng.normal(0, 4, (SIZE, SIZE, 1))
    image[hair] = (20, 10, 10)
    return np.clip(image, 0, 255).astype(np.uint8), skin, hair & skin


def test_skin_goes_on_with_its_colour_and_its_grain(face):
    image, skin, hair = face
    result, shown = continued(image, skin, hair)
    inner = shown > 0.99
    assert inner[hair].mean() > 0.7
    assert not shown[~disc(128, 128, 97)].any() and not shown[disc(170, 128, 40)].any()
    np.testing.assert_allclose(result[inner].mean(0), (200, 150, 120), atol=3)
    near = inner & disc(110, 128, 20)
    assert 2 < result[near][:, 0].astype(float).std() < 6


def test_shadows_beside_hair_are_not_continued(face):
    image, skin, hair = face
    image[disc(70, 128, 40 + int(MARGIN) - 2) & skin] = (60, 40, 30)
    result, shown = continued(image, skin, hair)
    np.testing.assert_allclose(result[shown > 0.99].mean(0), (200, 150, 120), atol=4)


def test_strands_before_the_skin_around_a_hole_go(face):
    image, skin, hair = face
    strand = (np.abs(COLUMNS - ROWS) < 2) & skin & ~hair
    image[strand] = (150, 105, 80)
    result, shown = continued(image, skin, hair)
    near, far = strand & disc(70, 128, 55), strand & ~disc(70, 128, 75)
    assert near.sum() > 10 and far.sum() > 10
    assert shown[near].min() > 0.6 and not shown[far].any()
    np.testing.assert_allclose(result[near].mean(0), (200, 150, 120), atol=5)


def test_rims_of_glasses_stay(face):
    image, skin, hair = face
    rim = (np.abs(ROWS - 124) < 3) & skin
    image[rim] = (20, 15, 15)
    _, shown = continued(image, skin, hair)
    beyond = rim & (np.abs(COLUMNS - 128) < 12)
    assert beyond.sum() > 50 and not shown[beyond].any()


def test_without_skin_nothing_is_shown(face):
    image, skin, hair = face
    for known, hole in ((np.zeros_like(skin), hair), (skin, np.zeros_like(hair)), (hair, hair)):
        result, shown = continued(image, known, hole)
        assert not shown.any() and result.shape == image.shape


def test_patches_continue_a_pattern():
    """Stripes go on in their period, which a smooth filling would lose."""
    image = np.where((COLUMNS // 8 % 2)[..., None] > 0, 220, np.full(3, 40)).astype(np.uint8)
    hole = disc(128, 128, 25)
    result = patched(np.where(hole[..., None], np.uint8(255), image), hole, ~hole)
    np.testing.assert_array_equal(result[~hole], image[~hole])
    assert np.abs(result[hole].astype(int) - image[hole]).mean() < 25


def test_patches_are_made_of_the_source_alone_and_the_same_each_time():
    rng = np.random.default_rng(2)
    left = COLUMNS < SIZE // 2
    image = np.where(left[..., None], (50, 100, 150), (250, 20, 20)) + rng.normal(0, 3, (SIZE, SIZE, 3))
    image, hole = np.clip(image, 0, 255).astype(np.uint8), disc(128, 128, 30)
    result = patched(image, hole, left)
    assert (result[hole][:, 2] > 120).mean() > 0.95
    np.testing.assert_array_equal(result, patched(image, hole, left))


def test_a_source_too_small_for_patches_gives_a_smooth_filling():
    image, hole = np.full((SIZE, SIZE, 3), 90, np.uint8), disc(128, 128, 30)
    for source in (np.zeros_like(hole), disc(20, 20, 2)):
        assert np.abs(patched(image, hole, source).astype(int) - 90).max() <= 1


def test_a_hole_of_a_few_pixels_is_filled():
    image = np.full((SIZE, SIZE, 3), 90, np.uint8)
    hole = disc(100, 100, 2)
    image[hole] = 255
    np.testing.assert_array_equal(patched(image, hole, ~hole), np.full_like(image, 90))


def test_a_guess_gets_the_light_and_the_grain_of_what_is_seen(face):
    image, skin, hair = face
    nothing = np.zeros_like(skin)
    guess = np.full((SIZE, SIZE, 3), (170.0, 120.0, 90.0), np.float32)
    result = joined(image, skin & ~hair, guess, nothing)
    np.testing.assert_allclose(result[hair].mean(0), (200, 150, 120), atol=3)
    assert 2 < result[hair][:, 0].astype(float).std() < 6
    np.testing.assert_array_equal(result, joined(image, skin & ~hair, guess, nothing))


def test_features_tell_nothing_of_grain(face):
    image, skin, hair = face
    features = disc(128, 128, 30)
    image[features & (COLUMNS % 4 < 2)] = 0
    guess = np.full((SIZE, SIZE, 3), (200.0, 150.0, 120.0), np.float32)
    result = joined(image, skin & ~hair & ~features, guess, features)
    assert 2 < result[hair][:, 0].astype(float).std() < 6


def test_without_skin_a_guess_stays():
    guess = np.full((SIZE, SIZE, 3), 99.6, np.float32)
    nothing = np.zeros((SIZE, SIZE), bool)
    assert (joined(np.zeros((SIZE, SIZE, 3), np.uint8), nothing, guess, nothing) == 100).all()
