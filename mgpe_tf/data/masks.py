"""Masks from files of any program: class ids as gray levels, or a legend's colours; what cannot be meant is refused.

The one reader of painted masks for command line, page and HTTP API, and of the label files of data sets. A recipe holds
its masks in a format of their own (``provenance.recipe``).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageFile, ImageOps

from mgpe_tf import labels
from mgpe_tf.data import images
from mgpe_tf.data.snapping import EXACT, snap
from mgpe_tf.data.source import resize_label
from mgpe_tf.errors import UserError

LOSSY = ("JPEG", "MPO", "JPEG2000", "HEIF", "AVIF")
"""Formats that alter class ids, so that of them colours alone are read."""

FOREIGN, UNLIKE = 1e-4, 0.02
"""Largest shares of pixels in a foreign colour, and like no colour around them: poor JPEGs have 0 and 0.004."""

_WHITE = 255


def read_mask(path: str | Path, legend: np.ndarray = labels.PALETTE) -> np.ndarray:
    """Reads a mask that somebody painted, in its own size; ``fitted`` brings it to a portrait's.

    Gray levels, also as RGB, with alpha or of 16 bits, are ids. A palette PNG is read by its colours: its indices mean
    what an editor made of them. Smooth borders, JPEG and resizing are taken back (``snapping``). Transparent is
    background.

    Args:
      path: of the file.
      legend: colour of each class, uint8 RGB [N, 3]; ids go from 0 to N - 1.

    Returns:
      uint8 [H, W] ids.

    Raises:
      UserError: names the file, what was found and what is allowed: colours or levels that are none of the legend's,
        ids in a JPEG, black-and-white masks, and all that ``images.read_image`` refuses.
    """
    return images.decoded(path, str(path), lambda picture, name: _mask(picture, name, legend))


def decode_mask(
    data: bytes, name: str, legend: np.ndarray = labels.PALETTE, max_pixels: int = images.MAX_PIXELS
) -> np.ndarray:
    """As ``read_mask``, from the bytes of a file of at most `max_pixels`; `name` stands for it in errors."""
    return images.decoded(io.BytesIO(data), name, lambda picture, name: _mask(picture, name, legend), max_pixels)


def read_label(path: str | Path, legend: np.ndarray) -> np.ndarray:
    """Reads a label file of a data set, uint8 [H, W] ids as its makers numbered them; they are not checked.

    As ``read_mask``, but gray levels are ids whatever they are, and so are the indices of a palette of other colours
    than the legend's.

    Args:
      path: of the file.
      legend: colours that the data set's ids may be stored in, uint8 RGB [N, 3].
    """
    return images.decoded(path, str(path), lambda picture, name: _label(picture, name, legend))


def fitted(mask: np.ndarray, size: int, name: str) -> np.ndarray:
    """A mask [H, W] as a portrait's, uint8 [size, size]: of a larger one the majority in each cell counts.

    Raises UserError naming the mask if it is not square.
    """
    height, width = mask.shape
    if height != width:
        raise UserError(
            f"{name}: {width} x {height} pixels; allowed: squares, framed as the aligned portrait ({size} x {size}) or "
            "any times as large; edit crop and the page write such masks"
        )
    if height <= size:
        return resize_label(mask, size)
    middle = resize_label(mask, size)  # of a tie the pixel in the middle of the cell decides, as it favours no class
    most, winner = np.full((size, size), -1, np.float32), middle.copy()
    share_in_middle = np.zeros((size, size), np.float32)
    for label in np.unique(mask).tolist():
        own = (mask == label).astype(np.float32)
        share = cv2.resize(own, (size, size), interpolation=cv2.INTER_AREA)
        share_in_middle[middle == label] = share[middle == label]
        better = share > most
        winner[better], most[better] = label, share[better]
    return np.where(share_in_middle >= most - 1e-4, middle, winner)


def _mask(picture: ImageFile.ImageFile, name: str, legend: np.ndarray) -> np.ndarray:
    """Decodes a mask to uint8 ids [H, W], all of them checked."""
    levels = _levels(picture, name)
    if levels is not None and picture.mode == "1":
        levels = levels * _WHITE
    if levels is None and picture.mode == "P":
        levels = _gray_palette(picture, len(legend))
    if levels is None:
        return _by_colours(picture, name, legend)
    return _checked(levels, name, len(legend))


def _label(picture: ImageFile.ImageFile, name: str, legend: np.ndarray) -> np.ndarray:
    """Decodes a label to uint8 ids [H, W]."""
    levels = _levels(picture, name)
    if levels is None and picture.mode == "P" and not _has_colours_of(picture, legend):
        levels = np.array(picture)
    if levels is None:
        return _by_colours(picture, name, legend)
    if levels.max() > 255 or levels.min() < 0:
        raise UserError(f"{name}: label values from {levels.min()} to {levels.max()}; allowed: 0 to 255; {_REMEDY}")
    return levels.astype(np.uint8)


_REMEDY = "save the class ids as an 8-bit gray or palette PNG"


def _levels(picture: ImageFile.ImageFile, name: str) -> np.ndarray | None:
    """The gray levels of a picture, int [H, W], as its file holds them; None if it has colours or a palette.

    UserError for those of a JPEG, which are not what was saved.
    """
    levels, alpha = _gray(picture)
    if levels is None:
        return None
    if picture.format in LOSSY:
        raise UserError(f"{name}: a gray {picture.format}; it alters class ids; {_REMEDY}")
    if levels.size and levels.max() > 255 and not (levels % 257).any():
        levels = levels // 257  # 8 bits that an editor has spread over 16
    return levels if alpha is None else np.where(alpha < 128, 0, levels)


def _gray(picture: ImageFile.ImageFile) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Levels and alpha of a picture without colours; None for what it has not."""
    if picture.mode in ("1", "L") or picture.mode.startswith("I"):
        return images.stored_numbers(picture), None
    if picture.mode == "LA":
        levels, alpha = np.moveaxis(np.array(picture), -1, 0)
        return levels.astype(np.int32), alpha
    if picture.mode in ("RGB", "RGBA"):
        channels = np.array(picture)
        if (channels[..., 0] == channels[..., 1]).all() and (channels[..., 0] == channels[..., 2]).all():
            return channels[..., 0].astype(np.int32), channels[..., 3] if picture.mode == "RGBA" else None
    return None, None


