"""Marks in encoded files: written, found again, and read from files that are damaged or hostile."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import struct
import xml.dom.minidom
import zlib

import numpy as np
import pytest
from PIL import Image

import mgpe_tf
from mgpe_tf.data import images
from mgpe_tf.errors import UserError
from mgpe_tf.provenance import encoding, kept, marks
from mgpe_tf.provenance.encoding import encode
from mgpe_tf.provenance.hashes import sha256_of_pixels
from mgpe_tf.provenance.kept import Kept
from mgpe_tf.provenance.marks import EDITED, GENERATED, read_marks
from mgpe_tf.provenance.recipe import Recipe
from mgpe_tf.storage.hashes import sha256_of_file

ROWS, COLUMNS = np.mgrid[:40, :56]
IMAGE = np.stack([ROWS * 6, COLUMNS * 4, (ROWS * COLUMNS) % 256], -1).astype(np.uint8)
RECIPE = Recipe((), (), ({"op": "take", "component": '<hair> & "]]>"\n'},), seed=3, created="2026-05-01T12:30:00Z")
LARGE = dataclasses.replace(RECIPE, operations=({"op": "note", "text": "x" * 70_000},))
FRAMES = np.stack([IMAGE, IMAGE[::-1], IMAGE[:, ::-1]])
BOTH = pytest.mark.parametrize("format", ["PNG", "JPEG"])
ALL = pytest.mark.parametrize("format", ["PNG", "JPEG", "GIF"])
IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
XMP = "http://ns.adobe.com/xap/1.0/"


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def picture(format: str) -> np.ndarray:
    """What is encoded in a format."""
    return FRAMES if format == "GIF" else IMAGE


def with_packet(packet: bytes, format: str, compressed: bool = False) -> bytes:
    """A picture with a given XMP packet, put together here by hand."""
    if format == "GIF":
        data = images.encode_gif(FRAMES)
        end = 13 + (3 << (data[10] % 8 + 1) if data[10] >= 128 else 0)
        trailer = bytes([1]) + bytes(reversed(range(256))) + b"\0"
        return data[:end] + b"\x21\xff\x0bXMP DataXMP" + packet + trailer + data[end:]
    if format == "PNG":
        data = images.encode_png(IMAGE)
        text = b"\1\0\0\0" + zlib.compress(packet) if compressed else b"\0\0\0\0" + packet
        return data[:33] + chunk(b"iTXt", b"XML:com.adobe.xmp\0" + text) + data[33:]
    data, content = images.encode_jpeg(IMAGE), XMP.encode() + b"\0" + packet
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(content) + 2) + content + data[2:]


def packet_of(data: bytes) -> str:
    """The XMP packet as Pillow finds it, which of a GIF says where an application's extension starts."""
    info = Image.open(io.BytesIO(data)).info
    if "extension" in info:
        name, start = info["extension"]
        assert name == b"XMP DataXMP"
        return data[start : data.index(b"\x01\xff\xfe\xfd", start)].decode()
    packet = info["xmp"]
    return packet.decode() if isinstance(packet, bytes) else packet


@ALL
@pytest.mark.parametrize("source_type", [EDITED, GENERATED])
def test_round_trip(tmp_path, format, source_type):
    marked = encode(picture(format), source_type, RECIPE, format)
    assert marked.beside is None
    found = read_marks(marked.data)
    c2pa = None if format == "GIF" else False
    assert found == marks.Marks(source_type, f"mgpe_tf {mgpe_tf.__version__}", marked.recipe, None, c2pa, format)
    assert found.recipe.operations == RECIPE.operations
    decoded = encoding.decode_pixels(marked.data, "x")
    assert decoded.shape == picture(format).shape
    assert found.recipe.output.sha256 == sha256_of_pixels(decoded)
    output = found.recipe.output
    assert (output.width, output.height, output.format) == (56, 40, format)
    assert np.abs(decoded.astype(int) - picture(format)).max() <= {"PNG": 0, "JPEG": 40, "GIF": 60}[format]
    path = tmp_path / "a.picture"
    assert encoding.write(path, marked) == [path]
    assert read_marks(path) == found


