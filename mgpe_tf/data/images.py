"""Reading and writing of image and label files, by Pillow.

Files come from anywhere, so nothing is decoded before the header has been checked, and whatever is wrong with a file
becomes a UserError that names it.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import PIL
from PIL import Image, ImageFile, ImageOps, ImageSequence, UnidentifiedImageError

from mgpe_tf import labels
from mgpe_tf.data import profiles
from mgpe_tf.data.formats import FORMATS, open_picture
from mgpe_tf.data.picture import Picture
from mgpe_tf.errors import UserError
from mgpe_tf.storage import files

MEGAPIXEL = 2**20
"""Pixels of a megapixel, in limits and in what is said of them."""

MAX_MEGAPIXELS = 50
"""Largest picture that is decoded, e.g. 8192 x 6400 pixels (150 MiB as RGB)."""

MAX_PIXELS = MAX_MEGAPIXELS * MEGAPIXEL
"""The same in pixels."""

LOOP = 2400
"""Milliseconds of one round of an animation."""

SAFE_PILLOW = 13
"""First release of Pillow whose JPEG decoder cannot be made to write beyond its buffer; needs Python 3.11."""

Decoded = TypeVar("Decoded")

# Pillow stretches 2- and 4-bit gray PNGs to 0..255; labels want the numbers in the file.
_GRAY_STEP = {"L;2": 85, "L;4": 17}


def unsafe_decoder(version: str = PIL.__version__) -> str | None:
    """Why this version of Pillow must not read untrusted files, and the remedy; None: nothing known."""
    if int(version.split(".")[0]) >= SAFE_PILLOW:
        return None
    remedy = f"with Python 3.11 or newer: pip install --no-deps 'pillow>={SAFE_PILLOW}'"
    return f"Pillow {version} has flaws that a crafted picture can use (a buffer overflow among them); {remedy}"


def read_image(path: str | Path) -> np.ndarray:
    """Reads a picture as uint8 RGB [H, W, 3].

    The EXIF orientation is applied; colours are brought to sRGB by the picture's profile; gray, palette, CMYK and
    16-bit pictures are converted; transparent ones are laid over white. Of an animation the first frame is read. Raises
    UserError if the file is missing, broken, of another format or larger than ``MAX_PIXELS``.
    """
    return decoded(path, str(path), _rgb)


def decode_image(data: bytes, name: str, max_pixels: int = MAX_PIXELS) -> np.ndarray:
    """As ``read_image``, from the bytes of a file; `name` stands for it in errors."""
    return decoded(io.BytesIO(data), name, _rgb, max_pixels)


def decode_picture(data: bytes, name: str, max_pixels: int = MAX_PIXELS) -> Picture:
    """As ``decode_image``, with the pixels as they are stored: gray stays gray, alpha and profile are there."""
    return decoded(io.BytesIO(data), name, _picture, max_pixels)


def read_label(path: str | Path) -> np.ndarray:
    """Reads a label file as uint8 [H, W]: the ids exactly as stored.

    Of a palette PNG these are the indices, never the colours. 1- to 16-bit gray files are read as numbers. Raises
    UserError for colour pictures, JPEGs, values above 255 and all that ``read_image`` refuses. The ids are not checked
    against a label set: see ``labels.to_helen``.
    """
    return decoded(path, str(path), _ids)


def decode_label(data: bytes, name: str, max_pixels: int = MAX_PIXELS) -> np.ndarray:
    """As ``read_label``, from the bytes of a file; `name` stands for it in errors."""
    return decoded(io.BytesIO(data), name, _ids, max_pixels)


def write_label(path: str | Path, label: np.ndarray, label_set: str = "helen", unknown: bool = False) -> None:
    """Writes ``encode_label``'s file."""
    files.write_bytes(path, encode_label(label, str(path), label_set, unknown))


def write_preview(path: str | Path, label: np.ndarray, label_set: str = "helen", unknown: bool = False) -> None:
    """Writes ``encode_preview``'s file."""
    files.write_bytes(path, encode_preview(label, str(path), label_set, unknown))


