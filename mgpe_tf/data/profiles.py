"""Colour profiles (ICC.1): from the colours of a picture to sRGB, in which all is worked on, and back. By littleCMS."""

from __future__ import annotations

import functools
import io

import numpy as np
from absl import logging
from PIL import Image, ImageCms

MAX_PROFILE = 2**20
"""Largest profile that is read, in bytes: no larger one can go into a PNG that Pillow reads."""

MAX_CMYK_PROFILE = 2**22
"""The same of CMYK, whose profiles are tables and are not kept."""

ALIKE = 1
"""Most levels by which a profile that counts as sRGB's moves a colour."""

_SPACES = {"RGB": b"RGB ", "L": b"GRAY", "CMYK": b"CMYK"}


def usable(profile: object, mode: str, name: str) -> bytes | None:
    """A profile if the colours of a picture can be understood by it; else None, which one line on stderr says.

    Args:
      profile: what the file holds; a TIFF may have a number there, which counts as none.
      mode: Pillow's mode of the picture, "RGB", "L" or "CMYK".
      name: stands for the file.
    """
    if not isinstance(profile, bytes) or not profile:
        return None
    largest = MAX_CMYK_PROFILE if mode == "CMYK" else MAX_PROFILE
    try:
        if len(profile) > largest:
            raise ValueError(f"{len(profile)} bytes; allowed: {largest}")
        if profile[36:40] != b"acsp":
            raise ValueError("it is damaged")
        if profile[16:20] != _SPACES[mode]:
            raise ValueError(f"it is one of {profile[16:20].decode('latin-1').strip()!r}, the picture has {mode}")
        for back in (False, True) if mode != "CMYK" else (False,):
            _transform(profile, mode, back)
        return profile
    except (ValueError, OSError, ImageCms.PyCMSError) as error:
        why = " ".join(str(error).split()).encode("ascii", "backslashreplace").decode()
        logging.warning("%s: its colour profile cannot be used (%s); its colours are taken for sRGB", name, why)
        return None


def to_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    """A picture of mode RGB, L or CMYK in the colours of a ``usable`` profile as one of mode RGB in sRGB."""
    if _is_srgb(profile, picture.mode):
        return picture.convert("RGB")
    return _applied(picture, _transform(profile, picture.mode, False))


def from_srgb(image: np.ndarray, profile: bytes, mode: str) -> np.ndarray:
    """A picture in sRGB, uint8 RGB [H, W, 3], in the colours of a ``usable`` profile: uint8 [H, W, 3], or [H, W] for
    the mode "L"."""
    picture = Image.fromarray(image)
    if _is_srgb(profile, mode):
        return np.array(picture.convert(mode))
    return np.array(_applied(picture, _transform(profile, mode, True)))


@functools.lru_cache(maxsize=32)
def _transform(profile: bytes, mode: str, back: bool) -> ImageCms.ImageCmsTransform:
    """From the profile to sRGB or back. Black stays black, what both spaces hold stays what it is."""
    own, srgb = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
    how = ImageCms.Intent.RELATIVE_COLORIMETRIC, ImageCms.Flags.BLACKPOINTCOMPENSATION
    if back:
        return ImageCms.buildTransform(srgb, own, "RGB", mode, *how)
    return ImageCms.buildTransform(own, srgb, mode, "RGB", *how)


@functools.lru_cache(maxsize=32)
def _is_srgb(profile: bytes, mode: str) -> bool:
    """Whether hardly a colour moves on the way to sRGB: such profiles come in dozens of forms."""
    if mode == "CMYK":
        return False
    levels = np.arange(0, 256, 15, dtype=np.uint8)
    grid = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(1, -1, 3)
    probe = np.arange(256, dtype=np.uint8)[None] if mode == "L" else grid
    wanted = probe[..., None] if mode == "L" else probe
    moved = np.array(_applied(Image.fromarray(probe), _transform(profile, mode, False)))
    return bool(np.abs(moved.astype(int) - wanted).max() <= ALIKE)


def _applied(picture: Image.Image, transform: ImageCms.ImageCmsTransform) -> Image.Image:
    converted = ImageCms.applyTransform(picture, transform)
    assert converted is not None  # it is no conversion in place
    return converted
