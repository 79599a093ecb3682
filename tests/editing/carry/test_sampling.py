"""Pictures and masks along flows: bit for bit where nothing moves, sharp where something does."""

from __future__ import annotations

import numpy as np
import pytest
from small import face_mask

from mgpe_tf.editing.carry import sampling
from mgpe_tf.editing.carry.flows import positions

RNG = np.random.default_rng(0)


def flow_of(size, right, down) -> np.ndarray:
    return np.full((*size, 2), (right, down), np.float32)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("channels", [(), (1,), (3,), (4,)])
def test_what_does_not_move_stays_bit_for_bit(dtype, channels):
    picture = RNG.integers(0, 255, (30, 40, *channels)).astype(dtype)
    found = sampling.sampled(picture, flow_of((30, 40), 0, 0))
    assert found.dtype == picture.dtype
    np.testing.assert_array_equal(found, picture)


def test_whole_pixels_are_moved_bit_for_bit_and_borders_mirrored():
    picture = RNG.integers(0, 255, (30, 40, 3)).astype(np.uint8)
    found = sampling.sampled(picture, flow_of((30, 40), 3, -5))
    mirrored = np.pad(picture, ((8, 8), (8, 8), (0, 0)), mode="symmetric")
    np.testing.assert_array_equal(found, mirrored[3:33, 11:51])


def test_strips_and_corners_are_parts_of_the_whole(monkeypatch):
    picture = RNG.integers(0, 255, (50, 60, 3)).astype(np.uint8)
    flow = RNG.normal(0, 3, (50, 60, 2)).astype(np.float32)
    whole = sampling.sampled(picture, flow)
    monkeypatch.setattr(sampling, "STRIP", 7 * 60)
    np.testing.assert_array_equal(sampling.sampled(picture, flow), whole)
    np.testing.assert_array_equal(sampling.sampled(picture, flow[11:31, 5:50], (11, 5)), whole[11:31, 5:50])


def test_fine_detail_survives_half_a_pixel():
    """Of a wave of five pixels: by lines between pixels a fifth of it would be gone."""
    x = positions((8, 200))[..., 0]
    wave = (100 * np.sin(2 * np.pi * x / 5)).astype(np.float32)
    found = sampling.sampled(wave, flow_of((8, 200), 0.5, 0))[:, 8:-8]
    np.testing.assert_allclose(found, 100 * np.sin(2 * np.pi * (x[:, 8:-8] + 0.5) / 5), atol=2.5)


def test_a_photograph_that_is_too_long_is_refused():
    with pytest.raises(ValueError, match="40000 x 2 pixels; allowed: 32767"):
        sampling.sampled(np.zeros((2, 40000), np.uint8), flow_of((2, 4), 0, 0))


def test_masks_are_moved_without_blending():
    mask = face_mask()
    moved = sampling.moved_mask(mask, flow_of(mask.shape, 2.4, -3.6))
    np.testing.assert_array_equal(moved[4:, :-2], mask[:-4, 2:])
    assert set(np.unique(moved)) <= set(np.unique(mask))


def test_agreement_rises_where_masks_are_alike():
    moved, target = np.zeros((2, 20, 20), np.uint8)
    target[:, 10:] = 3
    found = sampling.agreement(moved, target)
    assert found[:, :7].min() == 1 and found[:, 13:].max() == 0
    # The Gaussian's share of pixels up to the border, half a pixel away: 0.7 of it on this side, 0.3 on the other.
    assert found[5, 9] > 0.9 and found[5, 10] < 0.1 and np.all(np.diff(found[5]) <= 0)
    assert sampling.agreement(moved, target, 0.1, 0.4)[5, 10] == pytest.approx(
        (found[5, 10] * 0.4 + 0.2) / 0.3, abs=0.05
    )
    np.testing.assert_array_equal(sampling.agreement(target, target), np.ones((20, 20)))
