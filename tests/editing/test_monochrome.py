"""Black-and-white and toned photographs stay so."""

from __future__ import annotations

import cv2
import editors
import numpy as np
import pytest
from small import SIZE
from test_session import MASK, X_S, X_T, Finder, coloured

from mgpe_tf.data.alignment import whole
from mgpe_tf.data.synthetic import draw_portrait
from mgpe_tf.editing import render
from mgpe_tf.editing.pixels.monochrome import GRAY, toned, tones_of
from mgpe_tf.editing.pixels.paste import BLENDS
from mgpe_tf.editing.portrait import Portrait
from mgpe_tf.editing.session import Session

PICTURE = draw_portrait(3, 256)[0]


def gray_of(picture: np.ndarray) -> np.ndarray:
    return np.repeat(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=-1)


def sepia_of(picture: np.ndarray) -> np.ndarray:
    lightness = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[..., None] / 255
    return np.round(255 * lightness ** (0.8, 1.0, 1.4)).astype(np.uint8)


def test_a_gray_photograph_has_gray_tones():
    np.testing.assert_array_equal(tones_of(gray_of(PICTURE)), np.repeat(np.arange(256)[:, None], 3, axis=1))
    noisy = gray_of(np.clip(PICTURE, 2, 252)) + np.random.default_rng(0).integers(0, GRAY + 1, PICTURE.shape)
    assert np.ptp(tones_of(noisy.astype(np.uint8)).astype(int), axis=-1).max() <= GRAY


def test_a_toned_photograph_has_its_tones_in_spite_of_grain_and_stains():
    sepia = sepia_of(PICTURE)
    np.testing.assert_allclose(toned(PICTURE, tones_of(sepia)), sepia, atol=10)
    grainy = np.clip(sepia + np.random.default_rng(0).normal(0, 3, sepia.shape), 0, 255).astype(np.uint8)
    grainy[:12, :12] = 255, 0, 0
    np.testing.assert_allclose(toned(PICTURE, tones_of(grainy)), sepia, atol=12)


@pytest.mark.parametrize("brightness", [1, 0.5, 0.12])
def test_colours_are_no_tones(brightness):
    for seed in range(6):
        assert tones_of(np.round(draw_portrait(seed, 128)[0] * brightness).astype(np.uint8)) is None


@pytest.fixture(scope="module")
def editor():
    return editors.by_colours(Finder())


def opened(editor, photo: np.ndarray) -> Session:
    """A session of a photograph whose mask is that of the colours it once had."""
    alignment = whole(photo.shape[:2], SIZE)
    return Session(editor, Portrait(editor.networks, photo, alignment, photo, MASK, editor.networks.embed(photo, MASK)))


@pytest.mark.parametrize("blend", BLENDS)
def test_an_edited_gray_photograph_is_gray(editor, blend):
    """Whoever the appearance is taken from; the portraits of a strip, too."""
    gray = gray_of(X_T)
    session = opened(editor, gray)
    session.take("all", editor.read(X_S, aligned=True))
    for picture in (session.render(blend), session.render_portrait()):
        assert np.ptp(picture, axis=-1).max() == 0 and (picture != gray).any()


def test_an_edited_sepia_photograph_keeps_its_tone(editor):
    sepia = sepia_of(X_T)
    session = opened(editor, sepia)
    session.take("all", editor.read(X_S, aligned=True))
    away = np.abs(session.render() - toned(session.render(), tones_of(sepia)).astype(int)).max(axis=-1)
    assert np.percentile(away, 99) <= 6 and (session.render() != sepia).any()


def test_an_edited_photograph_in_colours_is_as_it_would_be_without_tones(editor):
    session = opened(editor, coloured(MASK, 2))
    session.take("all", editor.read(X_S, aligned=True))
    drawn = render._with_details(session.state, render.Renderer()._drawn(session.state), 1)
    np.testing.assert_array_equal(session.render_portrait(), drawn)
