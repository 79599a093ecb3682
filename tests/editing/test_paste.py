"""Pasting back: what must stay stays bit for bit, and what changes fades and matches."""

from __future__ import annotations

import numpy as np
import pytest

from mgpe_tf import labels
from mgpe_tf.data.alignment import Alignment
from mgpe_tf.editing.pixels import paste as p
from mgpe_tf.errors import UserError

RNG = np.random.default_rng(0)
PORTRAIT = RNG.integers(0, 256, (64, 64, 3)).astype(np.uint8)
PHOTO = RNG.integers(0, 256, (150, 120, 3)).astype(np.uint8)
BOX = np.zeros((64, 64), bool)
BOX[20:44, 24:40] = True


def placed(scale=1.0, left=30, top=40, shape=(150, 120)):
    """The alignment of an upright crop whose first pixel is the photo's (left, top)."""
    return Alignment(np.array([(scale, 0, -left * scale), (0, scale, -top * scale)]), 64, shape)


def test_the_region_is_where_masks_differ_and_where_classes_are():
    before = np.array([[0, 1, 2, 10]], np.uint8)
    after = np.array([[0, 1, 3, 0]], np.uint8)
    np.testing.assert_array_equal(p.changed_region(before, after), [[False, False, True, True]])
    np.testing.assert_array_equal(p.changed_region(before, after, {1}), [[False, True, True, True]])
    np.testing.assert_array_equal(p.changed_region(before, before, {labels.HAIR}), [[False, False, False, True]])


def test_weights_fall_smoothly_from_one_to_zero():
    region = np.zeros((256, 256), bool)
    region[:, :100] = True
    weights = p.soft_region(region)[7]
    last = 99
    assert (weights[: last + int(p.GROWTH) + 1] == 1).all() and weights[last + int(p.GROWTH + p.FEATHER)] == 0
    assert weights[last + int(p.GROWTH + p.FEATHER / 2)] == pytest.approx(0.5)
    assert (np.diff(weights) <= 0).all() and np.abs(np.diff(weights)).max() < 0.25
    assert not p.soft_region(np.zeros((8, 8), bool)).any()


def test_a_pasted_portrait():
    weights = p.soft_region(BOX)
    result = p.paste(PHOTO, PORTRAIT, weights, placed())
    spread = np.zeros(PHOTO.shape[:2])
    spread[40:104, 30:94] = weights
    np.testing.assert_array_equal(result[spread == 0], PHOTO[spread == 0])
    np.testing.assert_array_equal(result[60:84, 54:70], PORTRAIT[20:44, 24:40])  # weight 1
    between = (spread > 0) & (spread < 1)
    expected = PHOTO + spread[..., None] * (np.pad(PORTRAIT, ((40, 46), (30, 26), (0, 0))).astype(float) - PHOTO)
    np.testing.assert_allclose(result[between], expected[between], atol=0.51)


@pytest.mark.parametrize("blend", p.BLENDS)
@pytest.mark.parametrize("alignment", [placed(0.5), placed(1.7, 50, 60), placed(1, -20, -30), placed(1, 90, 110)])
def test_nothing_changes_where_the_weights_end(blend, alignment):
    """Enlarged, shrunk, and over the photo's corners."""
    weights = p.soft_region(np.ones((64, 64), bool) if blend == "feather" else BOX)
    result = p.paste(PHOTO, PORTRAIT, weights, alignment, blend)
    outside = np.ones(PHOTO.shape[:2], bool)
    outside[alignment.region] = alignment.back_mask(weights) == 0  # towards the crop's edges there is more of it
    np.testing.assert_array_equal(result[outside], PHOTO[outside])
    assert (result[~outside] != PHOTO[~outside]).mean() > 0.5


def test_the_crop_ends_softly_where_the_photo_goes_on():
    photo, portrait = np.zeros((150, 64, 3), np.uint8), np.full((64, 64, 3), 200, np.uint8)
    everywhere = np.ones((64, 64), np.float32)
    result = p.paste(photo, portrait, everywhere, placed(1, 0, 40, (150, 64)))[..., 0]
    assert (result[:40] == 0).all() and (result[104:] == 0).all()
    assert (result[43:101] == 200).all()  # 8 pixels at 256 are 2 at 64; left and right the photo ends with the crop
    steps = result[39:44, 32].astype(int)
    assert (np.diff(steps) >= 0).all() and (steps > 0).sum() > (steps == 200).sum() > 0


def test_poisson_takes_gradients_and_leaves_colours():
    """A portrait that is the photo but for an even cast gives the photo again."""
    photo = np.full((64, 64, 3), 90, np.uint8)
    photo[30:34] += 40
    cast = photo + np.uint8(30)
    result = p.paste(photo, cast, p.soft_region(BOX), placed(1, 0, 0, (64, 64)), "poisson")
    assert np.abs(result.astype(int) - photo).max() <= 3
    assert np.abs(p.paste(photo, cast, p.soft_region(BOX), placed(1, 0, 0, (64, 64))).astype(int) - photo).max() == 30


def test_no_weights_give_a_copy():
    result = p.paste(PHOTO, PORTRAIT, np.zeros((64, 64), np.float32), placed())
    np.testing.assert_array_equal(result, PHOTO)
    assert result is not PHOTO


def test_an_unknown_blend():
    with pytest.raises(UserError, match="blend: 'mix' is unknown; allowed: feather, poisson"):
        p.paste(PHOTO, PORTRAIT, p.soft_region(BOX), placed(), "mix")
