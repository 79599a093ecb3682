"""A face laid on another: similarities are found again, missing features left out."""

from __future__ import annotations

import cv2
import numpy as np
from small import face_mask

from mgpe_tf import labels
from mgpe_tf.editing.carry.placing import placing
from mgpe_tf.editing.carry.sampling import moved_mask
from mgpe_tf.geometry import invert_affine, similarity_matrix

FACE = face_mask(256)


def turned(mask, matrix) -> np.ndarray:
    return cv2.warpAffine(mask, matrix, mask.shape[::-1], flags=cv2.INTER_NEAREST)


def test_a_turned_face_is_found_again():
    matrix = similarity_matrix(1.2, 12, (9, -6), (128, 128))
    found = placing(FACE, turned(FACE, matrix))
    x, y = np.meshgrid(np.arange(256), np.arange(256))
    back = invert_affine(matrix)
    for axis, here in ((0, x), (1, y)):
        expected = back[axis, 0] * x + back[axis, 1] * y + back[axis, 2] - here
        np.testing.assert_allclose(found[..., axis], expected, atol=1.0)


def test_its_mask_then_fits():
    other = turned(FACE, similarity_matrix(0.8, -15, (-12, 8), (128, 128)))
    moved = moved_mask(FACE, placing(FACE, other))
    face = np.isin(other, labels.FACE)
    assert (moved != other)[face].mean() < 0.05 < (other != FACE)[face].mean()


def test_two_features_are_enough_and_one_is_not():
    shifted = np.roll(FACE, (6, 10), (0, 1))
    eyes = np.where(np.isin(FACE, (labels.LEFT_EYE, labels.RIGHT_EYE)), FACE, labels.SKIN)
    np.testing.assert_allclose(placing(eyes, shifted), np.broadcast_to((-10, -6), (256, 256, 2)), atol=1e-3)
    nose = np.where(FACE == labels.NOSE, FACE, labels.SKIN)
    assert not placing(nose, shifted).any()
