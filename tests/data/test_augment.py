"""Augmentation: closed forms of each change, image and mask moving together, determinism."""

from __future__ import annotations

import numpy as np
import pytest

from mgpe_tf.config import AugmentationConfig
from mgpe_tf.data.augment import augment
from mgpe_tf.labels import BACKGROUND, FLIPPED, HAIR, NOSE

EVERYTHING = AugmentationConfig(flip=0.5, rotation=20, scale=0.2, shift=0.1, colour=0.3)
RESOLUTION = 32


def _portrait() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (RESOLUTION, RESOLUTION, 3), np.uint8)
    return image, rng.integers(0, 11, (RESOLUTION, RESOLUTION)).astype(np.uint8)


def _augment(image, mask, config, seed=(1, 2)):
    image, mask = augment(image, mask, config, np.array(seed, np.int32))
    return np.asarray(image), np.asarray(mask)


def _only(**fields) -> AugmentationConfig:
    return AugmentationConfig(**{"flip": 0.0, **fields})


def test_nothing_enabled_changes_nothing():
    image, mask = _portrait()
    same_image, same_mask = augment(image, mask, _only(), np.array([1, 2]))
    assert same_image is image and same_mask is mask


def test_flip_mirrors_and_exchanges_left_and_right_ids():
    image, mask = _portrait()
    flipped_image, flipped_mask = _augment(image, mask, _only(flip=1.0))
    np.testing.assert_array_equal(flipped_image, image[:, ::-1])
    np.testing.assert_array_equal(flipped_mask, np.array(FLIPPED, np.uint8)[mask[:, ::-1]])


def test_flip_happens_as_often_as_asked():
    image, mask = _portrait()
    flips = [np.any(_augment(image, mask, _only(flip=0.25), (7, i))[1] != mask) for i in range(200)]
    assert 30 <= sum(flips) <= 70


def test_shift_moves_a_ramp_by_a_constant_and_the_mask_with_it():
    ramp = np.tile(np.arange(RESOLUTION, dtype=np.uint8)[:, None, None] * 4, (1, RESOLUTION, 3))
    rows = np.tile((np.arange(RESOLUTION, dtype=np.uint8) // 3)[:, None], (1, RESOLUTION))
    shifts = set()
    for i in range(6):
        image, mask = _augment(ramp, rows, _only(shift=0.2), (3, i))
        inner = (image.astype(int) - ramp)[7:-7, 7:-7]
        assert np.ptp(inner) <= 1 and abs(inner.mean()) <= 4 * 0.2 * RESOLUTION
        shift = inner.mean() / 4
        distance = np.arange(7, RESOLUTION - 7) + shift - (3.0 * mask[7:-7, RESOLUTION // 2] + 1)
        assert np.all(np.abs(distance) < 1.5 + 0.2)
        shifts.add(round(shift, 2))
    assert len(shifts) > 3


@pytest.mark.parametrize(("fields", "factor"), [({"scale": 0.3}, (0.7, 1.3)), ({"rotation": 25.0}, (1.0, 1.0))])
def test_scale_and_rotation_keep_the_centre_and_change_the_area(fields, factor):
    centre = RESOLUTION / 2 - 0.5
    distance = np.hypot(*np.meshgrid(np.arange(RESOLUTION) - centre, np.arange(RESOLUTION) - centre))
    disc = (distance < 8).astype(np.uint8)
    image = np.repeat(disc[:, :, None] * 200, 3, axis=2)
    for i in range(6):
        moved_image, moved = _augment(image, disc, _only(**fields), (5, i))
        radius = np.sqrt(moved.sum() / np.pi)
        assert 8 * factor[0] - 0.5 < radius < 8 * factor[1] + 0.5
        np.testing.assert_allclose(np.argwhere(moved).mean(axis=0), centre, atol=0.3)
        assert np.mean((moved_image[..., 0] > 100) == moved) > 0.97


def test_rotation_turns_the_image_both_ways():
    image = np.zeros((RESOLUTION, RESOLUTION, 3), np.uint8)
    mask = np.zeros((RESOLUTION, RESOLUTION), np.uint8)
    mask[14:18, 26:30] = 1
    angles = []
    for i in range(8):
        row, column = np.argwhere(_augment(image, mask, _only(rotation=30.0), (1, i))[1]).mean(axis=0) - 15.5
        angles.append(np.degrees(np.arctan2(row, column)))
    assert -32 < min(angles) < 0 < max(angles) < 32


def test_hair_beyond_a_line_becomes_background():
    image, mask = np.zeros((64, 64, 3), np.uint8), np.full((64, 64), HAIR, np.uint8)
    mask[20:30, 20:30] = NOSE
    rows, columns = np.indices(mask.shape)
    lost = 0
    for i in range(40):
        same, cut = _augment(image, mask, _only(cut_hair=0.5), (5, i))
        np.testing.assert_array_equal(same, image)
        gone = cut != mask
        assert (cut[gone] == BACKGROUND).all() and (mask[gone] == HAIR).all()
        lost += gone.any()
        if gone.any() and (cut == HAIR).any():  # a line parts what stays from what goes
            sides = np.stack([rows[mask == HAIR], columns[mask == HAIR], np.ones((mask == HAIR).sum())], 1)
            line, *_ = np.linalg.lstsq(sides, np.where(gone[mask == HAIR], 1.0, -1.0), rcond=None)
            assert ((sides @ line > 0) == gone[mask == HAIR]).mean() > 0.8
    assert 10 < lost < 30


def test_colour_changes_the_image_alone_and_by_its_strength():
    image, mask = np.full((RESOLUTION, RESOLUTION, 3), 100, np.uint8), _portrait()[1]
    levels = []
    for i in range(20):
        recoloured, same = _augment(image, mask, _only(colour=0.2), (2, i))
        np.testing.assert_array_equal(same, mask)
        assert np.ptp(recoloured) == 0
        levels.append(int(recoloured[0, 0, 0]))
    assert 80 <= min(levels) < 90 and 110 < max(levels) <= 120


def test_the_seed_alone_decides():
    image, mask = _portrait()
    first, again, other = (_augment(image, mask, EVERYTHING, seed) for seed in [(1, 2), (1, 2), (1, 3)])
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    assert np.any(first[0] != other[0])
    assert first[0].dtype == first[1].dtype == np.uint8 and first[1].max() <= 10
