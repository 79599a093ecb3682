"""Colours that the networks miss, learnt on one mask and given back on another."""

from __future__ import annotations

import numpy as np
from small import face_mask

from mgpe_tf import labels
from mgpe_tf.editing.colours import FEW, colour_errors, correct

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
