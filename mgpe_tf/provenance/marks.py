"""Reading the marks inside PNG, JPEG and GIF files that say how a picture came about.

XMP holds IPTC's DigitalSourceType, the tool and, in a JPEG or GIF, the recipe; a PNG holds the recipe in an iTXt chunk
of its own. Marks are not signed: anyone can remove or forge them.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

from mgpe_tf.errors import UserError
from mgpe_tf.provenance import c2pa, containers, recipe, xmp
from mgpe_tf.provenance.recipe import Recipe

EDITED = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
"""Digital source type of an edited photograph."""

GENERATED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
"""Digital source type of a wholly generated face."""

SOURCE_TYPE, TOOL = "Iptc4xmpExt:DigitalSourceType", "xmp:CreatorTool"
RECIPE, RECIPE_SHA256 = "mgpe:recipe", "mgpe:recipeSHA256"
"""XMP properties of the marks."""

XMP_KEYWORD, RECIPE_KEYWORD = "XML:com.adobe.xmp", "mgpe_tf.recipe"
"""Keywords of the iTXt chunks of a PNG."""

XMP_HEADER = b"http://ns.adobe.com/xap/1.0/\0"
"""First bytes of the APP1 segment of a JPEG that holds XMP."""

MAX_FILE = 512 * 2**20
"""Largest file that is read, in bytes."""

_LIMITS = {XMP_KEYWORD: xmp.MAX_PACKET, RECIPE_KEYWORD: recipe.MAX_JSON + recipe.MAX_MASKS}


@dataclasses.dataclass(frozen=True)
class Marks:
    """The marks in a file; what is None is not there.

    Attributes:
      digital_source_type: URL, usually ``EDITED`` or ``GENERATED``; any text in files of others.
      tool: name and version of the program; any text in files of others.
      recipe: the recipe inside the file.
      recipe_sha256: hash of the file beside it that holds the recipe.
      has_c2pa: whether a C2PA manifest store is there; None: unknown.
      format: "PNG", "JPEG", "GIF" or None for the others, in which no marks are looked for.
    """

    digital_source_type: str | None = None
    tool: str | None = None
    recipe: Recipe | None = None
    recipe_sha256: str | None = None
    has_c2pa: bool | None = None
    format: str | None = None


def read_marks(source: str | Path | bytes, name: str = "the picture") -> Marks:
    """The marks in a file, given by its path or its bytes (which `name` stands for in errors).

    Raises UserError for files that are missing, too large or damaged, and for marks that are broken.
    """
    if not isinstance(source, bytes):
        name, source = str(source), read_file(source)
    packet, chunk = _find(source, name)
    properties = xmp.read(packet, name) if packet else {}

    def one(prefixed: str) -> str | None:
        values = properties.get(xmp.key(prefixed), ())
        if len(values) > 1:
            raise UserError(f"{name}: {prefixed} has {len(values)} values in the XMP; allowed: one")
        return values[0] if values else None

    document = chunk or one(RECIPE)
    return Marks(
        digital_source_type=one(SOURCE_TYPE),
        tool=one(TOOL),
        recipe=recipe.from_json(document, name) if document else None,
        recipe_sha256=one(RECIPE_SHA256),
        has_c2pa=c2pa.has_c2pa(source),
        format=containers.format_of(source),
    )


def read_file(path: str | Path) -> bytes:
    """The bytes of a file of at most ``MAX_FILE``. Raises UserError."""
    try:
        size = Path(path).stat().st_size
        if size > MAX_FILE:
            raise UserError(f"{path}: {size} bytes; allowed: {MAX_FILE}")
        return Path(path).read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror or error}") from error


def recipe_path(picture: str | Path) -> Path:
    """Where the recipe of a picture lies that is too large for it: NAME.recipe.json beside it."""
    return Path(picture).with_name(f"{Path(picture).name}.recipe.json")


def _find(data: bytes, name: str) -> tuple[bytes | None, bytes | None]:
    """XMP packet and recipe chunk of a file, None for each that is not there."""
    format = containers.format_of(data)
    if format == "PNG":
        found = [
            (bytes(content[:80]).partition(b"\0")[0].decode("latin-1"), bytes(content))
            for kind, content in containers.png_chunks(data, name)
            if kind == b"iTXt"
        ]
        return _unpacked(found, XMP_KEYWORD, name), _unpacked(found, RECIPE_KEYWORD, name)
    if format == "JPEG":
        found = [
            (XMP_KEYWORD, bytes(content[len(XMP_HEADER) :]))
            for marker, content in containers.jpeg_segments(data, name)
            if marker == containers.APP1 and content[: len(XMP_HEADER)] == XMP_HEADER
        ]
        return _only(found, XMP_KEYWORD, name), None
    if format == "GIF":
        found = [(XMP_KEYWORD, packet) for packet in containers.gif_xmp(data, name)]
        return _only(found, XMP_KEYWORD, name), None
    return None, None


def _unpacked(found: list[tuple[str, bytes]], keyword: str, name: str) -> bytes | None:
    """The text of an iTXt chunk. It is unpacked when it is known to be the only one: many can be small in the file."""
    content = _only(found, keyword, name)
    return None if content is None else containers.read_international_text(content, _LIMITS[keyword], name)


def _only(found: list[tuple[str, bytes]], keyword: str, name: str) -> bytes | None:
    """The text of a keyword. Two of them are refused: programs disagree about which one counts."""
    texts = [text for found_keyword, text in found if found_keyword == keyword]
    if len(texts) > 1:
        raise UserError(f"{name}: {len(texts)} texts {keyword}; allowed: one")
    return texts[0] if texts else None
