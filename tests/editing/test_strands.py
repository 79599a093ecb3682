"""Strands of hair: found in a photograph, and given to hair that is drawn without them."""

from __future__ import annotations

import cv2
import numpy as np
from small import face_mask

from mgpe_tf import labels
from mgpe_tf.editing.strands import enlarged, fitting, strands_of, times_finer, with_strands

SIZE = 128
MASK = face_mask(SIZE)
HAIR = MASK == labels.HAIR


def hairy(mask: np.ndarray, light: float = 90.0, period: int = 5) -> np.ndarray:
    """Even skin and background, and hair of upright strands."""
    columns = np.broadcast_to(np.arange(SIZE), mask.shape)
    strands = light * (1 + 0.4 * np.sin(2 * np.pi * columns / period))
    return np.repeat(np.where(mask == labels.HAIR, strands, 160).astype(np.uint8)[..., None], 3, axis=-1)


def even(photograph: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The photograph as an embedding holds it: hair has one colour."""
    drawn = photograph.copy()
    drawn[mask == labels.HAIR] = photograph[mask == labels.HAIR].mean(0)
    return drawn


def contrast(image: np.ndarray, where: np.ndarray) -> float:
    """Of square roots of brightness, from one pixel to the next."""
    root = np.sqrt(image[..., 0].astype(float))
    return float(np.abs(np.diff(root, axis=1))[where[:, 1:] & where[:, :-1]].mean())


def test_a_photographs_own_strands_come_back():
    photograph = hairy(MASK)
    drawn = even(photograph, MASK)
    found = with_strands(drawn, MASK, strands_of(photograph, MASK)).astype(int)
    inner = cv2.erode(HAIR.astype(np.uint8), np.ones((7, 7))) > 0
    before, after = (np.abs(image.astype(int) - photograph)[inner].mean() for image in (drawn, found))
    assert after < 0.3 * before
    np.testing.assert_array_equal(found[~HAIR], drawn[~HAIR])


def test_strands_stand_out_from_light_hair_as_from_dark():
    strands = strands_of(hairy(MASK, 40), MASK)
    seen = [contrast(with_strands(even(hairy(MASK, light), MASK), MASK, strands), HAIR) for light in (40, 160)]
    assert seen[0] > 0.1 and abs(seen[0] - seen[1]) < 0.1 * seen[0]


def test_colours_keep_their_hue():
    drawn = np.broadcast_to(np.uint8((120, 60, 30)), (SIZE, SIZE, 3))
    found = with_strands(drawn, MASK, strands_of(hairy(MASK), MASK)).astype(float)
    np.testing.assert_allclose(found[..., 0], 2 * found[..., 1], atol=2.1)
    np.testing.assert_allclose(found[..., 0], 4 * found[..., 2], atol=4.1)


def test_hair_that_grew_has_strands_too():
    near = cv2.dilate(HAIR.astype(np.uint8), np.ones((9, 9))) > 0
    fuller = np.where((MASK == labels.BACKGROUND) & near, labels.HAIR, MASK)
    grown = (fuller == labels.HAIR) & ~HAIR
    photograph = hairy(MASK)
    drawn = even(hairy(fuller), fuller)
    found = with_strands(drawn, fuller, strands_of(photograph, MASK))
    assert contrast(found, grown) > 0.4 * contrast(photograph, HAIR)


def test_the_strands_are_those_of_the_hair_that_fits():
    """Of the own hair on the own mask; of the other's, moved by the eyes, once the mask has the other's hair."""
    other = face_mask(SIZE, down=3, right=-4)  # pixels of the 64-pixel frame
    other[(other == labels.HAIR) & (np.arange(SIZE)[:, None] > SIZE // 3)] = labels.BACKGROUND
    own = MASK, strands_of(hairy(MASK), MASK)
    theirs = other, strands_of(hairy(other, period=9), other)
    np.testing.assert_array_equal(fitting(MASK, [own, theirs]), own[1])
    cut = np.where(HAIR & (np.arange(SIZE)[:, None] > SIZE // 3 - 6), labels.BACKGROUND, MASK)
    found = fitting(cut, [own, theirs])
    hair = cv2.erode((cut == labels.HAIR).astype(np.uint8), np.ones((7, 7))) > 0
    moved = np.roll(theirs[1], (-6, 8), axis=(0, 1))
    np.testing.assert_allclose(found[hair], moved[hair], atol=0.15)
    np.testing.assert_array_equal(fitting(cut, [own]), own[1])


def test_without_hair_nothing_is_known_and_nothing_changes():
    bald = np.where(HAIR, labels.SKIN, MASK)
    photograph = hairy(MASK)
    assert not strands_of(photograph, bald).any()
    np.testing.assert_array_equal(with_strands(photograph, MASK, strands_of(photograph, bald)), photograph)
    np.testing.assert_array_equal(with_strands(photograph, bald, strands_of(photograph, MASK)), photograph)


def test_strands_are_as_fine_as_the_photograph():
    assert [times_finer(pixels) for pixels in (0.4, 1.4, 1.6, 2.9, 9.0)] == [1, 1, 2, 3, 4]
    np.testing.assert_array_equal(enlarged(MASK, 3)[1::3, 1::3], MASK)
    large = enlarged(MASK, 2)
    columns = np.arange(2 * SIZE) % 2 * 60 + 60  # strands of one fine pixel, which the portrait does not show
    photograph = np.where(large == labels.HAIR, columns, 160).astype(np.uint8)[..., None].repeat(3, axis=-1)
    drawn = even(photograph, large)
    found = with_strands(drawn, large, strands_of(photograph, large))
    inner = cv2.erode((large == labels.HAIR).astype(np.uint8), np.ones((13, 13))) > 0
    assert np.abs(found.astype(int) - photograph)[inner].mean() < 6
