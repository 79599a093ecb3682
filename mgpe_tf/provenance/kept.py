"""The metadata of the original that an edited photograph keeps: its colours' meaning and whose it is.

All else is left behind: place and time, camera, orientation (applied to the pixels when they are read), thumbnails
(which may show what was edited away), edit histories and C2PA manifests (which no longer hold).
"""

from __future__ import annotations

import dataclasses
import io

from PIL import Image

from mgpe_tf.data.formats import open_picture
from mgpe_tf.errors import UserError
from mgpe_tf.provenance import xmp

MAX_PROFILE = 2**20
"""Largest colour profile that is kept, in bytes."""

_ARTIST, _COPYRIGHT = 0x013B, 0x8298
_MAX_TEXT = 2000


@dataclasses.dataclass(frozen=True)
class Kept:
    """Metadata for the output; each is None where the original has none.

    Attributes:
      profile: ICC profile of an RGB colour space.
      creator: who made the photograph.
      copyright: its copyright notice.
    """

    profile: bytes | None = None
    creator: str | None = None
    copyright: str | None = None


def kept_from(data: bytes, name: str) -> Kept:
    """The metadata that is kept of the photograph in the bytes of a file, whose pixels ``images.decode_image`` has
    read.

    Creator and copyright come from XMP (dc:creator, dc:rights), else from EXIF (Artist, Copyright). Raises UserError if
    the file is no picture; broken metadata in it counts as none.
    """
    try:
        with open_picture(io.BytesIO(data), name) as picture:
            info, exif = picture.info, _exif(picture)
    except UserError:
        raise
    except Exception as error:  # decoders raise many types on broken files
        raise UserError(f"{name}: not an image or broken ({error})") from error
    properties = _properties(info.get("xmp"), name)
    creators = properties.get(xmp.key("dc:creator"), exif[:1])
    notices = properties.get(xmp.key("dc:rights"), exif[1:])
    return Kept(_rgb_profile(info.get("icc_profile")), _clean("; ".join(creators)), _clean(notices[0]))


def _properties(packet: object, name: str) -> dict[str, tuple[str, ...]]:
    """The properties in a packet, none if there is no packet or a broken one."""
    try:
        return xmp.read(packet, name) if isinstance(packet, bytes) else {}
    except UserError:
        return {}


def _exif(picture: Image.Image) -> tuple[str, str]:
    """Artist and copyright by EXIF, "" where there is none."""
    try:
        exif = picture.getexif()
        return str(exif.get(_ARTIST, "")), str(exif.get(_COPYRIGHT, ""))
    except Exception:  # Pillow's reader raises many types on broken EXIF
        return "", ""


def _clean(text: str) -> str | None:
    """The text without unprintable characters, shortened; None for an empty one."""
    return "".join(char if char.isprintable() else " " for char in text[:_MAX_TEXT]).strip() or None


def _rgb_profile(profile: object) -> bytes | None:
    """The profile if it can belong to RGB pixels (ICC.1, 7.2: colour space at byte 16, signature at byte 36); a TIFF
    may have a number in its place."""
    if not isinstance(profile, bytes) or len(profile) > MAX_PROFILE:
        return None
    return profile if profile[16:20] == b"RGB " and profile[36:40] == b"acsp" else None
