"""How long a video file says that it is: readers of videos take a file that was cut off for a shorter video."""

from __future__ import annotations

import os
import struct
from pathlib import Path

_BOXES = frozenset(b"ftyp moov mdat free skip wide moof mfra uuid meta sidx styp pdin".split())
"""Outermost boxes of .mp4 and .mov (ISO/IEC 14496-12)."""

_EBML = (b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67")
"""Outermost elements of .mkv and .webm (RFC 8794, RFC 9559): header and segment."""


def missing_bytes(path: Path) -> int:
    """How many bytes a video file lacks at its end.

    .mp4, .mov, .mkv, .webm and .avi are rows of parts that say how long they are. 0 for a whole file, for those that
    were never finished, as of a recorder that lost its power, and for formats that do not say, as .ts.
    """
    with path.open("rb") as file:
        size, end = file.seek(0, os.SEEK_END), 0
        while end < size:
            file.seek(end)
            length = _length(file.read(16))
            if length is None:
                return 0
            end += length
    return end - size


def _length(head: bytes) -> int | None:
    """Bytes of the part of a file that begins like this; None if it is unknown."""
    if len(head) < 16:
        return None
    if head[4:8] in _BOXES:
        [length] = struct.unpack(">I", head[:4])
        if length == 1:
            [length] = struct.unpack(">Q", head[8:])
        return length if length >= 8 else None  # 0: it ends with the file
    if head[:4] == b"RIFF":
        [length] = struct.unpack("<I", head[4:8])
        return length + length % 2 + 8 if length else None
    if head[:4] in _EBML and head[4]:
        width = 9 - head[4].bit_length()  # by the zeros before the first one
        value = int.from_bytes(head[4 : 4 + width], "big") - (1 << 7 * width)
        return 4 + width + value if value != (1 << 7 * width) - 1 else None  # all ones: it ends with the file
    return None