def encode_label(label: np.ndarray, name: str, label_set: str = "helen", unknown: bool = False) -> bytes:
    """Ids [H, W] of a label set as an 8-bit gray PNG that every reader understands; it looks black. `name` is for
    errors; `unknown` says whether there may be pixels of ``labels.UNKNOWN``."""
    labels.validate(label, label_set, name, unknown)
    return encode_png(label.astype(np.uint8))


def encode_preview(label: np.ndarray, name: str, label_set: str = "helen", unknown: bool = False) -> bytes:
    """Ids [H, W] of a label set as a palette PNG in the colours of ``labels.colourise``; its indices are the ids.
    `name` and `unknown` as for ``encode_label``."""
    labels.validate(label, label_set, name, unknown)
    ids = np.arange(labels.UNKNOWN + 1 if unknown else len(labels.legend(label_set)))
    picture = Image.fromarray(label.astype(np.uint8))
    picture.putpalette(labels.colourise(ids, label_set).tobytes())
    return _file_of(picture, "PNG")


def encode_png(array: np.ndarray) -> bytes:
    """PNG file of a uint8 array [H, W] (gray) or [H, W, 3] (RGB)."""
    return _encode(array, "PNG")


def encode_jpeg(image: np.ndarray, quality: int = 95) -> bytes:
    """JPEG file of a uint8 RGB image [H, W, 3] at `quality`, colours at full resolution."""
    return _encode(image, "JPEG", quality=quality, subsampling=0)


def encode_gif(frames: np.ndarray) -> bytes:
    """GIF file of uint8 RGB frames [N, H, W, 3], N at least 2, with 256 colours a frame: ``LOOP`` long, without end."""
    first, *others = map(Image.fromarray, frames)
    buffer = io.BytesIO()
    duration = max(20, round(LOOP / len(frames), -1))  # GIF counts in 10 ms, and players slow down what is below 20
    first.save(buffer, "GIF", save_all=True, append_images=others, duration=duration, loop=0)
    return buffer.getvalue()


def decode_frames(data: bytes, name: str) -> np.ndarray:
    """All frames of a GIF, uint8 RGB [N, H, W, 3], of ``MAX_PIXELS`` together; else as ``decode_image``."""
    return decoded(io.BytesIO(data), name, _frames)


def _encode(array: np.ndarray, kind: str, **options: Any) -> bytes:
    """The bytes of `array` as a file of format `kind`."""
    return _file_of(Image.fromarray(array), kind, **options)


def _file_of(picture: Image.Image, kind: str, **options: Any) -> bytes:
    """The bytes of a picture as a file of format `kind`."""
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def decoded(
    file: str | Path | io.BytesIO,
    name: str,
    convert: Callable[[ImageFile.ImageFile, str], Decoded],
    max_pixels: int = MAX_PIXELS,
) -> Decoded:
    """Opens `file` (a path or what it holds), checks its header and returns ``convert(picture, name)``.

    UserError for whatever is wrong with the file, in which `name` stands for it.
    """
    try:
        with open_picture(file, name) as picture:
            _check_size(picture, name, max_pixels)
            return convert(picture, name)
    except (UserError, MemoryError):
        raise
    except FileNotFoundError as error:
        raise UserError(f"{name}: there is no such file") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        pixels = int(
            "".join(filter(str.isdigit, str(error).partition(" pixels")[0]))
        )  # "Image size (N pixels) exceeds"
        raise _too_large(name, f"{pixels} pixels", pixels, max_pixels) from error
    except UnidentifiedImageError as error:
        raise UserError(f"{name}: not an image, or broken; allowed: {', '.join(FORMATS)}") from error
    except Exception as error:  # decoders raise many types, from OSError to SyntaxError, on broken files
        why = " ".join(str(error).split())
        raise UserError(f"{name}: broken or truncated image ({why}); copy or export it again") from error


