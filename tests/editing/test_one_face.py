"""Faces beside the one that a portrait is of are none of its mask."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from small import SIZE, face_mask
from test_session import MASK, Finder, by_palette, coloured

from mgpe_tf import labels
from mgpe_tf.editing.masks.one_face import others_faces
from mgpe_tf.editing.portrait_editor import PortraitEditor
from mgpe_tf.models.editor_networks import EditorNetworks
from mgpe_tf.models.face_parser import FaceParser

WIDE = 256


def halved(mask: np.ndarray, row: int, column: int) -> np.ndarray:
    """A mask at half its size, with its upper left corner at a place."""
    matrix = np.array([(0.5, 0, column), (0, 0.5, row)])
    return cv2.warpAffine(mask, matrix, (WIDE, WIDE), flags=cv2.INTER_NEAREST)


FACE = face_mask(WIDE)
OWN, OTHER = halved(FACE, 64, 90), halved(FACE, 20, -40)
"""The other one is half outside, and touches nothing."""
BOTH = np.where(OTHER > 0, OTHER, OWN).astype(np.uint8)


def test_another_face_and_its_hair_are_found():
    assert not (OTHER[OWN > 0] > 0).any() and (OTHER == labels.HAIR).any()
    np.testing.assert_array_equal(others_faces(BOTH), OTHER > 0)


@pytest.mark.parametrize("mask", [FACE, OWN, np.zeros_like(FACE)])
def test_a_face_alone_is_nobody_elses(mask):
    assert not others_faces(mask).any()


def test_a_face_that_hair_divides_is_one():
    strand = np.abs(np.arange(WIDE) - np.nonzero(FACE == labels.LEFT_EYE)[1].max() - 4) < 3
    divided = np.where(strand & (FACE > 0), labels.HAIR, FACE).astype(np.uint8)
    assert cv2.connectedComponents(np.isin(divided, labels.FACE).astype(np.uint8))[0] > 2
    assert not others_faces(divided).any()


def test_it_is_background_in_what_the_editor_reads():
    small = cv2.resize(BOTH, (SIZE, SIZE), interpolation=cv2.INTER_NEAREST)
    assert others_faces(small).any()
    editor = PortraitEditor(EditorNetworks({}, SIZE), FaceParser(by_palette, SIZE), Finder())
    mask, _ = editor._masks(coloured(small))
    np.testing.assert_array_equal(mask[others_faces(small)], labels.BACKGROUND)
    assert (mask[~others_faces(small)] == small[~others_faces(small)]).all()
    mask, _ = editor._masks(coloured(MASK))
    np.testing.assert_array_equal(mask, MASK)
