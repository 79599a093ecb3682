"""Strands, irises and teeth: found in photographs, and given to what is drawn without them."""

from __future__ import annotations

import cv2
import numpy as np
from small import face_mask

from mgpe_tf import labels
from mgpe_tf.editing.pixels.details import TALLER, details_of, enlarged, fitting, times_finer, with_details

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


def given(
    drawn: np.ndarray, mask: np.ndarray, photograph: np.ndarray, own: np.ndarray, amount: float = 1.0
) -> np.ndarray:
    """A drawn portrait with the details of a photograph."""
    return with_details(drawn, mask, fitting(mask, details_of(photograph, own), {}), amount)


def inner(mask: np.ndarray, label: int, by: int) -> np.ndarray:
    return cv2.erode((mask == label).astype(np.uint8), np.ones((by, by))) > 0


def test_a_photographs_own_strands_come_back():
    photograph = hairy(MASK)
    drawn = even(photograph, MASK)
    found = given(drawn, MASK, photograph, MASK).astype(int)
    where = inner(MASK, labels.HAIR, 7)
    before, after = (np.abs(image.astype(int) - photograph)[where].mean() for image in (drawn, found))
    assert after < 0.3 * before
    np.testing.assert_array_equal(found[~HAIR], drawn[~HAIR])
    np.testing.assert_array_equal(given(drawn, MASK, photograph, MASK, 0), drawn)
    half = np.abs(given(drawn, MASK, photograph, MASK, 0.5).astype(int) - photograph)[where].mean()
    assert after < half < before


def test_strands_stand_out_from_light_hair_as_from_dark():
    photograph = hairy(MASK, 40)
    seen = [contrast(given(even(hairy(MASK, light), MASK), MASK, photograph, MASK), HAIR) for light in (40, 160)]
    assert seen[0] > 0.1 and abs(seen[0] - seen[1]) < 0.1 * seen[0]


def test_details_take_the_place_of_what_was_drawn():
    """They are no more contrast than the photograph's, whatever the networks drew of them already."""
    photograph = hairy(MASK)
    found = given(hairy(MASK), MASK, photograph, MASK).astype(int)
    assert np.abs(found - photograph)[inner(MASK, labels.HAIR, 7)].mean() < 2


def test_colours_keep_their_hue():
    drawn = np.broadcast_to(np.uint8((120, 60, 30)), (SIZE, SIZE, 3))
    found = given(drawn, MASK, hairy(MASK), MASK).astype(float)
    np.testing.assert_allclose(found[..., 0], 2 * found[..., 1], atol=2.1)
    np.testing.assert_allclose(found[..., 0], 4 * found[..., 2], atol=4.1)


def test_hair_that_grew_has_strands_too():
    near = cv2.dilate(HAIR.astype(np.uint8), np.ones((9, 9))) > 0
    fuller = np.where((MASK == labels.BACKGROUND) & near, labels.HAIR, MASK)
    grown = (fuller == labels.HAIR) & ~HAIR
    photograph = hairy(MASK)
    found = given(even(hairy(fuller), fuller), fuller, photograph, MASK)
    assert contrast(found, grown) > 0.4 * contrast(photograph, HAIR)


