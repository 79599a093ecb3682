"""Very dark photographs are edited as well as bright ones."""

from __future__ import annotations

import cv2
import editors
import numpy as np
import pytest
from astronaut import LANDMARKS

from mgpe_tf.data.alignment import align
from mgpe_tf.data.synthetic import draw_portrait
from mgpe_tf.editing.pixels.exposure import LIT, exposed, gain_of
from mgpe_tf.editing.session import Session

DIM = 0.12


def darkened(image: np.ndarray) -> np.ndarray:
    return np.round(image * DIM).astype(np.uint8)


def test_only_very_dark_portraits_are_brightened():
    image = draw_portrait(1, 64)[0]
    assert gain_of(image) == gain_of(image // 2) == 1 and exposed(image, 1.0) is image
    dark = darkened(image)
    assert abs(np.percentile(cv2.cvtColor(exposed(dark, gain_of(dark)), cv2.COLOR_RGB2GRAY), 98) - LIT) <= 4
    assert np.isfinite(gain_of(np.zeros_like(image)))


def chroma_noise(image: np.ndarray, where: np.ndarray) -> float:
    """How much colour changes from pixel to pixel where bool [H, W] holds, in levels."""
    chroma = image.astype(np.float32) - image.mean(axis=-1, keepdims=True, dtype=np.float32)
    return float(np.sqrt(np.square(chroma - cv2.GaussianBlur(chroma, (0, 0), 2))[where].mean()))


@pytest.mark.parametrize("edit", ["smile", "hair", "swap"])
def test_an_edit_of_a_dark_photograph_has_no_speckles(edit):
    photo = pytest.importorskip("skimage.data").astronaut()
    dark, alignment, editor = darkened(photo), align(LANDMARKS, photo.shape[:2]), editors.shipped()
    session = Session(editor, editor.read(dark, alignment=alignment))
    other = editor.read(photo[..., ::-1].copy(), alignment=alignment)
    if edit == "smile":
        session.shape({"smile": 0.8})
    else:
        session.take("hair" if edit == "hair" else "all", other)
        session.keep(tone=1)
    result = session.render()
    edited = (result != dark).any(axis=-1)
    assert edited.any() and np.percentile(result[edited], 99) <= 1.5 * np.percentile(dark, 99)
    assert chroma_noise(result, edited) < 2 * chroma_noise(dark, edited) + 0.2
