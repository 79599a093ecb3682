"""Whether a picture carries C2PA Content Credentials.

Source: C2PA specification 2.x, "Embedding manifests": a PNG has the manifest store in a caBX chunk, a JPEG in APP11
segments (ISO 19566-5, JUMBF). What a store says, and whether it holds, is for ``signing.signature_state``.
"""

from __future__ import annotations

from mgpe_tf.errors import UserError
from mgpe_tf.provenance import containers

_STORE = bytes.fromhex("63327061 0011 0010 8000 00AA00389B71")
"""JUMBF type of a C2PA manifest store; its first four bytes are "c2pa"."""


def has_c2pa(data: bytes) -> bool | None:
    """Whether the bytes of a PNG or JPEG file hold a C2PA manifest store.

    None where that is unknown: other formats, and damaged files without a store ahead of the damage. Manifests that lie
    elsewhere on the internet are not looked for.
    """
    try:
        if containers.format_of(data) == "PNG":
            chunks = containers.png_chunks(data, "")
            return any(kind == b"caBX" and _is_store(bytes(content)) for kind, content in chunks)
        if containers.format_of(data) == "JPEG":
            segments = containers.jpeg_segments(data, "")
            return any(
                marker == containers.APP11 and bytes(content[:2]) == b"JP" and _is_store(bytes(content[8:]))
                for marker, content in segments
            )  # "JP", number of the box (2 bytes), of its part (4 bytes)
    except UserError:
        pass
    return None


def _is_store(data: bytes) -> bool:
    """Whether `data` starts with a JUMBF superbox whose description box has the type of a manifest store."""
    kind, content = _box(data)
    inner, description = _box(content)
    return (kind, inner, description[:16]) == (b"jumb", b"jumd", _STORE)


def _box(data: bytes) -> tuple[bytes, bytes]:
    """Type and content of the box at the start of `data`, cut where the data end."""
    length, header = int.from_bytes(data[:4], "big"), 8
    if length == 1:
        length, header = int.from_bytes(data[8:16], "big"), 16
    return data[4:8], data[header : length or None]
