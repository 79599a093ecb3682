"""Reading and writing of image and label files."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from mgpe_tf import labels
from mgpe_tf.data import images
from mgpe_tf.errors import UserError

COLUMNS, ROWS = np.meshgrid(np.arange(0, 240, 10), np.arange(0, 160, 10))
GRADIENT = np.stack([COLUMNS, ROWS, np.full((16, 24), 70)], axis=-1).astype(np.uint8)
IDS = (np.arange(16 * 24).reshape(16, 24) % 11).astype(np.uint8)


def save(path, picture: Image.Image, **options):
    picture.save(path, **options)
    return path


def test_png_is_read_exactly(tmp_path):
    path = save(tmp_path / "a.png", Image.fromarray(GRADIENT))
    np.testing.assert_array_equal(images.read_image(path), GRADIENT)
    np.testing.assert_array_equal(images.decode_image(path.read_bytes(), "a"), GRADIENT)


def test_exif_orientation_is_applied(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: show the picture turned by 90 degrees clockwise
    path = save(tmp_path / "a.png", Image.fromarray(GRADIENT), exif=exif)
    np.testing.assert_array_equal(images.read_image(path), np.rot90(GRADIENT, -1))


def test_gray_palette_and_sixteen_bits(tmp_path):
    gray = GRADIENT[..., 0]
    gray_rgb = np.repeat(gray[..., None], 3, -1)
    np.testing.assert_array_equal(images.read_image(save(tmp_path / "l.png", Image.fromarray(gray))), gray_rgb)
    deep = Image.fromarray(gray.astype(np.uint16) * 257)
    np.testing.assert_array_equal(images.read_image(save(tmp_path / "deep.png", deep)), gray_rgb)
    palette = Image.fromarray(IDS)
    palette.putpalette(labels.PALETTE.tobytes())
    np.testing.assert_array_equal(images.read_image(save(tmp_path / "p.png", palette)), labels.colourise(IDS))


def test_transparency_lies_over_white(tmp_path):
    alpha = np.zeros((16, 24, 1), np.uint8)
    alpha[:, :12] = 255
    picture = Image.fromarray(np.concatenate([GRADIENT, alpha], -1))
    image = images.read_image(save(tmp_path / "a.png", picture))
    np.testing.assert_array_equal(image[:, :12], GRADIENT[:, :12])
    assert (image[:, 12:] == 255).all()


def test_cmyk_keeps_its_colours(tmp_path):
    path = save(tmp_path / "a.jpg", Image.new("RGB", (16, 16), (200, 40, 90)).convert("CMYK"), quality=95)
    assert np.abs(images.read_image(path).astype(int) - (200, 40, 90)).max() < 12


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@pytest.mark.parametrize("side", [7500, 12000, 60000])
def test_size_is_refused_before_decoding(tmp_path, side):
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    path = tmp_path / "bomb.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"not even compressed"))
    with pytest.raises(
        UserError, match="bomb.png: [0-9x ]+ pixels, [0-9.]+ megapixels; allowed: 50 megapixels; scale it down"
    ):
        images.read_image(path)


@pytest.mark.parametrize("keep", [0, 10, 100, -40])
@pytest.mark.parametrize("kind", ["png", "jpg", "webp"])
def test_truncated_files(tmp_path, kind, keep):
    path = save(tmp_path / f"cut.{kind}", Image.fromarray(np.tile(GRADIENT, (4, 4, 1))))
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(UserError, match=f"cut.{kind}"):
        images.read_image(path)


def test_not_an_image_and_not_there(tmp_path):
    (tmp_path / "a.png").write_text("hello")
    with pytest.raises(UserError, match="a.png: not an image, or broken; allowed: JPEG"):
        images.read_image(tmp_path / "a.png")
    with pytest.raises(UserError, match="b.png: there is no such file"):
        images.read_label(tmp_path / "b.png")
    with pytest.raises(UserError, match=str(tmp_path.name)):
        images.read_image(tmp_path)


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_palette_label_gives_indices(tmp_path, bits):
    ids = IDS % min(2**bits, 11)
    picture = Image.fromarray(ids)
    picture.putpalette([255, 0, 0, 0, 255, 0] + [7] * 42)
    path = save(tmp_path / "a.png", picture, bits=bits)
    np.testing.assert_array_equal(images.read_label(path), ids)


@pytest.mark.parametrize("bits", [1, 2, 4, 16])
def test_gray_label_of_any_depth_gives_numbers(tmp_path, bits):
    """Files written byte by byte: Pillow itself stretches low bit depths on reading."""
    ids = IDS % min(2**bits, 11)
    big_endian = ids.astype(">u2")[..., None].view(np.uint8)
    rows = [np.packbits(np.unpackbits(row, axis=1)[:, -bits:]).tobytes() for row in big_endian]
    header = struct.pack(">IIBBBBB", ids.shape[1], ids.shape[0], bits, 0, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row for row in rows))
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    label = images.decode_label(data, "x")
    assert label.dtype == np.uint8
    np.testing.assert_array_equal(label, ids)


@pytest.mark.parametrize(
    ("name", "picture", "words"),
    [
        ("a.png", Image.fromarray(GRADIENT), "colours .mode RGB.*8-bit gray or palette PNG"),
        ("a.jpg", Image.fromarray(IDS), "JPEG alters"),
        ("a.png", Image.fromarray(IDS.astype(np.uint16) * 100), "0 to 1000; allowed: 0 to 255"),
    ],
)
def test_unfit_labels(tmp_path, name, picture, words):
    with pytest.raises(UserError, match=f"{name}.*{words}"):
        images.read_label(save(tmp_path / name, picture))


def test_label_and_preview_round_trip(tmp_path):
    images.write_label(tmp_path / "label.png", IDS)
    images.write_preview(tmp_path / "preview.png", IDS)
    with Image.open(tmp_path / "label.png") as picture:
        assert picture.mode == "L"
    np.testing.assert_array_equal(images.read_label(tmp_path / "label.png"), IDS)
    np.testing.assert_array_equal(images.read_label(tmp_path / "preview.png"), IDS)
    np.testing.assert_array_equal(images.read_image(tmp_path / "preview.png"), labels.colourise(IDS))
    with pytest.raises(UserError, match="bad.png.*99"):
        images.write_label(tmp_path / "bad.png", np.full((2, 2), 99))


def test_encoding_round_trips():
    np.testing.assert_array_equal(images.decode_image(images.encode_png(GRADIENT), "x"), GRADIENT)
    np.testing.assert_array_equal(images.decode_label(images.encode_png(IDS), "x"), IDS)
    decoded = images.decode_image(images.encode_jpeg(GRADIENT), "x")
    assert np.abs(decoded.astype(int) - GRADIENT).mean() < 2


def test_an_animation_of_few_colours_is_exact():
    frames = np.stack([np.full((8, 12, 3), value, np.uint8) for value in (0, 90, 200, 90)])
    frames[:, 2, 3] = 255, 0, 7
    data = images.encode_gif(frames)
    np.testing.assert_array_equal(images.decode_frames(data, "x"), frames)
    with Image.open(io.BytesIO(data)) as picture:
        assert (picture.n_frames, picture.info["duration"], picture.info["loop"]) == (4, images.LOOP / 4, 0)
    np.testing.assert_array_equal(images.decode_image(data, "x"), frames[0])


def test_untrusted_animations(monkeypatch):
    data = images.encode_gif(np.arange(5 * 8 * 12 * 3, dtype=np.uint8).reshape(5, 8, 12, 3))
    with pytest.raises(UserError, match="x.gif: broken or truncated image"):
        images.decode_frames(data[: len(data) // 2], "x.gif")
    monkeypatch.setattr(images, "MAX_PIXELS", 400)
    with pytest.raises(UserError, match="x.gif: 5 frames of 12 x 8 pixels, 0.01 megapixels; allowed: 0.01 megapixels"):
        images.decode_frames(data, "x.gif")


def test_pillow_below_13_is_told():
    assert "Pillow 12.3.0 has flaws" in images.unsafe_decoder("12.3.0")
    assert images.unsafe_decoder("13.0.0") is images.unsafe_decoder("13.1.0.dev0") is None