def _check_size(picture: Image.Image, name: str, max_pixels: int, frames: int = 1) -> None:
    """Raises UserError if the header announces more pixels, in all frames together, than are allowed."""
    width, height = picture.size
    if frames * width * height > max_pixels:
        count = "" if frames == 1 else f"{frames} frames of "
        raise _too_large(name, f"{count}{width} x {height} pixels", frames * width * height, max_pixels)


def _too_large(name: str, size: str, pixels: int, max_pixels: int) -> UserError:
    """The message about a picture of `pixels` pixels, `size` in words."""
    return UserError(f"{name}: {size}, {_megapixels(pixels)}; allowed: {_megapixels(max_pixels)}; scale it down")


def _megapixels(pixels: int) -> str:
    """As in "50 megapixels"; what is above a limit is never said to be the limit."""
    return f"{math.ceil(pixels / MEGAPIXEL * 100) / 100:g} megapixels"


def _frames(picture: Image.Image, name: str) -> np.ndarray:
    """Decodes a GIF to uint8 RGB [N, H, W, 3]."""
    count = getattr(picture, "n_frames", 1)  # pictures of formats without animations have none
    _check_size(picture, name, MAX_PIXELS, count)
    return np.stack([np.array(frame.convert("RGB")) for frame in ImageSequence.Iterator(picture)])


def _rgb(picture: Image.Image, name: str) -> np.ndarray:
    """Decodes a picture to uint8 RGB [H, W, 3], upright."""
    return _picture(picture, name).image


def _picture(picture: Image.Image, name: str) -> Picture:
    """Decodes a picture, upright."""
    profile = picture.info.get("icc_profile")
    picture = ImageOps.exif_transpose(picture)
    if picture.mode == "F":
        raise UserError(f"{name}: a floating-point image; allowed: integers of 8 or 16 bits")
    if picture.mode.startswith("I"):  # 16-bit gray: keep the high byte, as Pillow does for 16-bit colour
        picture = Image.fromarray((np.clip(np.asarray(picture).astype(np.int64), 0, 65535) >> 8).astype(np.uint8))
    if picture.mode == "CMYK" and (inks := profiles.usable(profile, "CMYK", name)):
        return Picture(np.array(profiles.to_srgb(picture, inks)))
    of_gray = picture.mode in ("1", "L", "LA", "La") and (not isinstance(profile, bytes) or profile[16:20] != b"RGB ")
    mode = "L" if of_gray else "RGB"
    kept = None if picture.mode == "CMYK" else profiles.usable(profile, mode, name)
    pixels = np.array(picture.convert(mode + "A" if picture.has_transparency_data else mode))
    return Picture(pixels if pixels.ndim == 3 else pixels[..., None], kept)


def stored_numbers(picture: ImageFile.ImageFile) -> np.ndarray:
    """The numbers of a gray picture, or the indices of one with a palette, as the file holds them, int32 [H, W]."""
    raw_mode = picture.tile[0].args if picture.format == "PNG" and picture.tile else None
    numbers = np.array(picture).astype(np.int32)
    return numbers // _GRAY_STEP[raw_mode] if raw_mode in _GRAY_STEP else numbers


def _ids(picture: ImageFile.ImageFile, name: str) -> np.ndarray:
    """Decodes a label to uint8 ids [H, W]."""
    remedy = "save the class ids as an 8-bit gray or palette PNG"
    if picture.format in ("JPEG", "MPO"):
        raise UserError(f"{name}: a JPEG alters label values; {remedy}")
    if picture.mode not in ("1", "L", "P") and not picture.mode.startswith("I"):
        raise UserError(f"{name}: a label with colours (mode {picture.mode}), not class ids; {remedy}")
    ids = stored_numbers(picture)
    if ids.max() > 255 or ids.min() < 0:
        raise UserError(f"{name}: label values from {ids.min()} to {ids.max()}; allowed: 0 to 255; {remedy}")
    return ids.astype(np.uint8)
