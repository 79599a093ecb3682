"""Formats of photographs: the one table, HEIC and AVIF, what a file holds against what it is called."""

from __future__ import annotations

import io
import struct
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, ImageCms

from mgpe_tf.data import formats, images
from mgpe_tf.errors import UserError
from mgpe_tf.provenance.kept import kept_from

SIDE = 64
RAMP = np.stack(np.broadcast_arrays(np.arange(SIDE)[:, None] * 3, np.arange(SIDE)[None] * 2, 70), -1).astype(np.uint8)
"""Colours that tell every turn of it apart."""

PHONES = {"HEIF": "pillow_heif", "AVIF": "PIL"}
"""What phones write, and what reads it."""


def encoded(format: str, picture: np.ndarray = RAMP, **options) -> bytes:
    """A file; of a HEIF or AVIF all colours are at full resolution."""
    if format in PHONES:
        pytest.importorskip(PHONES[format])
        if format == "HEIF":
            formats.register_heif("a")
        options = {"quality": 95, **({"chroma": 444} if format == "HEIF" else {"subsampling": "4:4:4"}), **options}
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, format, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("format", formats.FORMATS)
def test_all_formats_of_the_table_are_read(tmp_path, format):
    for ending in formats.ENDINGS[format]:
        path = tmp_path / f"a{ending.upper()}"
        path.write_bytes(encoded(format))
        assert formats.is_picture_name(path.name)
        assert np.abs(images.read_image(path).astype(int) - RAMP).mean() < 4


def test_content_decides_and_not_the_name(tmp_path):
    path = tmp_path / "a.heic"
    path.write_bytes(encoded("PNG"))
    np.testing.assert_array_equal(images.read_image(path), RAMP)
    path = tmp_path / "a.png"
    for format in PHONES:
        path.write_bytes(encoded(format))
        assert np.abs(images.read_image(path).astype(int) - RAMP).mean() < 4
    (tmp_path / "a.jpg").write_text("hello")
    with pytest.raises(UserError, match="a.jpg: not an image.* allowed: JPEG, PNG, WEBP, HEIF, AVIF"):
        images.read_image(tmp_path / "a.jpg")


@pytest.mark.parametrize("orientation", [3, 6, 8])
@pytest.mark.parametrize("format", PHONES)
def test_phones_are_turned(format, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    turns = {3: 2, 6: -1, 8: 1}[orientation]
    found = images.decode_image(encoded(format, exif=exif.tobytes()), "a")
    assert np.abs(found.astype(int) - np.rot90(RAMP, turns)).mean() < 4


@pytest.mark.parametrize("format", PHONES)
def test_a_phones_profile_and_notices_are_kept(format):
    profile, exif = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), Image.Exif()
    exif[0x013B] = "Ann"
    kept = kept_from(encoded(format, icc_profile=profile, exif=exif), "a")
    assert kept.profile == profile and kept.creator == "Ann"


def test_ten_bits_become_eight():
    pillow_heif = pytest.importorskip("pillow_heif")
    deep = (np.arange(SIDE * SIDE * 3).reshape(SIDE, SIDE, 3) // 12 * 64).astype(np.uint16)
    file = io.BytesIO()
    pillow_heif.from_bytes("RGB;16", (SIDE, SIDE), deep.tobytes()).save(file, quality=-1, chroma=444)
    found = images.decode_image(file.getvalue(), "a")
    assert found.dtype == np.uint8 and np.abs(found - (deep >> 8).astype(int)).max() <= 3


@pytest.mark.parametrize("keep", [20, 200, -10])
@pytest.mark.parametrize("format", PHONES)
def test_cut_off_files(tmp_path, format, keep):
    path = tmp_path / "cut.heic"
    path.write_bytes(encoded(format)[:keep])
    with pytest.raises(UserError, match="cut.heic: ") as error:
        images.read_image(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("format", PHONES)
def test_sizes_are_refused_before_decoding(format):
    data = encoded(format)
    box = b"ispe" + struct.pack(">III", 0, SIDE, SIDE)
    assert data.count(box) == 1
    for width, height in ((8200, 8200), (60000, 60000)):
        with pytest.raises(UserError, match="^a: "):
            images.decode_image(data.replace(box, b"ispe" + struct.pack(">III", 0, width, height)), "a")
    with pytest.raises(UserError, match="a: 64 x 64 pixels, 0.01 megapixels; allowed: 0.01 megapixels; scale it down"):
        images.decode_image(data, "a", SIDE)


def test_heif_is_loaded_only_for_such_a_file_and_its_package_may_be_missing(tmp_path):
    (tmp_path / "a.png").write_bytes(encoded("PNG"))
    (tmp_path / "a.heic").write_bytes(encoded("HEIF"))
    script = (
        "import sys\n"
        "from mgpe_tf.data import images\n"
        "images.read_image('a.png')\n"
        "assert 'pillow_heif' not in sys.modules\n"
        "sys.modules['pillow_heif'] = None\n"
        "images.read_image('a.heic')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert "a.heic: a HEIF (.heic) picture; reading it needs pillow-heif: pip install 'mgpe_tf[heif]'" in done.stderr


def test_what_a_summary_says_of_other_files():
    assert formats.left_alone([]) == ""
    assert formats.left_alone(["a.txt"]) == "1 file is left alone, no pictures by their endings: a.txt"
    assert formats.left_alone([*"abcdefg"]).endswith("a, b, c, d, e and 2 more")
    assert not any(map(formats.is_picture_name, ("a", "a.txt", ".a.png", "Thumbs.db")))