def _gray_palette(picture: ImageFile.ImageFile, count: int) -> np.ndarray | None:
    """The ids, or the gray levels, int [H, W], that a palette of grays stands for; None if it has colours."""
    indices, palette = np.array(picture), _palette(picture)
    used = np.unique(indices)
    colours = palette[used].astype(np.int32)
    if (colours != colours[:, :1]).any():
        return None
    levels = colours[:, 0]
    # Levels in the order of the indices: small ids made visible. In any other order nobody knows.
    if levels.max() >= count and used.max() < count and (np.diff(levels) > 0).all() and set(levels) != {0, _WHITE}:
        return indices.astype(np.int32)
    return palette[indices, 0].astype(np.int32)


def _palette(picture: ImageFile.ImageFile) -> np.ndarray:
    """The palette of a picture, uint8 RGB [256, 3], black beyond its end."""
    colours = np.array(picture.getpalette("RGB") or [0, 0, 0], np.uint8).reshape(-1, 3)
    return np.concatenate([colours, np.zeros((256 - len(colours), 3), np.uint8)])


def _has_colours_of(picture: ImageFile.ImageFile, legend: np.ndarray) -> bool:
    """Whether half of the colours of a picture's palette that are in use, black not counted, are the legend's."""
    colours = _palette(picture)[np.unique(np.array(picture))].astype(np.int32)
    colours = colours[colours.any(-1)]
    distances = np.linalg.norm(colours[:, None] - legend[None].astype(np.int32), axis=-1)
    return len(colours) > 0 and (distances.min(-1) <= EXACT).mean() >= 0.5


def _by_colours(picture: ImageFile.ImageFile, name: str, legend: np.ndarray) -> np.ndarray:
    """The classes whose colours a picture has, uint8 [H, W]; transparent is the first of them, background."""
    upright: Image.Image = ImageOps.exif_transpose(picture)
    if upright.has_transparency_data:
        upright = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", upright.size, tuple(legend[0].tolist())), upright)
    pixels = np.array(upright.convert("RGB"))
    ids, foreign, unlike = snap(pixels, legend)
    if foreign.mean() > FOREIGN or unlike.mean() > UNLIKE:
        found = _most(pixels[foreign if foreign.any() else unlike])
        raise UserError(
            f"{name}: {max(foreign.mean(), unlike.mean()):.2%} of the pixels in colours far from the legend's, such as "
            f"{', '.join(map(str, found))}; allowed: {_described(legend)}; or gray levels 0 to {len(legend) - 1}, the "
            "ids of the classes"
        )
    return ids


def _most(colours: np.ndarray, count: int = 3) -> list[tuple[int, ...]]:
    """The most frequent of some colours uint8 [P, 3]."""
    numbers, counts = np.unique(colours @ np.array([1 << 16, 1 << 8, 1], np.int32), return_counts=True)
    found = numbers[np.argsort(-counts, kind="stable")[:count]].tolist()
    return [(number >> 16, number >> 8 & 255, number & 255) for number in found]


def _described(legend: np.ndarray) -> str:
    """The colours of a legend, in a line."""
    return ", ".join(f"{label} {tuple(colour)}" for label, colour in enumerate(legend.tolist()))


def _checked(levels: np.ndarray, name: str, count: int) -> np.ndarray:
    """Gray levels int [H, W] as uint8 ids; UserError if some are no ids from 0 to `count` - 1."""
    values, counts = np.unique(levels, return_counts=True)
    if values.size and values[0] >= 0 and values[-1] < count:
        return levels.astype(np.uint8)
    bad = (values < 0) | (values >= count)
    raise UserError(
        f"{name}: {labels.listed(values[bad], counts[bad])}; allowed: ids 0 to {count - 1}; {_cause(values.tolist())}"
    )


def _cause(values: Sequence[int]) -> str:
    """Why gray levels may be no ids, and what to do."""
    if len(values) <= 2 and values[-1] == _WHITE:
        return "a black-and-white (0/255) mask says not which class is meant: paint on the mask that edit crop writes"
    if len(values) > 24:
        return "a gray photograph, or a mask resized or saved with loss: paint in the legend's colours instead"
    return "save the class ids as gray levels, or paint in the legend's colours"
