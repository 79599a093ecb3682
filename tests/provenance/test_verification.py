"""Verification of marked pictures: what agrees, what was changed, what is missing."""

from __future__ import annotations

import dataclasses
import io
import sys

import numpy as np
import pytest
from PIL import Image

from mgpe_tf.data import images
from mgpe_tf.errors import UserError
from mgpe_tf.provenance import containers, encoding, marks, signing
from mgpe_tf.provenance.encoding import encode
from mgpe_tf.provenance.marks import EDITED
from mgpe_tf.provenance.recipe import Input, Model, Recipe
from mgpe_tf.provenance.verification import CAVEAT, verify

ROWS, COLUMNS = np.mgrid[:40, :56]
IMAGE = np.stack([ROWS * 6, COLUMNS * 4, ROWS + COLUMNS], -1).astype(np.uint8)
TARGET, SOURCE = b"the target's file", b"the source's file"
RECIPE = Recipe(
    models=(Model("editor", "demo", "ab" * 32),),
    inputs=(Input.of("target", "face.jpg", TARGET, IMAGE), Input.of("source", "other.jpg", SOURCE, IMAGE)),
    operations=({"op": "take", "component": "hair"},),
    seed=3,
)
BOTH = pytest.mark.parametrize("format", ["PNG", "JPEG"])


def marked_file(folder, format: str = "PNG", recipe: Recipe | None = RECIPE):
    path = folder / f"edited.{format.lower()}"
    encoding.write(path, encode(IMAGE, EDITED, recipe, format))
    return path


@BOTH
def test_untouched(tmp_path, format):
    found = verify(marked_file(tmp_path, format))
    assert found.ok and found.pixels is True
    assert [same for _, same in found.inputs] == [None, None]
    text = found.text()
    for words in (
        "compositeWithTrainedAlgorithmicMedia\n  that is: a photograph edited",
        "recipe: inside the file",
        "operations (1): take",
        "editor demo abababababab",
        "pixels: exactly",
        "C2PA: no Content Credentials",
        "input target, face.jpg: not given",
        "the marks agree with all",
    ):
        assert words in text
    assert text.endswith(CAVEAT) and "easily removed, and easily forged" in CAVEAT


def test_one_changed_frame(tmp_path):
    """Of an animation all frames are checked, not the first alone."""
    path, frames = tmp_path / "a.gif", np.stack([IMAGE, IMAGE[::-1], IMAGE[:, ::-1]])
    encoding.write(path, encode(frames, EDITED, RECIPE, "GIF"))
    assert verify(path).ok
    [packet] = containers.gif_xmp(path.read_bytes(), "")
    frames[2, :10] = 0
    path.write_bytes(containers.insert(images.encode_gif(frames), [containers.gif_xmp_block(packet)]))
    found = verify(path)
    assert found.pixels is False and not found.ok and found.recipe is not None


@BOTH
def test_one_changed_pixel(tmp_path, format):
    """Pixels are changed and the file's own marks are put in front of them again, as a forger would."""
    path = marked_file(tmp_path, format)
    pixels = images.read_image(path)
    pixels[20, 30, 1] ^= 1
    plain = images.encode_png(pixels)
    if format == "PNG":
        chunks = containers.png_chunks(path.read_bytes(), "")
        parts = [containers.png_chunk(kind, bytes(content)) for kind, content in chunks if kind == b"iTXt"]
    else:
        plain = images.encode_jpeg(pixels)
        segments = containers.jpeg_segments(path.read_bytes(), "")
        parts = [containers.jpeg_segment(marker, bytes(content)) for marker, content in segments if marker == 0xE1]
    path.write_bytes(containers.insert(plain, parts))
    found = verify(path)
    assert found.marks.recipe == marks.read_marks(path).recipe is not None
    assert found.pixels is False and not found.ok
    assert "changed after it was marked" in found.text() and "DO NOT agree" in found.text()


@BOTH
def test_saved_again_by_another_program(tmp_path, format):
    path = marked_file(tmp_path, format)
    Image.fromarray(images.read_image(path)).save(path, format, quality=90)
    found = verify(path)
    assert not found.ok and found.pixels is None
    for words in ("digital source type: none", "recipe: none in the file", "nothing to compare", "result: no marks"):
        assert words in found.text()


def test_marks_carried_into_another_format(tmp_path):
    """A PNG's XMP copied into a JPEG by a converter: the type is still there, the recipe is not."""
    picture = Image.open(marked_file(tmp_path))
    path = tmp_path / "converted.jpg"
    packet = picture.info["xmp"]
    content = marks.XMP_HEADER + (packet if isinstance(packet, bytes) else packet.encode())
    buffer = io.BytesIO()
    Image.fromarray(np.array(picture)).save(buffer, "JPEG")  # without the metadata that some Pillows carry over
    path.write_bytes(containers.insert(buffer.getvalue(), [containers.jpeg_segment(0xE1, content)]))
    found = verify(path)
    assert found.marks.digital_source_type == EDITED and not found.ok
    assert "marks without a recipe" in found.text()