@ALL
def test_xmp_by_another_parser(format):
    """Pillow finds the packet, minidom reads it: one rdf:Description with IPTC's property and URL."""
    packet = packet_of(encode(picture(format), EDITED, RECIPE, format, Kept(creator="A & B", copyright="(c) <C>")).data)
    document = xml.dom.minidom.parseString(packet)

    def texts(namespace: str, name: str) -> list[str]:
        return [
            "".join(node.data for node in element.childNodes if node.nodeType == node.TEXT_NODE)
            for element in document.getElementsByTagNameNS(namespace, name)
        ]

    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    assert texts(IPTC, "DigitalSourceType") == [
        "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
    ]
    parent = document.getElementsByTagNameNS(IPTC, "DigitalSourceType")[0].parentNode
    assert (parent.namespaceURI, parent.localName, parent.getAttributeNS(rdf, "about")) == (rdf, "Description", "")
    assert parent.parentNode.localName == "RDF" and parent.parentNode.parentNode.namespaceURI == "adobe:ns:meta/"
    assert texts(XMP, "CreatorTool") == [f"mgpe_tf {mgpe_tf.__version__}"]
    assert texts(IPTC, "AISystemUsed") == ["mgpe_tf"]
    assert texts(rdf, "li") == ["A & B", "(c) <C>"]
    assert packet.startswith("<?xpacket begin=") and packet.endswith('<?xpacket end="r"?>')


def test_without_recipe():
    found = read_marks(encode(IMAGE, GENERATED).data)
    assert (found.digital_source_type, found.recipe, found.recipe_sha256) == (GENERATED, None, None)


def test_large_recipe_stays_in_a_png_and_lies_beside_a_jpeg(tmp_path):
    marked = encode(IMAGE, EDITED, LARGE, "PNG")
    assert marked.beside is None and read_marks(marked.data).recipe == marked.recipe
    marked = encode(IMAGE, EDITED, LARGE, "JPEG")
    assert encoding.write(tmp_path / "a.jpg", marked) == [tmp_path / "a.jpg", tmp_path / "a.jpg.recipe.json"]
    found = read_marks(tmp_path / "a.jpg")
    assert found.recipe is None and found.digital_source_type == EDITED
    assert found.recipe_sha256 == sha256_of_file(tmp_path / "a.jpg.recipe.json")


def test_largest_recipe_inside_a_jpeg():
    """Packets of every size around the limit of a segment either fit or go beside."""
    sizes = set()
    for length in range(64_000, 65_000, 40):
        recipe = dataclasses.replace(RECIPE, operations=({"op": "note", "text": "x" * length},))
        marked = encode(IMAGE[:8, :8], EDITED, recipe, "JPEG")
        assert (marked.beside is None) == (read_marks(marked.data).recipe == marked.recipe)
        sizes.add(marked.beside is None)
    assert sizes == {True, False}


def test_forms_of_xmp_by_others():
    """The property as an attribute, as a link, in packets of other programs; with padding; compressed."""
    head = f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:i="{IPTC}" xmlns:t="{XMP}">'
    attribute = f'{head}<rdf:Description i:DigitalSourceType="{GENERATED}" t:CreatorTool="Other"/></rdf:RDF>'
    link = f'{head}<rdf:Description><i:DigitalSourceType rdf:resource="{EDITED}"/></rdf:Description></rdf:RDF>'
    found = read_marks(with_packet(attribute.encode() + b"  \n\0", "JPEG"))
    assert (found.digital_source_type, found.tool) == (GENERATED, "Other")
    assert read_marks(with_packet(link.encode(), "PNG", compressed=True)).digital_source_type == EDITED
    twice = attribute.replace("</rdf:RDF>", f'<rdf:Description i:DigitalSourceType="{EDITED}"/></rdf:RDF>')
    with pytest.raises(UserError, match="p.png: Iptc4xmpExt:DigitalSourceType has 2 values"):
        read_marks(with_packet(twice.encode(), "PNG"), "p.png")


BOMB = b"""<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">%s]><x>&z;</x>""" % b"".join(
    b'<!ENTITY %c "%s">' % (name, b"&%c;" % (name - 1) * 10) for name in range(ord("b"), ord("z") + 1)
)


