"""Which picture files are read: one table of formats and file name endings for command line, page and HTTP API.

What a file holds decides how it is read, not its name; endings say which files of a folder count as pictures.
"""

from __future__ import annotations

import functools
import io
import struct
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageFile

from mgpe_tf.errors import UserError

ENDINGS = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "PNG": (".png",),
    "WEBP": (".webp",),
    "HEIF": (".heic", ".heif", ".hif"),
    "AVIF": (".avif",),
    "TIFF": (".tif", ".tiff"),
    "JPEG2000": (".jp2",),
    "BMP": (".bmp",),
    "GIF": (".gif",),
    "PPM": (".ppm",),
}
"""File name endings, in lower case, by Pillow's name of the format. Its other formats (EPS runs an interpreter) are not
tried. HEIF (a phone's .heic) is read by the package pillow-heif, the extra "heif"."""

FORMATS = tuple(ENDINGS)
"""Pillow's names of the formats that are read."""

SUFFIXES = tuple(ending for endings in ENDINGS.values() for ending in endings)
"""File name endings, in lower case, that count as a picture when a folder is listed."""

_LONGEST_BOX = 256
"""Bytes in which the brands of an ISO media file are looked for."""

NAMED = 5
"""Most files that a summary names."""

_AVIF_BRANDS = frozenset((b"avif", b"avis"))
_HEIF_BRANDS = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"))


def is_seen(name: str) -> bool:
    """Whether a file of this name, without folders, counts at all: not hidden, and none that systems put there."""
    return not name.startswith(".") and name.lower() not in ("thumbs.db", "desktop.ini")


def is_picture_name(name: str) -> bool:
    """Whether a file of this name, without folders, counts as a picture: by its ending, and not hidden."""
    return name.lower().endswith(SUFFIXES) and is_seen(name)


def left_alone(names: Sequence[str], count: int | None = None) -> str:
    """The line of a summary about the files of a folder that count as no pictures: how many, and the first ``NAMED``.

    Args:
      names: of the files, or of the first of them.
      count: how many there are; None if `names` are all.
    """
    count = len(names) if count is None else count
    more = f" and {count - NAMED} more" if count > NAMED else ""
    files = "file is" if count == 1 else "files are"
    return (
        f"{count} {files} left alone, no pictures by their endings: {', '.join(names[:NAMED])}{more}" if count else ""
    )


def open_picture(file: str | Path | io.BytesIO, name: str) -> ImageFile.ImageFile:
    """Opens a picture, of which no more than the header is read; it is for the caller to close.

    Args:
      file: a path, or what a file holds.
      name: stands for the file in errors.

    Raises:
      UserError: it is a HEIF file, and pillow-heif is not installed.
      OSError: there is no such file, or (PIL.UnidentifiedImageError) it is none of ``FORMATS``.
      Exception: whatever else Pillow raises on broken files.
    """
    if isinstance(file, io.BytesIO):
        head = file.getbuffer()[:_LONGEST_BOX].tobytes()
    else:
        with open(file, "rb") as stream:
            head = stream.read(_LONGEST_BOX)
    if not _is_heif(head):
        return Image.open(file, formats=[format for format in FORMATS if format != "HEIF"])
    register_heif(name)
    return Image.open(file, formats=["HEIF"])


def _is_heif(head: bytes) -> bool:
    """Whether an ISO media file (ISO/IEC 14496-12, 4.3) that begins like this is HEIF and not AVIF, by its brands."""
    if len(head) < 16 or head[4:8] != b"ftyp":
        return False
    box = head[: struct.unpack(">I", head[:4])[0]]
    brands = {box[start : start + 4] for start in (8, *range(16, len(box), 4))}
    return not brands & _AVIF_BRANDS and bool(brands & _HEIF_BRANDS)


def register_heif(name: str) -> None:
    """Makes Pillow able to read HEIF; UserError naming the file if pillow-heif is missing."""
    if not _heif_is_registered():
        raise UserError(f"{name}: a HEIF (.heic) picture; reading it needs pillow-heif: pip install 'mgpe_tf[heif]'")


@functools.cache
def _heif_is_registered() -> bool:
    """Registers pillow-heif, once; whether it is installed."""
    try:
        import pillow_heif
    except ImportError:
        return False
    pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
    return True
