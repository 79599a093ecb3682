"""The halo of hair before another background."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mgpe_tf import labels
from mgpe_tf.editing.pixels.hair_rim import BEYOND, MIXED, without_halo

R = 256
ROWS, COLUMNS = np.indices((R, R))
HAIR, WHITE, SKIN = (40.0, 25.0, 20.0), (250.0, 250.0, 250.0), (200.0, 150.0, 120.0)


@pytest.fixture
def portrait() -> tuple[np.ndarray, np.ndarray]:
    """Dark hair around skin before a white wall; all borders are a few pixels wide."""
    hair, skin = np.hypot(ROWS - 128, COLUMNS - 128) < 100, np.hypot(ROWS - 128, COLUMNS - 128) < 60
    image = np.where(hair[..., None], HAIR, WHITE)
    image = cv2.GaussianBlur(np.where(skin[..., None], SKIN, image), (0, 0), 2)
    mask = np.where(skin, labels.SKIN, np.where(hair, labels.HAIR, labels.BACKGROUND)).astype(np.uint8)
    return np.round(image).astype(np.uint8), mask


def changed(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    return without_halo(image, mask == labels.HAIR, mask == labels.BACKGROUND)


def test_hair_keeps_its_colour_up_to_the_background(portrait):
    image, mask = portrait
    rim = (mask == labels.HAIR) & (np.hypot(ROWS - 128, COLUMNS - 128) > 97)
    assert image[rim].mean() > 60
    np.testing.assert_allclose(changed(image, mask)[rim].mean(0), HAIR, atol=12)


def test_it_has_it_a_little_beyond_but_where_something_comes_along(portrait):
    """An ear beside it stays as it is."""
    image, mask = portrait
    away, ear = np.hypot(ROWS - 128, COLUMNS - 128), ROWS > 128
    result = without_halo(image, mask == labels.HAIR, (mask == labels.BACKGROUND) & ~ear)
    beside = (away > 100) & (away < 102)
    np.testing.assert_allclose(result[beside & (ROWS < 100)].mean(0), HAIR, atol=12)
    np.testing.assert_array_equal(result[beside & ear], image[beside & ear])


def test_all_else_stays(portrait):
    image, mask = portrait
    result = changed(image, mask)
    away = np.hypot(ROWS - 128, COLUMNS - 128)
    np.testing.assert_array_equal(result[mask == labels.SKIN], image[mask == labels.SKIN])
    np.testing.assert_array_equal(result[away > 100 + BEYOND + 4], image[away > 100 + BEYOND + 4])
    np.testing.assert_array_equal(result[away < 100 - MIXED - 4], image[away < 100 - MIXED - 4])


def test_a_few_hairs_stay_as_they_are(portrait):
    image, mask = portrait
    few = np.where((mask == labels.HAIR) & (COLUMNS % 9 > 0), labels.BACKGROUND, mask)
    np.testing.assert_array_equal(changed(image, few), image)
