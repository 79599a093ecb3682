"""Colours that the networks miss, learnt on one mask and given back on another."""

from __future__ import annotations

import cv2
import numpy as np
from small import face_mask

from mgpe_tf import labels
from mgpe_tf.editing.pixels.colours import DARK, FEW, colour_errors, correct, in_light, with_tone, without_glare

MASK, OTHER = face_mask(128), face_mask(128, down=4, right=-5)
CASTS = np.random.default_rng(1).integers(-30, 31, (labels.NUM_CLASSES, 3))
"""What each class's colours are off by."""


def picture(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(60, 190, (128, 128, 3)).astype(np.uint8)


def cast(photograph: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """As networks draw it that are wrong by a constant in each class."""
    return (photograph.astype(int) - CASTS[mask]).astype(np.uint8)


def inner(mask: np.ndarray, label: int) -> np.ndarray:
    """Pixels of a class off its border, where corrections of two classes mix."""
    shrunk = mask == label
    for axis in (0, 1):
        for step in (-2, -1, 1, 2):
            shrunk = shrunk & (np.roll(mask, step, axis) == label)
    return shrunk


def test_a_constant_error_of_a_class_is_taken_back_on_any_mask():
    photograph = picture()
    errors = colour_errors(photograph, cast(photograph, MASK), MASK)
    corrected = correct(cast(picture(2), OTHER), OTHER, errors).astype(int)
    for label in np.unique(OTHER):
        pixels, share = inner(OTHER, label), (label == MASK).mean()
        if share > 0.01:
            wrong = np.abs(corrected - picture(2))[pixels].max()
            assert wrong <= 2 + 30 * FEW / share, labels.HELEN_NAMES[label]


def test_what_is_right_stays():
    photograph = picture()
    errors = colour_errors(photograph, photograph, MASK)
    assert not errors.any()
    np.testing.assert_array_equal(correct(photograph, OTHER, errors), photograph)


def test_a_class_that_was_never_seen_stays():
    bald = np.where(MASK == labels.HAIR, labels.BACKGROUND, MASK)
    errors = colour_errors(picture(), cast(picture(), bald), bald)
    assert not errors[labels.HAIR].any()


def test_a_few_pixels_tell_little():
    photograph, drawn, mask = picture(), picture().astype(int), MASK.copy()
    mask[mask == labels.HAIR], mask[0, 0] = labels.BACKGROUND, labels.HAIR  # one pixel, wrong by 50
    drawn[0, 0] -= 50
    assert np.abs(colour_errors(photograph, drawn.astype(np.uint8), mask)[labels.HAIR]).max() < 10


def test_light_from_one_side_stays_there():
    ramp = np.linspace(-40, 40, 128)[None, :, None]
    photograph = np.full((128, 128, 3), 120, np.uint8)
    drawn, mask = np.round(photograph - ramp).astype(np.uint8), np.full((128, 128), labels.SKIN, np.uint8)
    corrected = correct(drawn, mask, colour_errors(photograph, drawn, mask)).astype(int)
    after, before = (np.abs(picture.astype(int) - photograph)[:, 24:-24].mean() for picture in (corrected, drawn))
    assert after < before / 3


def shaded(columns: np.ndarray) -> np.ndarray:
    """Gray [128, 128, 3] of one brightness per column."""
    return np.broadcast_to(columns[None, :, None], (128, 128, 3)).astype(np.uint8)


def test_a_taken_face_gets_the_own_tone_back():
    """Where the skin of both masks tells it; the nose changes as the skin does, hair and background do not."""
    own, face = picture(), np.isin(OTHER, (labels.SKIN, labels.NOSE))
    drawn = np.full_like(own, 125)
    found = with_tone(drawn, OTHER, own + np.uint8((30, 0, 20)), MASK, (labels.SKIN, labels.NOSE)).astype(int)
    for label in (labels.SKIN, labels.NOSE):
        np.testing.assert_allclose(found[inner(OTHER, label)].mean(0), (155, 125, 145), atol=4)
    np.testing.assert_array_equal(found[cv2.dilate(face.astype(np.uint8), np.ones((9, 9))) == 0], 125)
    half = with_tone(drawn, OTHER, own + np.uint8((30, 0, 20)), MASK, (labels.SKIN,), 0.5).astype(int)
    np.testing.assert_allclose(half[inner(OTHER, labels.SKIN)].mean(0), (140, 125, 135), atol=3)


def test_light_from_one_side_is_kept():
    own = shaded(np.linspace(60, 220, 128))
    found = with_tone(np.full_like(own, 140), MASK, own, MASK, (labels.SKIN,))
    columns = np.nonzero(MASK == labels.SKIN)[1]
    left, right = (found[:, c][MASK[:, c] == labels.SKIN].mean() for c in (columns.min() + 3, columns.max() - 3))
    assert left < 132 < 148 < right


def test_dark_places_take_little_of_the_light():
    own, drawn = shaded(np.full(128, 180)), np.full((128, 128, 3), 120, np.uint8)
    drawn[60:68] = 12
    lifted = with_tone(drawn, MASK, own, MASK, (labels.SKIN,)).astype(int) - drawn
    skin = inner(MASK, labels.SKIN)
    dark = skin & (np.arange(128)[:, None] >= 62) & (np.arange(128)[:, None] < 66)
    assert lifted[dark].mean() < 0.2 * lifted[skin & ~dark].mean()


def test_glasses_are_no_skin_tone():
    own, drawn = np.full((128, 128, 3), 150, np.uint8), np.full((128, 128, 3), 130, np.uint8)
    own[50:60][MASK[50:60] == labels.SKIN] = 150 * DARK - 1
    found = with_tone(drawn, MASK, own, MASK, (labels.SKIN,))
    np.testing.assert_allclose(found[inner(MASK, labels.SKIN)], 150, atol=1.5)


def test_without_skin_in_common_no_tone_is_known():
    found = with_tone(picture(2), np.zeros_like(MASK), picture(), MASK, (labels.SKIN,))
    np.testing.assert_array_equal(found, picture(2))


def test_light_from_one_side_falls_on_anothers_face_too():
    skin = np.zeros((256, 256), bool)
    skin[40:220, 40:220] = True
    across = np.linspace(120, 220, 256).astype(np.uint8)
    photograph = np.repeat(np.broadcast_to(across, (256, 256))[..., None], 3, axis=2)
    carried = np.full((256, 256, 3), 170, np.uint8)
    lit = in_light(carried, skin, photograph, skin).astype(int)
    inner = lit[60:200, 60:200]
    assert np.abs(inner - photograph[60:200, 60:200]).max() < 12
    np.testing.assert_array_equal(in_light(carried, skin, photograph, np.zeros_like(skin)), carried)


def test_the_same_light_changes_nothing():
    portrait, skin = picture(), np.ones((128, 128), bool)
    assert np.abs(in_light(portrait, skin, portrait, skin).astype(int) - portrait).max() <= 1


def test_skin_made_brighter_than_the_own_does_not_shine():
    """What was as bright before stays, and so do teeth beside skin."""
    skin = np.ones((128, 128), bool)
    skin[:, 96:] = False
    photograph, carried = np.full((128, 128, 3), 150, np.uint8), np.full((128, 128, 3), 120, np.uint8)
    carried[:, :32] = 240
    lit = np.full((128, 128, 3), 240, np.uint8)
    calm = without_glare(lit, carried, skin, photograph, skin)
    assert (calm[:, 40:88] < 190).all() and (calm[:, 40:88] > 150).all()
    np.testing.assert_allclose(calm[:, :24], 240, atol=1)
    np.testing.assert_allclose(calm[:, 104:], 240, atol=1)
