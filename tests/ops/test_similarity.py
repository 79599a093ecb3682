"""The similarity between two masks' faces, against similarities that are known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from keras import ops

from mgpe_tf import labels
from mgpe_tf.data.synthetic import SyntheticSource
from mgpe_tf.ops import class_shares
from mgpe_tf.ops.similarity import face_similarity

SIZE = CELLS = 64
MASK = SyntheticSource(1, SIZE).load(0)[1]
CENTRE = (SIZE - 1) / 2


def found(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    shares = (class_shares(mask[None], CELLS) for mask in (source, target))
    return ops.convert_to_numpy(face_similarity(*shares))[0]


def turned(mask: np.ndarray, angle: float, growth: float) -> tuple[np.ndarray, np.ndarray]:
    """A mask turned about the frame's centre, and the map from its positions back to the mask's."""
    matrix = cv2.getRotationMatrix2D((CENTRE, CENTRE), angle, growth)
    return cv2.warpAffine(mask, matrix, mask.shape[::-1], flags=cv2.INTER_NEAREST), cv2.invertAffineTransform(matrix)


@pytest.mark.parametrize(("angle", "growth"), [(0, 1), (8, 1), (-5, 1.1), (3, 0.9)])
def test_a_turn_and_a_scale_are_found(angle, growth):
    target, expected = turned(MASK, angle, growth)
    matrix = found(MASK, target)
    corners = np.array([[20, 20, 1], [44, 20, 1], [32, 50, 1]]).T
    np.testing.assert_allclose(matrix @ corners, expected @ corners, atol=0.6)


def test_hair_does_not_count():
    other = MASK.copy()
    other[:, :20] = labels.HAIR
    other[MASK != labels.BACKGROUND] = MASK[MASK != labels.BACKGROUND]
    np.testing.assert_array_equal(found(MASK, other), found(MASK, MASK))
    np.testing.assert_allclose(found(MASK, MASK), [[1, 0, 0], [0, 1, 0]], atol=1e-4)


def test_where_one_feature_is_seen_it_is_laid_on_the_other_unturned():
    def nose(row: int, column: int) -> np.ndarray:
        mask = np.zeros((SIZE, SIZE), np.uint8)
        mask[row : row + 6, column : column + 4] = labels.NOSE
        return mask

    np.testing.assert_allclose(found(nose(30, 20), nose(20, 25)), [[1, 0, -5], [0, 1, 10]], atol=1e-3)


def test_without_a_common_feature_nothing_moves():
    nothing = np.zeros((SIZE, SIZE), np.uint8)
    for source, target in ((nothing, nothing), (MASK, nothing), (nothing, MASK)):
        np.testing.assert_allclose(found(source, target), [[1, 0, 0], [0, 1, 0]], atol=1e-5)