def test_the_strands_are_those_of_the_hair_that_fits():
    """Of the own hair on the own mask; of the other's, moved by the eyes, once the mask has the other's hair."""
    other = face_mask(SIZE, down=3, right=-4)  # pixels of the 64-pixel frame
    other[(other == labels.HAIR) & (np.arange(SIZE)[:, None] > SIZE // 3)] = labels.BACKGROUND
    own, theirs = details_of(hairy(MASK), MASK), details_of(hairy(other, period=9), other)
    np.testing.assert_array_equal(fitting(MASK, own, {"hair": (theirs, 1)})[labels.HAIR], own.hair)
    cut = np.where(HAIR & (np.arange(SIZE)[:, None] > SIZE // 3 - 6), labels.BACKGROUND, MASK)
    found = fitting(cut, own, {"hair": (theirs, 1)})[labels.HAIR]
    moved = np.roll(theirs.hair, (-6, 8), axis=(0, 1))
    where = inner(cut, labels.HAIR, 7)
    np.testing.assert_allclose(found[where], moved[where], atol=0.15)
    np.testing.assert_array_equal(fitting(cut, own, {})[labels.HAIR], own.hair)


def rectangle(label: int, top: int, bottom: int, left: int, right: int) -> np.ndarray:
    mask = np.full((SIZE, SIZE), labels.SKIN, np.uint8)
    mask[top:bottom, left:right] = label
    return mask


def striped(mask: np.ndarray, label: int, period: int) -> np.ndarray:
    """A class of upright stripes: teeth."""
    columns = 120 + 80 * np.sin(2 * np.pi * (np.arange(SIZE) - np.nonzero(mask == label)[1].min()) / period)
    gray = np.where(mask == label, np.broadcast_to(columns, mask.shape), 150)
    return gray.astype(np.uint8)[..., None].repeat(3, axis=-1)


def test_features_are_put_on_the_box_of_the_masks():
    """Twice as wide, an eye has twice as wide an iris."""
    own, wider = rectangle(labels.LEFT_EYE, 40, 56, 30, 60), rectangle(labels.LEFT_EYE, 70, 86, 40, 100)
    drawn = np.full((SIZE, SIZE, 3), 120, np.uint8)
    found = given(drawn, wider, striped(own, labels.LEFT_EYE, 10), own)
    wanted = striped(wider, labels.LEFT_EYE, 20)
    where = inner(wider, labels.LEFT_EYE, 7)
    assert np.corrcoef(found[where][:, 0], wanted[where][:, 0])[0, 1] > 0.9 and found[where].std() > 20


def test_an_opened_mouth_has_teeth_as_long_as_before():
    own, opened = rectangle(labels.INNER_MOUTH, 80, 90, 40, 88), rectangle(labels.INNER_MOUTH, 80, 110, 40, 88)
    drawn = np.full((SIZE, SIZE, 3), 120, np.uint8)
    found = given(drawn, opened, striped(own, labels.INNER_MOUTH, 6), own)
    rows = np.ptp(found[:, 50:78, 0].astype(int), axis=1)
    end = 80 + round(TALLER * 10)
    assert rows[83 : end - 2].min() > 30 and rows[end + 2 : 108].max() <= 2


def test_a_feature_is_of_whose_appearance_is_drawn():
    own, other = (rectangle(labels.INNER_MOUTH, 80, 96, left, left + 40) for left in (30, 50))
    mine, theirs = (
        details_of(striped(own, labels.INNER_MOUTH, 6), own),
        details_of(striped(other, labels.INNER_MOUTH, 8), other),
    )
    found = fitting(own, mine, {"mouth": (theirs, 1), "skin": (mine, 1)})[labels.INNER_MOUTH]
    np.testing.assert_allclose(found[80:96, 30:70], theirs.features[80:96, 50:90], atol=1e-5)
    halves = fitting(own, mine, {"mouth": (theirs, 0.5)})[labels.INNER_MOUTH]
    mixed = (mine.features[80:96, 30:70] + theirs.features[80:96, 50:90]) / 2
    np.testing.assert_allclose(halves[80:96, 30:70], mixed, atol=1e-5)
    none = fitting(own, mine, {"mouth": (theirs, 0), "hair": (theirs, 0)})
    np.testing.assert_allclose(
        none[labels.INNER_MOUTH][own == labels.INNER_MOUTH], mine.features[own == labels.INNER_MOUTH], atol=1e-5
    )
    closed = details_of(striped(own, labels.INNER_MOUTH, 6), np.full_like(own, labels.SKIN))
    assert labels.INNER_MOUTH not in fitting(own, mine, {"mouth": (closed, 1)})


def test_without_details_nothing_changes():
    bald = np.where(HAIR, labels.SKIN, MASK)
    photograph = hairy(MASK)
    assert labels.HAIR not in fitting(MASK, details_of(photograph, bald), {})
    np.testing.assert_array_equal(with_details(photograph, MASK, {}), photograph)
    found = given(photograph, bald, photograph, MASK)
    np.testing.assert_array_equal(found[bald == labels.SKIN], photograph[bald == labels.SKIN])


def test_details_are_as_fine_as_the_photograph():
    assert [times_finer(pixels) for pixels in (0.4, 1.4, 1.6, 2.9, 9.0)] == [1, 1, 2, 3, 4]
    np.testing.assert_array_equal(enlarged(MASK, 3)[1::3, 1::3], MASK)
    large = enlarged(MASK, 2)
    columns = np.arange(2 * SIZE) % 2 * 60 + 60  # strands of one fine pixel, which the portrait does not show
    photograph = np.where(large == labels.HAIR, columns, 160).astype(np.uint8)[..., None].repeat(3, axis=-1)
    found = given(even(photograph, large), MASK, photograph, MASK)
    assert np.abs(found.astype(int) - photograph)[inner(large, labels.HAIR, 13)].mean() < 6


def test_finer_details_of_another_lie_where_coarse_ones_do():
    """Moved by the eyes, and put on boxes."""
    other = face_mask(SIZE, down=3, right=-4)
    photographs = {times: np.kron(hairy(other, period=16), np.ones((times, times, 1), np.uint8)) for times in (1, 3)}
    bald = details_of(hairy(MASK), np.where(HAIR, labels.SKIN, MASK))
    empty = {1: bald, 3: details_of(np.kron(hairy(MASK), np.ones((3, 3, 1), np.uint8)), bald.mask)}
    coarse, fine = (
        fitting(MASK, empty[times], {"hair": (details, 1), "left_eye": (details, 1)})
        for times in (1, 3)
        for details in [details_of(photographs[times], other)]
    )
    where = inner(MASK, labels.HAIR, 9)
    middle = fine[labels.HAIR][1::3, 1::3]
    assert np.corrcoef(middle[where], coarse[labels.HAIR][where])[0, 1] > 0.97
    assert fine[labels.LEFT_EYE].shape == (3 * SIZE, 3 * SIZE)
