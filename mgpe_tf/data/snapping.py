"""From the colours of a legend to classes: what smoothing, resizing and JPEG did to the borders is taken back.

A pixel on a smooth border is a mixture of the two classes beside it, and may well have the colour of a third: half way
from skin to background lies the colour of hair. So the nearest colour decides only where it is sure; every other pixel
goes to one of the sure classes around it, to whose colours, or to a mixture of two of which, its own is nearest.
"""

from __future__ import annotations

import itertools
from typing import NamedTuple

import cv2
import numpy as np

EXACT, NEAR, FAR = 4.0, 40.0, 60.0
"""Distances of RGB colours: what rounding makes of a legend's colour; what JPEG makes of it; what is no mixture."""

BEYOND = -0.25, 1.25
"""How far beyond two classes their mixtures reach: cubic interpolation overshoots."""

FLAT = 24
"""Largest difference in a channel within 3 x 3 pixels that no border runs through."""

REACH = 4, 64
"""Sure pixels are looked for so many pixels around the others, or the so manieth part of the shorter side if more."""

BAND = 1024
"""Rows that are read at once: large masks take a while, but little memory."""


class Snapped(NamedTuple):
    """The result of reading colours.

    Attributes:
      ids: uint8 [H, W], the classes: rows of the legend.
      foreign: bool [H, W], pixels inside of areas in a colour that is none of the legend's.
      unlike: bool [H, W], pixels that are neither near a colour of the legend nor a mixture of two around them.
    """

    ids: np.ndarray
    foreign: np.ndarray
    unlike: np.ndarray


