"""Pictures of an evaluation: which classes are taken for which, and portraits in captioned rows."""

from __future__ import annotations

import dataclasses
import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from mgpe_tf.data.grids import HEADER, picture_grid
from mgpe_tf.labels import colourise, legend
from mgpe_tf.labels import label_set as label_set_called

CELL = (72, 44)
"""Width and height in pixels of a cell of the confusion matrix."""

MARGIN = (150, 70)
"""Width of the row names and height of the column names of the confusion matrix."""

CAPTION = 200
"""Width in pixels of the captions beside the portraits."""

LEGEND, IN_A_LINE = 30, 11
"""Height in pixels of a line that names colours, and how many it has."""

_FULL = np.array([16, 78, 139])


@dataclasses.dataclass(frozen=True)
class Gallery:
    """Portraits in captioned rows.

    Attributes:
      title: what it shows, in a few words.
      captions: a text of one or more lines per portrait.
      columns: by name, pictures uint8 RGB [B, R, R, 3] or masks uint8 [B, R, R].
      label_set: of the masks.
    """

    title: str
    captions: Sequence[str]
    columns: Mapping[str, np.ndarray]
    label_set: str = "helen"


def confusion_picture(confusion: np.ndarray, label_set: str = "helen") -> np.ndarray:
    """The confusion matrix with each row divided by its sum, uint8 RGB.

    A cell holds the percentage of the row's pixels that were read as the column; below 0.05 it stays empty.

    Args:
      confusion: counts [C, C], row = label, column = prediction. A class that does not occur has an empty row.
      label_set: whose classes they are.
    """
    names, colours = label_set_called(label_set).names, legend(label_set)
    total = confusion.sum(axis=1, keepdims=True)
    shares = confusion / np.maximum(total, 1)
    width, height = (margin + cell * len(names) + 10 for margin, cell in zip(MARGIN, CELL, strict=True))
    picture = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(picture)
    draw.text((10, 12), "label, % of its\npixels read as", "black", _font(14))
    for index, name in enumerate(names):
        x, y = _corner(index, index)
        draw.multiline_text(
            (x + CELL[0] / 2, MARGIN[1] - 8), name.replace("_", "\n"), "black", _font(13), "md", align="center"
        )
        _swatch(draw, (MARGIN[0] - 26, y + CELL[1] // 2 - 8), colours[index])
        draw.text((MARGIN[0] - 34, y + CELL[1] / 2), name.replace("_", " "), "black", _font(14), "rm")
    for row, column in np.ndindex(shares.shape):
        _paint_cell(draw, row, column, float(shares[row, column]))
    return np.asarray(picture)


def sheet(gallery: Gallery) -> np.ndarray:
    """A row per portrait, its caption first, under the names of the columns and the classes' colours; uint8 RGB."""
    pictures = {name: v if v.ndim == 4 else colourise(v, gallery.label_set) for name, v in gallery.columns.items()}
    grid = picture_grid({name: _signed(v) for name, v in pictures.items()}, smallest=192)
    top = LEGEND * -(-len(legend(gallery.label_set)) // IN_A_LINE)
    picture = Image.new("RGB", (CAPTION + grid.shape[1], top + grid.shape[0]), "white")
    picture.paste(Image.fromarray(grid), (CAPTION, top))
    draw = ImageDraw.Draw(picture)
    _paint_legend(draw, picture.width, gallery.label_set)
    height = (grid.shape[0] - HEADER) // len(gallery.captions)
    for row, caption in enumerate(gallery.captions):
        lines = [part for line in caption.splitlines() for part in textwrap.wrap(line, 24)]
        draw.multiline_text((10, top + HEADER + row * height + 10), "\n".join(lines), "black", _font(15))
    return np.asarray(picture)


def before_and_after(names: Sequence[str], photographs: np.ndarray, edited: np.ndarray) -> np.ndarray:
    """Photographs uint8 RGB [B, R, R, 3] in a row under their names, below each the edited one; uint8 RGB."""
    pairs = np.stack([photographs, edited], axis=1)
    return picture_grid({name: _signed(pair) for name, pair in zip(names, pairs, strict=True)}, smallest=192)


def _corner(row: int, column: int) -> tuple[int, int]:
    """Left and top of a cell of the matrix."""
    return MARGIN[0] + column * CELL[0], MARGIN[1] + row * CELL[1]


def _paint_cell(draw: ImageDraw.ImageDraw, row: int, column: int, share: float) -> None:
    x, y = _corner(row, column)
    strength = share**0.5  # small confusions stay visible
    colour = tuple(np.round(255 + strength * (_FULL - 255)).astype(int).tolist())
    draw.rectangle((x, y, x + CELL[0], y + CELL[1]), colour, (200, 200, 200))
    if share >= 0.0005:
        ink = "white" if strength > 0.6 else "black"
        draw.text((x + CELL[0] / 2, y + CELL[1] / 2), f"{100 * share:.1f}", ink, _font(14), "mm")


def _paint_legend(draw: ImageDraw.ImageDraw, width: int, label_set: str) -> None:
    """The name of each colour, in lines over the whole width."""
    step = width // IN_A_LINE
    for index, (name, colour) in enumerate(zip(label_set_called(label_set).names, legend(label_set), strict=True)):
        row, column = divmod(index, IN_A_LINE)
        _swatch(draw, (column * step + 8, row * LEGEND + 7), colour)
        draw.text((column * step + 30, (row + 0.5) * LEGEND), name.replace("_", " "), "black", _font(13), "lm")


def _swatch(draw: ImageDraw.ImageDraw, corner: tuple[int, int], colour: np.ndarray) -> None:
    """A square of 16 pixels in the colour of a class."""
    x, y = corner
    draw.rectangle((x, y, x + 16, y + 16), tuple(colour.tolist()), "black")


def _signed(images: np.ndarray) -> np.ndarray:
    """Levels as ``picture_grid`` takes them, float32 in [-1, 1]."""
    return images.astype(np.float32) / 127.5 - 1


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
