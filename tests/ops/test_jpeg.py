"""What JPEG takes from a picture, compared with what Pillow writes and reads."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from mgpe_tf.data.synthetic import draw_portrait
from mgpe_tf.ops import jpeg

PORTRAIT = draw_portrait(2, 128)[0]


def by_pillow(image: np.ndarray, quality: int) -> np.ndarray:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=quality, subsampling=2)
    return np.array(Image.open(file))


def by_us(image: np.ndarray, quality: int) -> np.ndarray:
    return np.clip(np.round(np.asarray(jpeg(image.astype(np.float32), np.float32(quality)))), 0, 255)


def distance(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.sqrt(np.square(a.astype(float) - b).mean()))


@pytest.mark.parametrize("quality", [10, 30, 50, 85])
def test_it_is_what_a_file_has(quality):
    found, wanted = by_us(PORTRAIT, quality), by_pillow(PORTRAIT, quality)
    lost = distance(wanted, PORTRAIT)
    assert distance(found, PORTRAIT) == pytest.approx(lost, rel=0.15)
    assert distance(found, wanted) < 0.6 * lost  # colours are enlarged by other weights


@pytest.mark.parametrize("quality", [15, 75])
def test_a_gray_picture_is_that_of_a_file(quality):
    gray = np.asarray(Image.fromarray(PORTRAIT).convert("L"))[..., None].repeat(3, axis=-1)
    difference = np.abs(by_us(gray, quality) - by_pillow(gray, quality))
    assert difference.mean() < 0.2 and np.mean(difference > 1) < 0.05


def test_any_size():
    part = PORTRAIT[:50, :75]
    assert by_us(part, 60).shape == part.shape
    assert distance(by_us(part, 60), by_pillow(part, 60)) < 0.7 * distance(by_pillow(part, 60), part)


def test_a_plain_picture_keeps_its_colour():
    plain = np.full((16, 16, 3), (200, 100, 50), np.uint8)
    assert np.abs(by_us(plain, 100) - plain).max() <= 1
