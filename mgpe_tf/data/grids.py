"""Sample grids: pictures that people look at instead of numbers."""

from __future__ import annotations

import os

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from mgpe_tf.data.images import encode_png
from mgpe_tf.labels import colourise, legend
from mgpe_tf.labels import label_set as label_set_called
from mgpe_tf.storage.files import write_bytes

HEADER = 22
"""Height in pixels of the line of column names."""


def picture_grid(columns: dict[str, np.ndarray], smallest: int = 128) -> np.ndarray:
    """One row per sample, one named column per kind of picture.

    Args:
      columns: by name, float [B, R, R, 3] in [-1, 1] or integer [B, R, R] Helen ids (drawn in the palette).
      smallest: cells of fewer pixels are enlarged by a whole factor to at least this many.

    Returns:
      uint8 RGB [HEADER + B R', len(columns) R', 3].
    """
    strips = []
    for name, values in columns.items():
        cells = [_cell(value, smallest) for value in np.asarray(values)]
        header = Image.new("RGB", (cells[0].shape[1], HEADER), "white")
        ImageDraw.Draw(header).text((4, HEADER // 2), name, "black", ImageFont.load_default(13), anchor="lm")
        strips.append(np.concatenate([np.asarray(header), *cells]))
    return np.concatenate(strips, axis=1)


def legend_picture(label_set: str) -> np.ndarray:
    """The colours of a label set with the ids and names of their classes, one below the other, uint8 RGB."""
    names, colours = label_set_called(label_set).names, legend(label_set).tolist()
    picture = Image.new("RGB", (180, HEADER * len(names) + 8), "white")
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(13)
    for label, (name, colour) in enumerate(zip(names, colours, strict=True)):
        top = HEADER * label + 7
        draw.rectangle((8, top, 24, top + 16), tuple(colour), "black")
        draw.text((32, top + 8), f"{label} {name.replace('_', ' ')}", "black", font, anchor="lm")
    return np.asarray(picture)


def save_picture(path: str | os.PathLike, picture: np.ndarray) -> None:
    """Writes a uint8 RGB picture as PNG; see ``storage.files``."""
    write_bytes(path, encode_png(picture))


def _cell(value: np.ndarray, smallest: int) -> np.ndarray:
    if value.ndim == 2:
        value = colourise(value.astype(np.uint8))
    else:
        value = np.clip(np.round((value.astype(np.float32) + 1) * 127.5), 0, 255).astype(np.uint8)
    factor = -(-smallest // value.shape[0])
    return value.repeat(factor, axis=0).repeat(factor, axis=1)
