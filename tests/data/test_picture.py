"""Pictures as their files hold them: gray, alpha, profiles."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageCms
from profiles import gray_profile, ink_profile, lab_of_inks, matrix_profile, srgb_of_lab

from mgpe_tf.data import profiles
from mgpe_tf.data.images import decode_image, decode_picture
from mgpe_tf.data.picture import Picture
from mgpe_tf.data.synthetic import draw_portrait

IMAGE = draw_portrait(1, 64)[0]
ALPHA = np.linspace(0, 255, 64 * 64).astype(np.uint8).reshape(64, 64, 1)
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def encoded(pixels: np.ndarray, format: str = "PNG", mode: str | None = None, **options) -> bytes:
    """A file."""
    buffer = io.BytesIO()
    picture = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
    (picture.convert(mode) if mode else picture).save(buffer, format, **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("pixels", "profile"),
    [
        (IMAGE[..., :1], None),
        (np.dstack([IMAGE[..., :1], ALPHA]), None),
        (IMAGE, None),
        (np.dstack([IMAGE, ALPHA]), None),
        (IMAGE, matrix_profile("p3")),
        (np.dstack([IMAGE, ALPHA]), matrix_profile("prophoto")),
        (IMAGE[..., :1], gray_profile(1.8)),
        (np.dstack([IMAGE[..., :1], ALPHA]), gray_profile(1.8)),
    ],
)
def test_a_picture_is_as_stored_and_an_edit_of_some_pixels_leaves_the_rest(pixels, profile):
    picture = decode_picture(encoded(pixels, icc_profile=profile), "a")
    np.testing.assert_array_equal(picture.pixels, pixels)
    assert picture.profile == profile and picture.image.shape == (64, 64, 3)
    edited = picture.over_white.copy()
    edited[20:30, 20:30] = 128
    result = picture.with_colours(edited)
    outside = np.ones((64, 64), bool)
    outside[20:30, 20:30] = False
    np.testing.assert_array_equal(result[outside], pixels[outside])
    if pixels.shape[-1] in (2, 4):
        np.testing.assert_array_equal(result[..., -1], pixels[..., -1])
    shown = Picture(np.ascontiguousarray(result), profile).over_white[20:30, 20:30].astype(int)
    possible = (255 - ALPHA[20:30, 20:30].astype(int)) <= 126  # white shows through the others
    assert np.abs(shown - 128)[np.broadcast_to(possible, shown.shape)].max(initial=0) <= 2


def test_what_is_wholly_transparent_keeps_its_colours():
    clear = np.dstack([IMAGE, np.zeros((64, 64, 1), np.uint8)])
    picture = Picture(clear)
    assert (picture.image == 255).all()
    np.testing.assert_array_equal(picture.with_colours(np.zeros_like(IMAGE)), clear)


def test_palettes_bits_and_transparent_colours():
    seen = Image.fromarray(IMAGE).quantize(8)
    buffer = io.BytesIO()
    seen.save(buffer, "PNG", transparency=3)
    picture = decode_picture(buffer.getvalue(), "a")
    assert picture.pixels.shape[-1] == 4
    np.testing.assert_array_equal(picture.pixels[..., 3] == 0, np.array(seen) == 3)
    for mode in ("1", "L"):
        assert decode_picture(encoded(IMAGE, mode=mode), "a").pixels.shape[-1] == 1
    deep = encoded(IMAGE[..., 0].astype(np.uint16) * 257)
    np.testing.assert_array_equal(decode_picture(deep, "a").pixels, IMAGE[..., :1])


@pytest.mark.parametrize("space", ["p3", "adobe", "prophoto"])
def test_one_picture_in_several_spaces_is_one(space):
    profile = matrix_profile(space)
    image = 40 + IMAGE // 2  # inside of all of them
    stored = profiles.from_srgb(image, profile, "RGB")
    assert np.abs(stored.astype(int) - image).mean() > 1.8
    for format in ("PNG", "JPEG"):
        options = {"quality": 98, "subsampling": 0} if format == "JPEG" else {}
        found = decode_image(encoded(stored, format, icc_profile=profile, **options), "a")
        assert np.abs(found.astype(int) - image).mean() < 2


def test_srgb_profiles_change_nothing():
    for profile in (SRGB, matrix_profile("srgb")):
        np.testing.assert_array_equal(decode_image(encoded(IMAGE, icc_profile=SRGB), "a"), IMAGE)
        assert decode_picture(encoded(IMAGE, icc_profile=profile), "a").profile == profile


def of_inks(*shares: float, **options) -> np.ndarray:
    """What is read of a CMYK JPEG of one colour: its sRGB levels [3]."""
    buffer = io.BytesIO()
    Image.new("CMYK", (16, 16), tuple(round(255 * share) for share in shares)).save(buffer, "JPEG", **options)
    picture = decode_picture(buffer.getvalue(), "a.jpg")
    assert picture.pixels.shape == (16, 16, 3) and picture.profile is None
    return picture.image[8, 8]


@pytest.mark.parametrize(
    "inks", [(0, 0, 0, 0), (0, 0, 0, 0.5), (1, 0, 0, 0), (0, 1, 0, 0.2), (0, 0, 1, 0), (0.3, 0.5, 0.6, 0)]
)
def test_inks_are_brought_to_srgb_by_their_profile_which_is_not_kept(inks):
    wanted = srgb_of_lab(lab_of_inks(np.array(inks)))
    np.testing.assert_allclose(of_inks(*inks, quality=100, icc_profile=ink_profile()), wanted, atol=3)
    assert np.abs(of_inks(0, 0, 0, 0.5, quality=100) - srgb_of_lab(np.array([50.0, 0, 0]))).min() > 6


@pytest.mark.parametrize("profile", [None, b"garbage" * 90, ink_profile()[:300], matrix_profile("p3"), SRGB])
def test_inks_without_a_profile_of_inks_are_taken_as_they_are(profile, caplog):
    with caplog.at_level("WARNING", logger="absl"):
        found = of_inks(0.2, 0.4, 0.6, 0.1, quality=100, icc_profile=profile)
    np.testing.assert_allclose(found, 255 * 0.9 * np.array([0.8, 0.6, 0.4]), atol=2)
    told = [line.startswith("a.jpg: its colour profile cannot be used (") for line in caplog.messages]
    assert told == ([True] if profile else [])


@pytest.mark.parametrize(
    "profile",
    [b"no profile at all" * 20, SRGB[:200], SRGB[:128] + bytes(100), gray_profile(2.2), bytes(2**20 + 1)],
)
def test_a_damaged_profile_is_told_in_one_line_and_left_out(profile, caplog):
    with caplog.at_level("WARNING", logger="absl"):
        picture = decode_picture(encoded(IMAGE, "JPEG", icc_profile=profile, quality=95), "a.jpg")
    assert picture.profile is None
    [line] = caplog.messages
    assert line.startswith("a.jpg: its colour profile cannot be used (") and "\n" not in line
    plain = decode_image(encoded(IMAGE, "JPEG", quality=95), "a")
    np.testing.assert_array_equal(picture.image, plain)
