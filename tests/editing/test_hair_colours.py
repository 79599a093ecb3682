"""Hair in another's colours, and faces in another's tone."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mgpe_tf.editing.pixels.colours import in_light, in_tone
from mgpe_tf.editing.pixels.hair_colours import hair_colours, in_colours

EVERYWHERE = np.ones((64, 64), bool)


def strands(dark: tuple[int, ...], light: tuple[int, ...], seed: int = 0) -> np.ndarray:
    """Hair between two colours, uint8 [64, 64, 3]."""
    share = np.random.default_rng(seed).beta(2, 2, (64, 64, 1))
    return np.round(np.array(dark) + share * (np.array(light) - dark)).astype(np.uint8)


BLACK, BLOND = strands((20, 15, 15), (70, 60, 60)), strands((120, 90, 50), (230, 200, 150), 1)


def test_hair_keeps_its_own_colours():
    own = hair_colours(BLOND, EVERYWHERE)
    assert np.abs(in_colours(BLOND, own, own).astype(int) - BLOND).max() <= 6


def test_black_hair_becomes_blond_and_its_strands_stay():
    black, blond = hair_colours(BLACK, EVERYWHERE), hair_colours(BLOND, EVERYWHERE)
    result = in_colours(BLACK, black, blond)
    np.testing.assert_allclose(result.mean((0, 1)), BLOND.mean((0, 1)), atol=12)
    order = np.corrcoef(result.mean(-1).ravel(), BLACK.mean(-1).ravel())[0, 1]
    assert order > 0.95 and result.max() < 255


def test_contrast_is_not_raised_to_noise():
    flat = strands((20, 15, 15), (23, 18, 18))
    result = in_colours(flat, hair_colours(flat, EVERYWHERE), hair_colours(BLOND, EVERYWHERE))
    assert result.mean(-1).std() < BLOND.mean(-1).std() / 4


def test_hair_of_a_few_pixels_has_no_colours():
    few = np.zeros((64, 64), bool)
    few[:4, :4] = True
    assert hair_colours(BLOND, few) is None


def skin(colour: tuple[int, ...], spread: float) -> np.ndarray:
    """Skin that is lit from one side."""
    light = np.linspace(-spread, spread, 64)[None, :, None]
    return np.clip(np.array(colour) + light + np.zeros((64, 64, 1)), 0, 255).astype(np.uint8)


def test_a_face_gets_the_tone_and_the_softness_of_the_light():
    hard, soft = skin((150, 110, 90), 45), skin((210, 170, 150), 15)
    result = in_tone(hard, EVERYWHERE, soft, EVERYWHERE)
    np.testing.assert_allclose(result.mean((0, 1)), soft.mean((0, 1)), atol=8)
    assert result[..., 0].std() < 0.9 * hard[..., 0].std() and result.max() < 255
    np.testing.assert_array_equal(in_tone(hard, ~EVERYWHERE, soft, EVERYWHERE), hard)


def test_pupils_stay_dark_and_pores_stay():
    rng = np.random.default_rng(0)
    face = np.clip(skin((150, 110, 90), 40).astype(float) + rng.normal(0, 6, (64, 64, 1)), 0, 255).astype(np.uint8)
    face[28:36, 28:36] = 8
    shown = EVERYWHERE.copy()
    shown[26:38, 26:38] = False
    result = in_tone(face, shown, skin((210, 170, 150), 10), EVERYWHERE)
    assert result[30:34, 30:34].max() < 40
    grain = [(each - cv2.GaussianBlur(each, (0, 0), 2))[:, 44:60, 0].std() for each in map(np.float32, (face, result))]
    assert 0.7 < grain[1] / grain[0] < 1.3


@pytest.mark.parametrize(("own", "cast"), [((200, 190, 180), 0), ((200, 120, 60), 50)], ids=["pale", "orange light"])
def test_a_gray_beard_gets_no_colour_that_skin_loses(own, cast):
    """In coloured light it takes part."""
    face, shown = skin((190, 120, 90), 10), EVERYWHERE.copy()
    face[40:], shown[40:] = 200, False
    wanted = shown, skin(own, 10), EVERYWHERE
    lit = in_light(in_tone(face, *wanted), *wanted).astype(int)
    np.testing.assert_allclose(lit[:36].mean((0, 1)), own, atol=8)
    beard = lit[48:, 8:56]
    np.testing.assert_allclose(beard[..., 0] - beard[..., 2], cast, atol=6)
