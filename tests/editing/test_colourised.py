"""Black-and-white faces in the colours of others."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from test_monochrome import gray_of

from mgpe_tf import labels
from mgpe_tf.data.synthetic import draw_portrait
from mgpe_tf.editing.pixels.colourised import HAIR, LIPS, SKIN, chroma, coloured, kinds, shares

PICTURE, MASK = draw_portrait(3, 256)


def shown_in(colours: np.ndarray, picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    return coloured(gray_of(picture), shares(kinds(mask, None)), colours)


def test_a_face_gets_its_own_colours_back():
    again = shown_in(chroma(PICTURE, MASK), PICTURE, MASK)
    lightness = [cv2.cvtColor(x, cv2.COLOR_RGB2GRAY).astype(int) for x in (again, PICTURE)]
    assert np.abs(lightness[0] - lightness[1]).mean() < 1
    for kept in (labels.SKIN, labels.HAIR, labels.LOWER_LIP):
        inner = cv2.erode(np.isin(MASK, kept).astype(np.uint8), np.ones((5, 5))) > 0
        gray = np.abs(gray_of(PICTURE)[inner].astype(int) - PICTURE[inner]).mean()
        assert np.abs(again[inner].astype(int) - PICTURE[inner]).mean() < gray / 4


def test_another_face_has_the_hue_of_each_kind():
    other, their_mask = draw_portrait(5, 256)
    again = shown_in(chroma(PICTURE, MASK), other, their_mask)
    for kind in (SKIN, HAIR, LIPS):
        ours, theirs = PICTURE[kinds(MASK, None) == kind], again[kinds(their_mask, None) == kind]
        red_over_blue = [(x[:, 0].astype(float) - x[:, 2]).mean() for x in (ours, theirs)]
        assert np.sign(red_over_blue[0]) == np.sign(red_over_blue[1])
    inner = cv2.erode((their_mask == labels.SKIN).astype(np.uint8), np.ones((5, 5))) > 0
    assert (again[inner, 0] > again[inner, 2]).mean() > 0.95


def test_black_stays_black_and_white_stays_white():
    colours = chroma(PICTURE, MASK)
    for value in (0, 255):
        flat = np.full((256, 256, 3), value, np.uint8)
        assert np.abs(shown_in(colours, flat, MASK).astype(int) - value).max() == 0


@pytest.mark.parametrize(
    ("lost", "instead"),
    [(labels.INNER_MOUTH, labels.LEFT_EYE), (labels.HAIR, labels.LEFT_BROW), (labels.LEFT_BROW, labels.HAIR)],
)
def test_what_is_not_shown_gets_the_colours_of_what_is_like_it(lost, instead):
    gone = [labels.LEFT_BROW, labels.RIGHT_BROW] if lost == labels.LEFT_BROW else [lost]
    mask = np.where(np.isin(MASK, gone), np.uint8(labels.SKIN), MASK)
    colours = chroma(PICTURE, mask)
    of = [kinds(np.array([[each]], np.uint8), None)[0, 0] for each in (lost, instead)]
    np.testing.assert_array_equal(colours[of[0]], colours[of[1]])
    assert np.abs(colours[of[0]]).max() > 0


def test_ears_and_neck_are_skin_where_they_are_known():
    mask, parts = np.zeros((1, 3), np.uint8), np.array([[labels.PARTS[p] for p in ("neck", "l_ear", "hat")]], np.uint8)
    np.testing.assert_array_equal(kinds(mask, parts), [[SKIN, SKIN, HAIR]])
