"""Outlines of heads, and haircuts that are fitted to them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from small import face_mask

from mgpe_tf import labels
from mgpe_tf.data.synthetic import draw_portrait
from mgpe_tf.editing.masks.head import AVERAGE, RAYS, head_outline, polar, ray_angles, within
from mgpe_tf.editing.masks.regions import eyes_of, face_size
from mgpe_tf.editing.masks.replace import fitted_hair, hair_overlap, origins_by_head, replace_component

ROWS, COLUMNS = np.indices((256, 256)) + 0.5
PORTRAITS = [draw_portrait(seed, 256)[1] for seed in range(6)]


def head(width: float, height: float = 88.0, hair: np.ndarray | None = None) -> np.ndarray:
    """A mask whose head is an ellipse about the point between the eyes; features are small boxes in it."""
    mask = np.zeros((256, 256), np.uint8)
    mask[np.hypot((ROWS - 116) / height, (COLUMNS - 128) / width) < 1] = labels.SKIN
    for label, row, column in ((labels.LEFT_EYE, 116, 96), (labels.RIGHT_EYE, 116, 160), (labels.NOSE, 140, 128)):
        mask[row - 4 : row + 4, column - 8 : column + 8] = label
    mask[166:174, 108:148] = labels.UPPER_LIP
    return mask if hair is None else np.where(hair, labels.HAIR, mask).astype(np.uint8)


def ellipse(width: float, height: float = 88.0) -> np.ndarray:
    angles = ray_angles()
    return 1 / np.hypot(np.sin(angles) / height, np.cos(angles) / width)


def test_a_bald_heads_outline_is_its_border():
    np.testing.assert_allclose(head_outline(head(60)), ellipse(60), atol=2)
    wrong = within(head(60), head_outline(head(60))) != (head(60) != labels.BACKGROUND)
    assert wrong.mean() < 0.01


def test_what_hair_hides_of_a_side_is_as_on_the_other():
    cheek = (COLUMNS < 85) & (np.hypot((ROWS - 116) / 110, (COLUMNS - 128) / 80) < 1)
    hidden = head_outline(head(60, hair=cheek))
    assert (head(60, hair=cheek)[116] == labels.SKIN).argmax() > 80, "hair is before the cheek"
    side = np.abs(np.sin(ray_angles())) < 0.5
    np.testing.assert_allclose(hidden[side], ellipse(60)[side], rtol=0.15)


def test_outlines_grow_with_the_mask():
    larger = np.kron(PORTRAITS[0], np.ones((2, 2), np.uint8))
    np.testing.assert_allclose(head_outline(larger), 2 * head_outline(PORTRAITS[0]), rtol=0.03)


@pytest.mark.parametrize("mask", [np.zeros((64, 64), np.uint8), face_mask(64, 40, -30), np.ones((32, 32), np.uint8)])
def test_masks_without_a_whole_face_have_an_outline_too(mask):
    outline = head_outline(mask)
    assert outline.shape == (RAYS,) and np.isfinite(outline).all() and outline.min() > 0.3 * face_size(mask)


def test_a_head_is_put_onto_another_along_its_rays():
    narrow, wide = head(50), head(65)
    rows, columns = origins_by_head(narrow, wide)
    eyes = eyes_of(narrow)
    for row, column in ((116, 178), (116, 78), (203, 128)):  # the borders of the narrow one
        radius = np.hypot(row - eyes.row, column - eyes.column)
        there = np.hypot(rows[row, column] - 116, columns[row, column] - 128)
        assert there == pytest.approx(radius * (65 / 50 if row == 116 else 1), rel=0.05)
    rows, columns = origins_by_head(narrow, narrow)
    np.testing.assert_allclose(rows, ROWS, atol=1e-6)
    np.testing.assert_allclose(columns, COLUMNS, atol=1e-6)


def test_a_haircut_closes_to_the_head():
    """Hair that lies on a wide head lies on a narrow one: no background between them."""
    cap = (np.hypot((ROWS - 116) / 104, (COLUMNS - 128) / 82) < 1) & (ROWS < 110)
    donor = head(65, hair=cap & (np.hypot((ROWS - 116) / 86, (COLUMNS - 128) / 63) > 1))
    result = replace_component(head(50), donor, "hair")
    for row in (60, 80, 100):
        line = result[row]
        assert (line == labels.HAIR).any()
        first, last = np.flatnonzero(line != labels.BACKGROUND)[[0, -1]]
        assert (line[first : last + 1] != labels.BACKGROUND).all() and line[first] == line[last] == labels.HAIR


def test_where_the_own_hair_goes_the_head_is_skin_and_nothing_more():
    """Of a head of average proportions that hair surrounds."""
    radius, angle = polar(head(60))
    elevation = np.degrees(np.arcsin(np.sin(angle)))
    average = face_size(head(60)) * np.interp(elevation, np.linspace(-90, 90, len(AVERAGE)), AVERAGE)
    bald = np.where((radius < average) & (head(60) == labels.BACKGROUND), labels.SKIN, head(60))
    own = np.where((np.hypot((ROWS - 130) / 125, (COLUMNS - 128) / 110) < 1) & (bald == 0), labels.HAIR, bald)
    crop = np.where((ROWS < 50) & (bald == labels.SKIN), labels.HAIR, bald)
    result = replace_component(own.astype(np.uint8), crop.astype(np.uint8), "hair")
    assert ((result == labels.SKIN) & (bald == labels.BACKGROUND)).sum() < 0.03 * (bald == labels.SKIN).sum()
    assert (result == labels.HAIR).sum() == pytest.approx((crop == labels.HAIR).sum(), rel=0.2)


def test_tufts_are_left():
    cap = (np.hypot((ROWS - 116) / 100, (COLUMNS - 128) / 72) < 1) & (ROWS < 90)
    tuft = np.hypot(ROWS - 200, COLUMNS - 220) < 6
    result = replace_component(head(60), head(60, hair=cap | tuft), "hair")
    assert (result[ROWS < 90] == labels.HAIR).any() and not (result[ROWS > 150] == labels.HAIR).any()


def test_of_large_pieces_those_beside_the_face_are_taken():
    """A curtain is none of it, a lock beside the cheek is."""
    cap = (np.hypot((ROWS - 116) / 100, (COLUMNS - 128) / 72) < 1) & (ROWS < 90)
    curtain, lock = (COLUMNS > 225) & (ROWS > 120), (np.abs(COLUMNS - 64) < 8) & (np.abs(ROWS - 130) < 25)
    result = replace_component(head(60), head(60, hair=cap | curtain | lock), "hair")
    assert not (result[curtain] == labels.HAIR).any()
    assert (result[lock & (head(60) == labels.BACKGROUND)] == labels.HAIR).mean() > 0.8


def test_hair_that_a_frame_cuts_off_ends_without_corners():
    """A donor so much larger that its frame ends within."""
    mane = np.hypot(ROWS - 116, COLUMNS - 128) > 60
    donor = head(60, hair=(ROWS > 40) & mane)
    smaller = cv2.warpAffine(head(60), np.array([(0.6, 0, 51.2), (0, 0.6, 46.4)]), (256, 256), flags=cv2.INTER_NEAREST)
    hair = replace_component(smaller, donor, "hair") == labels.HAIR
    left = np.array([np.flatnonzero(row)[0] for row in hair if row.any()])  # from its top on
    cut = left.min()
    assert cut > 20 and (left[:2] > cut + 8).all() and (np.diff(left[:20]) <= 0).all()


def test_a_haircut_is_found_again_in_its_mask():
    """Also on sliders' changes, and when it was laid on by the eyes."""
    for own, other in zip(PORTRAITS[:3], PORTRAITS[3:]):
        if not (other == labels.HAIR).any():
            continue
        cut = replace_component(own, other, "hair")
        overlap, _ = fitted_hair(cut, own, other, other)
        assert overlap > 0.9 and hair_overlap(cut, cut) == 1


def test_no_skin_lies_above_another_haircut():
    """A head under high hair is given flat hair: beyond it is background, not a bald head."""
    high = head(60, hair=(np.hypot(ROWS - 116, COLUMNS - 128) < 105) & (ROWS < 100))
    cap = (np.hypot((ROWS - 116) / 70, (COLUMNS - 128) / 62) < 1) & (ROWS < 90)
    flat = head(60, 64.0, hair=cap)
    cut = replace_component(high, flat, "hair")
    assert (cut == labels.HAIR).any()
    for column in (110, 128, 146):
        above = cut[:100, column]
        assert above[np.flatnonzero(above != labels.BACKGROUND)[0]] == labels.HAIR
