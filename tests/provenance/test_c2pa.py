"""Finding C2PA manifests in PNG and JPEG files."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest

from mgpe_tf.data import images
from mgpe_tf.provenance.c2pa import has_c2pa

IMAGE = np.zeros((8, 8, 3), np.uint8)
STORE = b"c2pa\x00\x11\x00\x10\x80\x00\x00\xaa\x00\x38\x9b\x71"


def box(kind: bytes, content: bytes, wide: bool = False) -> bytes:
    if wide:
        return struct.pack(">I4sQ", 1, kind, len(content) + 16) + content
    return struct.pack(">I4s", len(content) + 8, kind) + content


def store(kind: bytes = STORE, wide: bool = False) -> bytes:
    return box(b"jumb", box(b"jumd", kind + b"\3c2pa\0", wide) + box(b"jumb", b"claim"), wide)


def png(content: bytes, kind: bytes = b"caBX") -> bytes:
    data = images.encode_png(IMAGE)
    part = struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    return data[:33] + part + data[33:]


def jpeg(content: bytes, marker: int = 0xEB) -> bytes:
    data = images.encode_jpeg(IMAGE)
    content = b"JP\x02\x11\0\0\0\1" + content
    return data[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content + data[2:]


@pytest.mark.parametrize("wrap", [png, jpeg])
def test_manifest_stores_are_found(wrap):
    assert has_c2pa(wrap(store())) is True
    assert has_c2pa(wrap(store(wide=True))) is True
    assert has_c2pa(wrap(store()) + b"appended") is True


def test_first_part_of_a_store_is_enough():
    """In a JPEG a store may go on in further segments, so a box may be longer than its segment."""
    assert has_c2pa(jpeg(struct.pack(">I", 200_000) + store()[4:])) is True


@pytest.mark.parametrize("wrap", [png, jpeg])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0",
        b"c2pa",
        store(b"other JUMBF type"),
        store()[8:],
        box(b"jumb", b""),
        box(b"jumb", STORE),
        struct.pack(">I", 12) + store()[4:],
        struct.pack(">I4sQ", 1, b"jumb", 2**63),
    ],
)
def test_other_contents_are_not(wrap, content):
    assert has_c2pa(wrap(content)) is False


def test_other_places_are_not():
    assert has_c2pa(png(store(), b"teSt")) is False
    assert has_c2pa(jpeg(store(), 0xE1)) is False
    assert has_c2pa(images.encode_png(IMAGE)) is has_c2pa(images.encode_jpeg(IMAGE)) is False


def test_unknown():
    assert has_c2pa(b"RIFF\0\0\0\0WEBP" + store()) is None
    assert has_c2pa(b"") is None
    for data in (images.encode_png(IMAGE), images.encode_jpeg(IMAGE)):
        assert has_c2pa(data[:30]) is None
    cut = png(store())
    assert has_c2pa(cut[: cut.index(b"IDAT")]) is True, "there, whatever follows"