@ALL
@pytest.mark.parametrize(
    ("packet", "words"),
    [
        (BOMB, "document type"),
        (b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>', "document type"),
        (b'<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x><x/>', "document type|broken"),
        ('<!DOCTYPE x [<!ENTITY e "e">]><x>&e;</x>'.encode("utf-16"), "document type|broken"),
        (b"<x>" * 10_000, "nested more than 32"),
        (b"<x>&undefined;</x>", "broken XMP"),
        (b"<x>\xff</x>", "broken XMP"),
        (b"<x", "broken XMP"),
        (b"hello", "broken XMP"),
    ],
)
def test_hostile_xmp(format, packet, words):
    with pytest.raises(UserError, match=f"p.png: .*({words})"):
        read_marks(with_packet(packet, format), "p.png")


def test_texts_that_unpack_to_too_much():
    with pytest.raises(UserError, match="p.png: a text of more than 4194304 bytes"):
        read_marks(with_packet(b" " * 50_000_000, "PNG", compressed=True), "p.png")
    data = with_packet(b"<x/>", "PNG", compressed=True)
    broken = data[:33] + chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + b"not zlib") + images.encode_png(IMAGE)[33:]
    with pytest.raises(UserError, match="p.png: broken PNG: compressed text"):
        read_marks(broken, "p.png")


def test_marks_that_are_there_twice():
    data = encode(IMAGE, EDITED, RECIPE).data
    second = chunk(b"iTXt", b"mgpe_tf.recipe\0\0\0\0\0{}")
    with pytest.raises(UserError, match="p.png: 2 texts mgpe_tf.recipe; allowed: one"):
        read_marks(data[:33] + second + data[33:], "p.png")


@ALL
def test_truncated_anywhere(format):
    """Whatever is missing, the marks are those of the file or the error is one line."""
    data = encode(picture(format), EDITED, RECIPE, format).data
    whole = read_marks(data)
    for end in [*range(0, 400, 7), *range(400, len(data), 61)]:
        try:
            found = read_marks(data[:end], "cut")
        except UserError as error:
            assert str(error).startswith("cut: ")
        else:
            assert found == (marks.Marks() if end < 6 or (end < 8 and format == "PNG") else whole) or (
                format == "JPEG" and end > 400
            )


@ALL
def test_damaged_anywhere(format):
    """Random damage never gets out as another exception; in a PNG its checksums are made to fit."""
    data, random = encode(picture(format), EDITED, RECIPE, format).data, np.random.default_rng(0)
    for _ in range(300):
        broken = bytearray(data)
        for place in random.integers(41, 1500, 3):
            broken[place] = random.integers(256)
        if format == "PNG" and broken[33:41] == data[33:41]:
            end = 41 + int.from_bytes(broken[33:37], "big")
            broken[33 : end + 4] = chunk(bytes(broken[37:41]), bytes(broken[41:end]))
        with contextlib.suppress(UserError):
            read_marks(bytes(broken), "x")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffiTXt", "a chunk of 4294967295 bytes at byte 8"),
        (b"\x89PNG\r\n\x1a\n", "no end"),
        (b"\x89PNG\r\n\x1a\n" + chunk(b"iTXt", b"x")[:-1] + b"?", "wrong checksum"),
        (b"\xff\xd8\xff\xe1\xff\xff", "a segment of 65535 bytes at byte 2"),
        (b"\xff\xd8\xff\xe1\x00\x01", "a segment of 1 bytes"),
        (b"\xff\xd8\xff" + b"\xff" * 100, "ends before the picture"),
        (b"\xff\xd8\xff\xe0\x00\x02hello", "no marker at byte 6"),
        (b"GIF89a" + bytes(7) + b"hello", "no block at byte 13"),
        (b"GIF89a" + bytes(7) + b"\x21\xff\x0bXMP DataXMP", "truncated GIF"),
        (b"GIF89a" + bytes(7) + b"\x21\xff\x0bXMP DataXMP\0;", "XMP without its end"),
    ],
)
def test_broken_containers(data, words):
    with pytest.raises(UserError, match=f"p: .*{words}"):
        read_marks(data, "p")


