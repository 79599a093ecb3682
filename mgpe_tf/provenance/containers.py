"""The parts of PNG, JPEG and GIF files around the pixels: finding them and adding some, without touching the pixels.

Sources: PNG specification (third edition), sections 5 and 11.3.3.4; ITU-T T.81, annex B; GIF89a; XMP specification
part 3.
Files are untrusted: every length is checked against the file, and damage is a UserError.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

from mgpe_tf.errors import UserError

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"
GIF = (b"GIF87a", b"GIF89a")

APP1, APP11 = 0xE1, 0xEB
"""JPEG markers of XMP and of JUMBF boxes."""

MAX_SEGMENT = 65533
"""Largest number of bytes in one JPEG segment."""

_APP0, _SCAN, _END = 0xE0, 0xDA, 0xD9
_WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD9)}
_IHDR_END = 33
_IMAGE, _EXTENSION, _TRAILER, _APPLICATION = 0x2C, 0x21, 0x3B, 0xFF
_GIF_XMP = b"\x0bXMP DataXMP"
_GIF_XMP_END = bytes([1, *range(255, -1, -1), 0])
"""Whichever of a packet's bytes a reader takes for the length of a part, it lands in here and finds the last zero."""


def format_of(data: bytes) -> str | None:
    """PNG, JPEG or GIF by the first bytes of a file, None for anything else."""
    starts: dict[str, bytes | tuple[bytes, ...]] = {"PNG": PNG, "JPEG": JPEG, "GIF": GIF}
    return next((format for format, start in starts.items() if data.startswith(start)), None)


def png_chunks(data: bytes, name: str) -> Iterator[tuple[bytes, memoryview]]:
    """Type and content of every chunk of a PNG up to IEND. Raises UserError where the file is damaged."""
    view, position = memoryview(data), len(PNG)
    while position < len(data):
        length, kind = int.from_bytes(view[position : position + 4], "big"), bytes(view[position + 4 : position + 8])
        end = position + 8 + length
        if end + 4 > len(data):
            raise UserError(f"{name}: broken or truncated PNG: a chunk of {length} bytes at byte {position}")
        if zlib.crc32(view[position + 4 : end]) != int.from_bytes(view[end : end + 4], "big"):
            raise UserError(f"{name}: broken PNG: wrong checksum of the chunk at byte {position}")
        yield kind, view[position + 8 : end]
        if kind == b"IEND":
            return
        position = end + 4
    raise UserError(f"{name}: truncated PNG: it has no end")


def jpeg_segments(data: bytes, name: str) -> Iterator[tuple[int, memoryview]]:
    """Marker and content of every segment of a JPEG ahead of the first scan. Raises UserError where it is damaged."""
    view, position = memoryview(data), 2
    while position + 2 <= len(data):
        marker = view[position + 1]
        if view[position] != 0xFF:
            raise UserError(f"{name}: broken JPEG: no marker at byte {position}")
        if marker == 0xFF:  # padding
            position += 1
        elif marker in _WITHOUT_LENGTH:
            position += 2
        elif marker in (_SCAN, _END):
            return
        else:
            length = int.from_bytes(view[position + 2 : position + 4], "big")
            if length < 2 or position + 2 + length > len(data):
                raise UserError(f"{name}: broken or truncated JPEG: a segment of {length} bytes at byte {position}")
            yield marker, view[position + 4 : position + 2 + length]
            position += 2 + length
    raise UserError(f"{name}: truncated JPEG: it ends before the picture")


def gif_blocks(data: bytes, name: str) -> Iterator[tuple[int, int, memoryview]]:
    """Every block of a GIF up to its trailer. Raises UserError where the file is damaged.

    Yields:
      The block's first byte in the file; its kind, the label of an extension, 0x2C for an image; and its parts with
      their lengths, the closing zero included.
    """
    view = memoryview(data)
    try:
        position = 13 + _colour_table(view[10])
        while view[position] != _TRAILER:
            start, kind = position, view[position]
            if kind == _IMAGE:
                position += 11 + _colour_table(view[position + 9])  # descriptor, colours, size of the codes
            elif kind == _EXTENSION:
                kind, position = view[position + 1], position + 2
            else:
                raise UserError(f"{name}: broken GIF: no block at byte {start}")
            content = position
            while length := view[position]:
                position += 1 + length
            position += 1
            yield start, kind, view[content:position]
    except IndexError:
        raise UserError(f"{name}: truncated GIF: it has no end") from None


def _colour_table(flags: int) -> int:
    """Bytes of the colour table that the flags of a screen or an image announce."""
    return 3 * 2 ** (1 + flags % 8) if flags & 0x80 else 0


def gif_xmp(data: bytes, name: str) -> Iterator[bytes]:
    """The XMP packets of a GIF. Raises UserError where the file is damaged."""
    for _, kind, content in gif_blocks(data, name):
        if kind == _APPLICATION and content[: len(_GIF_XMP)] == _GIF_XMP:
            if content[-len(_GIF_XMP_END) :] != _GIF_XMP_END:
                raise UserError(f"{name}: broken GIF: XMP without its end")
            yield bytes(content[len(_GIF_XMP) : -len(_GIF_XMP_END)])


def gif_xmp_block(packet: bytes) -> bytes:
    """A whole application extension; no byte of `packet` is zero."""
    return bytes([_EXTENSION, _APPLICATION]) + _GIF_XMP + packet + _GIF_XMP_END


def insert(data: bytes, parts: Sequence[bytes]) -> bytes:
    """A picture file, as an encoder wrote it, with chunks, segments or extensions added ahead of the picture."""
    format, place = format_of(data), _IHDR_END
    if format == "JPEG":
        place = 4 + int.from_bytes(data[4:6], "big") if data[3] == _APP0 else 2  # JFIF wants its APP0 first
    if format == "GIF":  # players want to find how often it is repeated first
        place = next(start for start, kind, _ in gif_blocks(data, "the picture") if kind != _APPLICATION)
    return b"".join([data[:place], *parts, data[place:]])


def png_chunk(kind: bytes, content: bytes) -> bytes:
    """A whole chunk: length, type, content and checksum."""
    return len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")


def jpeg_segment(marker: int, content: bytes) -> bytes:
    """A whole segment; `content` has at most ``MAX_SEGMENT`` bytes."""
    return bytes([0xFF, marker]) + (len(content) + 2).to_bytes(2, "big") + content


def international_text(keyword: str, text: str) -> bytes:
    """Content of an iTXt chunk, uncompressed (as XMP must be), without language and translated keyword."""
    return keyword.encode("latin-1") + b"\0\0\0\0\0" + text.encode()


def read_international_text(content: bytes, limit: int, name: str) -> bytes:
    """The text (UTF-8, at most `limit` bytes) of an iTXt chunk, which may be compressed. Raises UserError."""
    _, _, rest = content.partition(b"\0")
    compressed, (_, _, text) = rest[:1] == b"\1", (rest[2:].split(b"\0", 2) + [b"", b"", b""])[:3]
    try:
        text = zlib.decompressobj().decompress(text, limit + 1) if compressed else text
    except zlib.error as error:
        raise UserError(f"{name}: broken PNG: compressed text: {error}") from error
    if len(text) > limit:
        raise UserError(f"{name}: a text of more than {limit} bytes in the PNG; allowed: {limit}")
    return text