def snap(picture: np.ndarray, legend: np.ndarray) -> Snapped:
    """Reads the classes off a picture in the colours of a legend.

    Args:
      picture: uint8 RGB [H, W, 3].
      legend: uint8 RGB [N, 3], at most 32 colours, one for each class.
    """
    height, width = picture.shape[:2]
    reach = max(REACH[0], -(-min(height, width) // REACH[1]))
    margin = 2 * reach + 2  # as far as one pixel has a say in another
    parts = []
    for top in range(0, height, BAND):
        start, bottom = max(0, top - margin), min(height, top + BAND)
        part = _snap(picture[start : bottom + margin], legend, reach)
        parts.append([array[top - start : bottom - start] for array in part])
    return Snapped(*map(np.concatenate, zip(*parts, strict=True)))


def _snap(picture: np.ndarray, legend: np.ndarray, reach: int) -> Snapped:
    """``snap`` of some rows, with sure pixels looked for `reach` pixels around the others."""
    ids, distance = _nearest(picture, legend)
    flat = _range(picture) <= FLAT
    foreign, unlike = np.zeros((2, *ids.shape), bool)
    sure = _supported(ids, distance <= EXACT, 3) | flat & (distance <= NEAR)
    open_ = np.nonzero(~sure & (distance > EXACT))
    if open_[0].size:
        # Thin lines that JPEG has touched are nowhere flat: their pixels are sure if no border explains their colour.
        mixed, _ = _mixtures(picture[open_], legend, _around(ids, sure, reach)[open_], ids[open_])
        thin = np.zeros_like(sure)
        thin[open_] = (distance[open_] <= NEAR) & (mixed > NEAR)
        sure |= _supported(ids, thin, 3)
        open_ = np.nonzero(~sure & (distance > EXACT))
        close, around = (_around(ids, sure, pixels)[open_] for pixels in (reach // 2, reach))
        mixed, classes = _mixtures(picture[open_], legend, close)
        further = mixed > NEAR
        mixed[further], classes[further] = _mixtures(picture[open_][further], legend, around[further])
        ids[open_] = classes
        unlike[open_] = mixed > FAR
        foreign[open_] = flat[open_] & (distance[open_] > NEAR) & (mixed > NEAR)
        foreign = cv2.erode(foreign.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=0) > 0
    return Snapped(ids, foreign, unlike)


def _nearest(picture: np.ndarray, legend: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The class of the nearest colour, uint8 [H, W], and how far it is, float32 [H, W]."""
    ids, far = np.zeros(picture.shape[:2], np.uint8), np.zeros(picture.shape[:2], np.float32)
    numbers = picture @ np.array([1 << 16, 1 << 8, 1], np.int32)
    others = np.ones(picture.shape[:2], bool)
    for label, number in enumerate((legend @ np.array([1 << 16, 1 << 8, 1], np.int32)).tolist()):
        own = numbers == number
        ids[own], others[own] = label, False
    pixels = picture[others].astype(np.float32)  # most masks have none, or few
    nearest, least = np.zeros(len(pixels), np.uint8), np.full(len(pixels), np.inf, np.float32)
    for label, colour in enumerate(legend.astype(np.float32)):
        distance = _squares(pixels - colour)
        nearest[distance < least] = label
        np.minimum(least, distance, out=least)
    ids[others], far[others] = nearest, np.sqrt(least)
    return ids, far


def _squares(differences: np.ndarray) -> np.ndarray:
    """The squared lengths [P] of float32 [P, 3]: several times as fast as numpy's sum over three numbers."""
    red, green, blue = np.square(differences).T
    squares: np.ndarray = red + green
    squares += blue
    return squares


def _range(picture: np.ndarray) -> np.ndarray:
    """The largest difference in a channel within the 3 x 3 pixels around each, uint8 [H, W]."""
    square = np.ones((3, 3), np.uint8)
    return (cv2.dilate(picture, square) - cv2.erode(picture, square)).max(-1)


def _supported(ids: np.ndarray, chosen: np.ndarray, least: int) -> np.ndarray:
    """The chosen pixels with `least` of their class within 3 x 3 pixels (3 in a line), bool [H, W]."""
    supported = np.zeros_like(chosen)
    for label in np.unique(ids[chosen]):
        own = (chosen & (ids == label)).astype(np.uint8)
        supported |= (own > 0) & (
            cv2.boxFilter(own, -1, (3, 3), normalize=False, borderType=cv2.BORDER_CONSTANT) >= least
        )
    return supported


def _around(ids: np.ndarray, sure: np.ndarray, reach: int) -> np.ndarray:
    """The sure classes at most `reach` pixels away, as the bits of uint32 [H, W]."""
    square, bits = np.ones((2 * reach + 1,) * 2, np.uint8), np.zeros(ids.shape, np.uint32)
    for label in np.unique(ids[sure]).tolist():
        bits |= cv2.dilate((sure & (ids == label)).astype(np.uint8), square).astype(np.uint32) << label
    return bits


def _mixtures(
    colours: np.ndarray, legend: np.ndarray, around: np.ndarray, without: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """How well pixels are explained by the classes around them.

    Args:
      colours: uint8 RGB [P, 3].
      legend: as for ``snap``.
      around: uint32 [P], bits of the classes.
      without: uint8 [P], a class that is not asked; None to ask all.

    Returns:
      float32 [P], the distance to the nearest mixture of two classes (infinite without a class), and uint8 [P], the
      nearer one of these two (without a class the one of the nearest colour).
    """
    if without is not None:
        around = around & ~(np.uint32(1) << without.astype(np.uint32))
    distances = np.full(len(colours), np.inf, np.float32)
    classes = _nearest(colours[None], legend)[0][0]
    for bits in np.unique(around).tolist():
        present = [label for label in range(len(legend)) if bits >> label & 1]
        (pixels,) = np.nonzero(around == bits)
        own = colours[pixels].astype(np.float32)
        for first, second in itertools.combinations(present, 2) if len(present) > 1 else [(p, p) for p in present]:
            start, way = legend[first].astype(np.float32), legend[second].astype(np.float32) - legend[first]
            share = np.clip((own - start) @ way / max(float(way @ way), 1), *BEYOND)
            distance = np.sqrt(_squares(own - start - share[:, None] * way))
            better = distance < distances[pixels]
            distances[pixels[better]] = distance[better]
            classes[pixels[better]] = np.where(share[better] < 0.5, first, second)
    return distances, classes