def test_losslessly_packed_again(tmp_path):
    """Other compression of the same pixels agrees: the hash is of pixels, not of the file."""
    path = marked_file(tmp_path)
    chunks = list(containers.png_chunks(path.read_bytes(), ""))
    buffer = io.BytesIO()
    Image.open(path).save(buffer, "PNG", compress_level=1)
    texts = [containers.png_chunk(kind, bytes(content)) for kind, content in chunks if kind == b"iTXt"]
    path.write_bytes(containers.insert(buffer.getvalue(), texts))
    assert verify(path).ok


def test_inputs_that_are_given(tmp_path):
    path = marked_file(tmp_path)
    renamed, wrong, other = tmp_path / "renamed.jpg", tmp_path / "other.jpg", tmp_path / "stranger.jpg"
    renamed.write_bytes(TARGET)
    wrong.write_bytes(b"not the source")
    other.write_bytes(b"?")
    found = verify(path, [renamed])
    assert [same for _, same in found.inputs] == [True, None] and found.ok
    found = verify(path, [renamed, wrong])
    assert [same for _, same in found.inputs] == [True, False] and not found.ok and not found.others
    assert "input source, other.jpg: given, but another file" in found.text()
    found = verify(path, [other])
    assert found.others == (str(other),) and not found.ok
    assert f"{other}: no input of the recipe" in found.text()
    with pytest.raises(UserError, match="none.jpg: cannot be read"):
        verify(path, [tmp_path / "none.jpg"])


def test_recipe_beside_the_picture(tmp_path):
    large = dataclasses.replace(RECIPE, operations=({"op": "note", "text": "x" * 70_000},))
    path = marked_file(tmp_path, "JPEG", large)
    beside = marks.recipe_path(path)
    found = verify(path)
    assert found.ok and found.recipe_note == "in edited.jpeg.recipe.json beside the picture"
    beside.write_text(beside.read_text().replace('"seed":3', '"seed":4'))
    found = verify(path)
    assert not found.ok and "is not the one that the picture names" in found.text()
    beside.write_bytes(b" " * (18 * 2**20))
    with pytest.raises(UserError, match="recipe.json: 18874368 bytes; allowed"):
        verify(path)
    beside.unlink()
    found = verify(path)
    assert not found.ok and "which is not there" in found.text()


def test_other_files(tmp_path):
    Image.fromarray(IMAGE).save(tmp_path / "a.webp")
    found = verify(tmp_path / "a.webp")
    assert not found.ok and "C2PA: unknown" in found.text()
    (tmp_path / "a.txt").write_text("hello")
    with pytest.raises(UserError, match="a.txt: not an image"):
        verify(tmp_path / "a.txt")
    with pytest.raises(UserError, match="none.png: cannot be read"):
        verify(tmp_path / "none.png")


def test_credentials_without_the_package_that_checks_them(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "c2pa", None)  # as if c2pa-python were not installed
    path = marked_file(tmp_path)
    box = b"\0\0\0\x2bjumb\0\0\0\x23jumdc2pa\0\x11\0\x10\x80\0\0\xaa\0\x38\x9b\x71\3c2pa\0"
    path.write_bytes(containers.insert(path.read_bytes(), [containers.png_chunk(b"caBX", box)]))
    found = verify(path)
    assert found.marks.has_c2pa is True and found.signature is None and found.ok
    assert "Content Credentials are there\n  signature: not checked: pip install 'mgpe_tf[c2pa]'" in found.text()
    with pytest.raises(UserError, match="pip install 'mgpe_tf.c2pa.'"):
        signing.sign(path.read_bytes(), "a.png", signing.Signer(path, path), marks.GENERATED)


def test_report_cannot_move_the_terminal(tmp_path):
    path = tmp_path / "a.png"
    data = encode(IMAGE, EDITED).data
    data = containers.insert(
        images.encode_png(IMAGE),
        [
            containers.png_chunk(b"iTXt", bytes(content).replace(b"mgpe_tf 0", "\x9b2J\u202etool\n".encode()))
            for kind, content in containers.png_chunks(data, "")
            if kind == b"iTXt"
        ],
    )
    path.write_bytes(data)
    assert marks.read_marks(path).tool.startswith("\x9b2J\u202etool\n")
    assert "made with: ?2J?tool?" in verify(path).text()
    assert all(char.isprintable() or char == "\n" for char in verify(path).text())
