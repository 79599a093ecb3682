"""Masks between page and server, and masks of other programs."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image
from small import face_mask

from mgpe_tf import labels
from mgpe_tf.data.images import encode_jpeg, encode_png
from mgpe_tf.errors import UserError
from mgpe_tf.webapp.painting import MAX_PIXELS, decode_mask, from_runs, snap, to_runs

MASK = face_mask()


def test_runs_are_the_mask():
    assert to_runs(np.array([[4, 4], [4, 0]], np.uint8)) == [4, 3, 0, 1]
    for mask in (MASK, np.zeros((64, 64), np.uint8), np.arange(4096).reshape(64, 64).astype(np.uint8) % 11):
        np.testing.assert_array_equal(from_runs(to_runs(mask), 64), mask)
    assert len(to_runs(MASK)) < 0.2 * MASK.size


@pytest.mark.parametrize(
    "runs",
    [
        None,
        "4096",
        {"mask": []},
        [],
        [0],
        [0, 4095],
        [0, 4097],
        [11, 4096],
        [-1, 4096],
        [0, 5000, 1, -904],
        [0, 0, 1, 4096],
        [0.0, 4096],
        [True, 4096],
        [0, 2**62, 1, 2**62],
        [0, 1] * 5000,
    ],
)
def test_what_is_no_mask(runs):
    with pytest.raises(UserError, match="^mask: .*; allowed: "):
        from_runs(runs, 64)


def test_colours_snap_to_the_nearest_of_the_palette():
    picture = labels.colourise(MASK)
    np.testing.assert_array_equal(snap(picture), MASK)
    noise = np.random.default_rng(0).integers(-20, 21, picture.shape)
    np.testing.assert_array_equal(snap(np.clip(picture + noise, 0, 255).astype(np.uint8)), MASK)
    smooth = snap(cv2.resize(cv2.resize(picture, (640, 640), interpolation=cv2.INTER_CUBIC), (64, 64)))
    assert (smooth == MASK).mean() > 0.97


def test_mask_files_of_ids_and_of_colours():
    palette = Image.fromarray(MASK)
    palette.putpalette(labels.PALETTE.tobytes())
    file = io.BytesIO()
    palette.save(file, "PNG")
    large = np.kron(MASK, np.ones((3, 3), np.uint8))
    colours = labels.colourise(large)
    for data in (encode_png(MASK), file.getvalue(), encode_png(large), encode_png(colours), encode_jpeg(colours, 95)):
        assert (decode_mask(data, "mask", 64) == MASK).mean() > 0.99


def test_mask_files_that_are_none():
    wide = np.zeros((2, MAX_PIXELS // 2 + 1), np.uint8)
    for data, words in (
        (encode_png(MASK + 9), "m.png: label values 11 "),
        (encode_png(MASK[1:]), "m.png: 64 x 63 pixels"),
        (b"no picture", "m.png: not an image"),
        (encode_png(wide), f"allowed: {MAX_PIXELS} in all"),
    ):
        with pytest.raises(UserError, match=words):
            decode_mask(data, "m.png", 64)