def test_files_that_are_not_there_or_of_other_formats(tmp_path):
    with pytest.raises(UserError, match="none.png: cannot be read: No such file"):
        read_marks(tmp_path / "none.png")
    with pytest.raises(UserError, match="cannot be read"):
        read_marks(tmp_path)
    assert read_marks(b"RIFF") == read_marks(b"") == marks.Marks()


@ALL
def test_animations_are_gif_and_pictures_are_not(format):
    with pytest.raises(UserError, match=f"a {format} of an array .*; allowed"):
        encode(IMAGE if format == "GIF" else FRAMES, EDITED, None, format)


def test_names_of_files_choose_the_format(tmp_path):
    names = ("a.PNG", "b.jpg", "c.jpeg", "d.gif")
    assert [encoding.format_for(name) for name in names] == ["PNG", "JPEG", "JPEG", "GIF"]
    with pytest.raises(UserError, match="a.webp: .*allowed endings: .png, .jpg, .jpeg, .gif"):
        encoding.format_for("a.webp")
    with pytest.raises(UserError, match="no/a.png: No such file or directory"):
        encoding.write(tmp_path / "no" / "a.png", encode(IMAGE, EDITED))


PROFILE = b"\0" * 16 + b"RGB XYZ " + b"\0" * 12 + b"acsp" + b"\0" * 100_000


def photograph(format: str, profile: bytes = PROFILE, **options) -> bytes:
    """A photograph with camera data: place, time, orientation, camera, artist and copyright."""
    exif = Image.Exif()
    exif.update({0x013B: "Ann\x07 Ex", 0x8298: "(c) EXIF", 0x0112: 6, 0x010F: "Camera"})
    exif[0x8825] = {1: "N", 2: (48.0, 8.0, 14.0)}
    buffer = io.BytesIO()
    Image.fromarray(IMAGE).save(buffer, format, exif=exif, icc_profile=profile, **options)
    return buffer.getvalue()


@BOTH
def test_metadata_of_the_original(format):
    data = photograph(format)
    assert Image.open(io.BytesIO(data)).getexif().get_ifd(0x8825), "the place is in the original"
    held = kept.kept_from(data, "x")
    assert held == Kept(PROFILE, "Ann  Ex", "(c) EXIF")
    result = Image.open(io.BytesIO(encode(IMAGE, EDITED, RECIPE, format, held).data))
    assert result.info["icc_profile"] == PROFILE
    assert not result.getexif(), "place, camera and orientation are left behind"
    assert "Ann  Ex" in packet_of(encode(IMAGE, EDITED, RECIPE, format, held).data)


def test_xmp_goes_before_exif_and_a_chain_of_edits_keeps_it():
    first = encode(IMAGE, EDITED, None, "JPEG", Kept(None, "Bea; Cy", "(c) XMP"))
    held = kept.kept_from(first.data, "x")
    assert held == Kept(None, "Bea; Cy", "(c) XMP")
    assert kept.kept_from(encode(IMAGE, EDITED, None, "PNG", held).data, "x") == held


@pytest.mark.parametrize("profile", [PROFILE.replace(b"RGB ", b"GRAY"), PROFILE[:30], PROFILE + b"\0" * 2**20])
def test_unfit_profiles_are_left_out(profile):
    assert kept.kept_from(photograph("JPEG", profile), "x").profile is None


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_broken_metadata_is_none_and_no_picture_is_an_error():
    data = with_packet(BOMB, "JPEG")
    assert kept.kept_from(data, "x") == Kept()
    data = photograph("JPEG")
    start = data.index(b"Exif\0\0") + 6
    for broken in (b"??", data[start : start + 4] + b"\xff" * 40):
        assert kept.kept_from(data[:start] + broken + data[start + len(broken) :], "x").profile == PROFILE
    assert kept.kept_from(data[:start] + b"??" + data[start + 2 :], "x").creator is None
    with pytest.raises(UserError, match="x: not an image"):
        kept.kept_from(b"hello", "x")
