"""The inside of mouths by the bundled network: where the crop lies, and what of a portrait it changes."""

from __future__ import annotations

import numpy as np
import pytest

from mgpe_tf import labels
from mgpe_tf.models.inner_mouth import SIZE, _from_crop
from mgpe_tf.models.load import load


def mouth(size: int, height: int, width: int) -> np.ndarray:
    """A face with a mouth whose inside is a box in the middle."""
    mask, middle = np.full((size, size), labels.SKIN, np.uint8), size // 2
    mask[middle - height // 2 : middle + height // 2, middle - width // 2 : middle + width // 2] = labels.INNER_MOUTH
    return mask


def test_the_crop_has_the_portraits_own_pixels():
    np.testing.assert_array_equal(
        _from_crop(mouth(256, 20, 50)), ((1, 0, 127 - SIZE[1] // 2), (0, 1, 127 - SIZE[0] // 2))
    )


@pytest.mark.parametrize(("size", "height", "width"), [(512, 40, 100), (256, 100, 60), (256, 20, 200), (64, 8, 12)])
def test_any_mouth_lies_within_it(size, height, width):
    corners = _from_crop(mouth(size, height, width)) @ np.array(((0, SIZE[1], 0), (0, 0, SIZE[0]), (1, 1, 1)))
    (left, right, _), (top, _, bottom) = corners
    middle = size // 2
    assert left <= middle - width / 2 and right >= middle + width / 2
    assert top <= middle - height / 2 and bottom >= middle + height / 2
    assert right - left >= SIZE[1] * size / 256 - 1e-9


@pytest.mark.parametrize("size", [128, 256, 512])
def test_what_is_known_stays_and_the_rest_is_no_skin(size):
    mask = mouth(size, size // 10, size // 5)
    rows, columns = np.nonzero(mask == labels.INNER_MOUTH)
    across, lip = slice(columns.min(), columns.max() + 1), size // 25
    mask[rows.min() - lip : rows.min(), across] = labels.UPPER_LIP
    mask[rows.max() + 1 : rows.max() + 1 + lip, across] = labels.LOWER_LIP
    colours = np.full((labels.NUM_CLASSES, 3), (205, 160, 140), np.uint8)
    colours[list(labels.MOUTH)] = (170, 90, 90)
    portrait, known = colours[mask], mask != labels.INNER_MOUTH
    completed = load("inner_mouth").completed(portrait, mask, known)
    np.testing.assert_array_equal(completed[known], portrait[known])
    told = completed[~known].astype(float)
    assert min(np.abs(told - colours[label]).mean() for label in (labels.SKIN, labels.UPPER_LIP)) > 20
