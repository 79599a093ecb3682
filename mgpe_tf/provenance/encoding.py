"""Encoding a picture with its marks.

The pixels are encoded first and hashed as they will be decoded, and the marks are put in front of them afterwards. So a
recipe always tells the hash of the very pixels of its file, also of a JPEG's, which differ from those that went in.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
from pathlib import Path

import numpy as np
from PIL import Image

from mgpe_tf.data import images
from mgpe_tf.errors import UserError
from mgpe_tf.provenance import containers, marks, xmp
from mgpe_tf.provenance.hashes import sha256_of_pixels
from mgpe_tf.provenance.kept import Kept
from mgpe_tf.provenance.recipe import Output, Recipe
from mgpe_tf.storage import files
from mgpe_tf.version import __version__

FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".gif": "GIF"}
"""Formats that can carry marks, by file name ending in lower case."""

MAX_XMP = {"JPEG": 65502, "GIF": xmp.MAX_PACKET}
"""Largest XMP packet in a file in bytes; of a JPEG by the XMP specification, part 3."""


@dataclasses.dataclass(frozen=True)
class Marked:
    """A picture as a file with marks.

    Attributes:
      data: bytes of the file.
      recipe: the recipe with its output; None if there was none.
      beside: the recipe in JSON if it is too large for the file, which then holds its hash; else None. It belongs into
        ``marks.recipe_path``.
    """

    data: bytes
    recipe: Recipe | None = None
    beside: str | None = None


def encode(
    image: np.ndarray,
    source_type: str,
    recipe: Recipe | None = None,
    format: str = "PNG",
    kept: Kept = Kept(),
    quality: int = 95,
) -> Marked:
    """Encodes a picture with its marks.

    Args:
      image: uint8 [H, W, C], gray or RGB, in a PNG perhaps with alpha; for a GIF the frames [N, H, W, 3].
      source_type: ``marks.EDITED`` or ``marks.GENERATED``.
      recipe: how it was made; its output is filled in here.
      format: "PNG", "JPEG" or "GIF".
      kept: metadata of the original, by ``kept.kept_from``.
      quality: of a JPEG, 1 to 100; its colours stay at full resolution.
    """
    data = encode_pixels(image, format, kept.profile, quality)
    document = None
    if recipe is not None:
        pixels = image if format == "PNG" else decode_pixels(data, "the encoded picture")
        height, width = image.shape[-3:-1]
        recipe = dataclasses.replace(recipe, output=Output(sha256_of_pixels(pixels), width, height, format))
        document = recipe.to_json()
    add_marks = _mark_png if format == "PNG" else _mark_by_xmp
    data, beside = add_marks(data, _properties(source_type, kept), document)
    return Marked(data, recipe, beside)


def decode_pixels(data: bytes, name: str) -> np.ndarray:
    """The pixels of a file, of which recipes hold the hash: uint8 [H, W, C] (``Picture.pixels``), of a GIF all frames
    [N, H, W, 3]."""
    if containers.format_of(data) == "GIF":
        return images.decode_frames(data, name)
    return images.decode_picture(data, name).pixels


def format_for(path: str | Path) -> str:
    """The format for a file name by its ending. Raises UserError for one that cannot carry marks."""
    ending = Path(path).suffix.lower()
    if ending not in FORMATS:
        raise UserError(f"{path}: pictures are written with their marks; allowed endings: {', '.join(FORMATS)}")
    return FORMATS[ending]


def write(path: str | Path, marked: Marked) -> list[Path]:
    """Writes the picture, and its recipe beside it if it has to; gives the files. Raises WriteError."""
    written = {Path(path): marked.data}
    if marked.beside is not None:
        written[marks.recipe_path(path)] = marked.beside.encode()
    files.write_together(written)
    return list(written)


def encode_pixels(image: np.ndarray, format: str, profile: bytes | None = None, quality: int = 95) -> bytes:
    """The picture as a file without marks; arguments as for ``encode``, and an ICC profile (not for a GIF)."""
    if (format == "GIF") != (image.ndim == 4):
        raise UserError(
            f"a {format} of an array {list(image.shape)}; allowed: PNG and JPEG of a picture [H, W, 3], "
            "GIF of an animation [N, H, W, 3]"
        )
    if format == "GIF":
        return images.encode_gif(image)
    options = {"quality": quality, "subsampling": 0} if format == "JPEG" else {}
    buffer = io.BytesIO()
    picture = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
    picture.save(buffer, format, icc_profile=profile, **options)
    return buffer.getvalue()


def _properties(source_type: str, kept: Kept) -> dict[str, str]:
    """XMP properties but for the recipe. The last two are of IPTC Photo Metadata 2025.1."""
    properties = {
        marks.SOURCE_TYPE: source_type,
        marks.TOOL: f"mgpe_tf {__version__}",
        "dc:creator": kept.creator,
        "dc:rights": kept.copyright,
        "Iptc4xmpExt:AISystemUsed": "mgpe_tf",
        "Iptc4xmpExt:AISystemVersionUsed": __version__,
    }
    return {name: value for name, value in properties.items() if value}


def _mark_png(data: bytes, properties: dict[str, str], document: str | None) -> tuple[bytes, None]:
    """A PNG with XMP and the recipe as iTXt chunks: it always fits."""
    texts = {marks.XMP_KEYWORD: xmp.write(properties), marks.RECIPE_KEYWORD: document}
    chunks = [
        containers.png_chunk(b"iTXt", containers.international_text(keyword, text))
        for keyword, text in texts.items()
        if text is not None
    ]
    return containers.insert(data, chunks), None


def _mark_by_xmp(data: bytes, properties: dict[str, str], document: str | None) -> tuple[bytes, str | None]:
    """A JPEG or GIF with the recipe inside its XMP; or with the recipe's hash there, and the recipe."""
    gif, beside = containers.format_of(data) == "GIF", None
    packet = xmp.write({**properties, marks.RECIPE: document} if document else properties).encode()
    if document and len(packet) > MAX_XMP["GIF" if gif else "JPEG"]:
        beside, digest = document, hashlib.sha256(document.encode()).hexdigest()
        packet = xmp.write({**properties, marks.RECIPE_SHA256: digest}).encode()
    if gif:
        return containers.insert(data, [containers.gif_xmp_block(packet)]), beside
    segment = containers.jpeg_segment(containers.APP1, marks.XMP_HEADER + packet)
    return containers.insert(data, [segment]), beside
