"""The inside of a mouth that is closed in the photograph: nobody knows it, and networks draw a gray band.

A row of upper teeth is rendered that hangs from the upper lip, and the dark and a tongue below it.
"""

from __future__ import annotations

import cv2
import numpy as np

from mgpe_tf import labels
from mgpe_tf.editing.masks.regions import box_of, edges_of, fade, positions, smooth
from mgpe_tf.geometry import REFERENCE_SIZE

LEAST = 0.1
"""Share of the open mouth from which on what the photograph shows of it, its teeth, is all that there is to show."""

SIDES = np.array((0.0, 0.14, 0.245, 0.335, 0.41, 0.48))
"""Where one upper tooth ends and the next begins, in widths of the mouth from its middle."""

LENGTHS = np.array((0.085, 0.07, 0.075, 0.06, 0.05))
"""How far each tooth comes below the lip, in widths of the mouth."""

SHARP = 0.5
"""Standard deviation in pixels at 256x256 of a photograph's blur."""

TOOTH, DARK, TONGUE = np.array((0.98, 0.94, 0.86)), np.array((0.16, 0.07, 0.06)), np.array((0.46, 0.24, 0.23))
"""Colours under white light."""

BRIGHT = 90
"""Percentile of the eyes' brightness that is their white, which tells the light."""


RED = 1.15
"""Ratio of red to blue of skin from which on its light is not blue."""


def with_open_mouth(drawn: np.ndarray, mask: np.ndarray, image: np.ndarray, own: np.ndarray) -> np.ndarray:
    """A drawn portrait with a rendered mouth where the photograph's is closed and the mask's open.

    Args:
      drawn: uint8 RGB [S, S, 3], S a multiple of R.
      mask: on which it is drawn, uint8 [R, R] Helen ids.
      image, own: the photograph, uint8 RGB [R, R, 3], and its mask.

    Returns:
      uint8 [S, S, 3].
    """
    inside, known = mask == labels.INNER_MOUTH, own == labels.INNER_MOUTH
    box, new = box_of(mask, labels.MOUTH), inside & ~known
    if box is None or new.sum() < LEAST * inside.sum() or not new.any():
        return drawn
    times, width = len(drawn) // len(mask), box.right - box.left
    rows, columns = (each / times for each in positions(drawn[..., 0]))
    top, bottom = (_along(edge, columns[0], width) for edge in edges_of(inside))
    aside, depth = (columns - box.centre[1]) / width, (rows - top) / width
    light = _light(image, own)
    colours = _cavity(depth, np.maximum(bottom - top, 1e-3) / width, aside)
    if known.sum() < LEAST * inside.sum():
        shade, share = _teeth(aside, depth, width)
        colours += share[..., None] * (shade[..., None] * TOOTH - colours)
    colours = cv2.GaussianBlur(colours, (0, 0), SHARP * len(drawn) / REFERENCE_SIZE)
    soft = smooth(new, drawn.shape[:2])[..., None]
    opened: np.ndarray = np.clip(np.round(drawn + soft * (colours * light - drawn)), 0, 255).astype(np.uint8)
    return opened


def _light(image: np.ndarray, own: np.ndarray) -> np.ndarray:
    """The colour of white in a face's light, float [3], 0 to 255: the white of its eyes, else its brightest skin.

    Where skin is red, as it is in white light, white is not blue: then glasses shine before the eyes.
    """
    eyes, skin = image[np.isin(own, (labels.LEFT_EYE, labels.RIGHT_EYE))], image[own == labels.SKIN]
    pixels = eyes if len(eyes) else skin
    if not len(pixels):
        return np.full(3, 200.0)
    brightness = pixels.mean(axis=1)
    white = pixels[brightness >= np.percentile(brightness, BRIGHT)].mean(axis=0)
    if len(skin) and skin[:, 0].mean() > RED * skin[:, 2].mean():
        white = np.minimum(white, white[0])
    gray = max(white.mean(), 1.0)
    light: np.ndarray = (white + gray) / 2 * np.clip(gray, 110, 235) / gray
    return light


def _along(edge: np.ndarray, columns: np.ndarray, width: float) -> np.ndarray:
    """An edge of the open mouth, float [W] with NaN beside it, at other columns and smooth: float [1, S]."""
    known = np.flatnonzero(~np.isnan(edge))
    rough = np.interp(np.arange(len(edge)), known, edge[known]).astype(np.float32)
    smooth = cv2.GaussianBlur(rough[None], (0, 0), 0.04 * width, borderType=cv2.BORDER_REPLICATE)[0]
    along: np.ndarray = np.interp(columns, np.arange(len(edge)) + 0.5, smooth)[None]
    return along


def _cavity(depth: np.ndarray, height: np.ndarray, aside: np.ndarray) -> np.ndarray:
    """What lies behind the teeth, float [S, S, 3] under white light: dark, and a tongue lit from above."""
    tongue = (1 - fade(depth / height - 0.35, 0.6)) * fade(np.abs(aside) - 0.1, 0.25)
    colours: np.ndarray = DARK + (0.6 * tongue)[..., None] * (TONGUE - DARK)
    return colours


def _teeth(aside: np.ndarray, depth: np.ndarray, width: float) -> tuple[np.ndarray, np.ndarray]:
    """Brightness and share of the upper teeth, float [S, S] each; depth is below the lip, both in mouth widths."""
    number = np.clip(np.searchsorted(SIDES, np.abs(aside)) - 1, 0, len(LENGTHS) - 1)
    begin, end = SIDES[number], SIDES[number + 1]
    across = 2 * (np.abs(aside) - begin) / (end - begin) - 1
    length = LENGTHS[number] * (1 - 0.25 * np.abs(across) ** 5)
    pixel = 1 / width
    share = fade(depth - length + pixel / 2, 1.2 * pixel) * fade(np.abs(aside) - 0.38, 0.08)
    seam = 1 - 0.3 * np.exp(-(((1 - np.abs(across)) * (end - begin) / 2 / 0.008) ** 2))
    shaded = 0.55 + 0.35 * (1 - fade(depth, 0.05))
    return seam * shaded * (1 - 1.3 * np.abs(aside) ** 1.5), share
