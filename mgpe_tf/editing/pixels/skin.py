"""Skin that goes on where hair or another thing hid it: smooth as the skin around it, with that skin's grain."""

from __future__ import annotations

import cv2
import numpy as np

from mgpe_tf.editing.masks.regions import distance_from, nearest
from mgpe_tf.editing.pixels.fill import averaged, filled
from mgpe_tf.geometry import REFERENCE_SIZE

MARGIN = 6.0
"""Pixels at 256x256 beside a hole that are not trusted: strands and shadows reach over it."""

RIM = 3.0
"""Pixels at 256x256 of the border of skin that are not trusted anywhere: lashes, brows and lips reach over it."""

FAR = 18.0
"""Pixels at 256x256 from known skin at which the face's lit colour counts more than that of the nearest skin, which
hair may have shaded."""

LIGHT = 10.0
"""Standard deviation in pixels at 256x256 over which a guess is made as light as what is seen."""

FAINT = 0.02
"""Weight of the mean over all that is seen, against what is seen all around."""

FINE = 0.7
"""Standard deviation in pixels of the blur of grain."""

ALONG = 8.0
"""Pixels at 256x256 beside features and hair, where lashes, creases and strands are."""

STRAND = 9
"""Pixels at 256x256 that are wider than a strand or its shadow, which is left before the skin where hair was."""

DARKER = 8.0
"""Levels by which a strand is darker than the skin on both its sides."""

USUAL = 90
"""Percentile of what skin farther away has of such lines, its grain and wrinkles, of which none is taken for one."""

THING = 60.0
"""Levels by which the rims of glasses, which are no strands, are darker somewhere."""

STRAY = 24.0
"""Pixels at 256x256 from a hole within which strands are looked for."""

GRAIN = 2.5
"""Standard deviation in pixels at 256x256 of the blur that tells grain from shading."""


def continued(image: np.ndarray, skin: np.ndarray, hole: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What continues skin in a hole.

    Args:
      image: uint8 RGB [R, R, 3].
      skin: bool [R, R], what of it is skin.
      hole: bool [R, R], where skin is wanted.

    Returns:
      uint8 [R, R, 3], and where it is to be shown: float32 [R, R] in [0, 1], all 0 without any skin to go by.
    """
    scale = len(image) / REFERENCE_SIZE
    width = 2 * round(MARGIN * scale) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    beside = (cv2.dilate(hole.astype(np.uint8), kernel) > 0) | strands(image, skin, hole)
    known = without_rim(skin) & ~beside
    if not known.any() or not hole.any():
        return image, np.zeros(hole.shape, np.float32)
    pixels = image.astype(np.float32)
    shading = averaged(pixels, known, GRAIN * scale)
    brightness = pixels[known].mean(axis=1)
    typical = pixels[known][brightness >= np.median(brightness)].mean(axis=0)
    away = distance_from(known)
    near = np.exp(-np.square(away / (FAR * scale)))[..., None]
    whole = typical + (0.3 + 0.7 * near) * (filled(shading, known) - typical)
    whole += _mirrored(_plain(pixels - shading, known), known)
    shown = cv2.GaussianBlur((beside & (hole | skin)).astype(np.float32), (0, 0), scale)
    return np.clip(np.round(whole), 0, 255).astype(np.uint8), shown


def joined(image: np.ndarray, skin: np.ndarray, guess: np.ndarray, others: np.ndarray) -> np.ndarray:
    """A guess of what is hidden in the light of what is seen, over some distance, and with the grain of skin.

    Args:
      image: uint8 RGB [R, R, 3].
      skin: bool [R, R], what of it is skin that can be trusted.
      guess: smooth, float32 [R, R, 3].
      others: bool [R, R], features and hair, beside which there is more on skin than grain.

    Returns:
      uint8 [R, R, 3].
    """
    scale, pixels = len(image) / REFERENCE_SIZE, image.astype(np.float32)
    if not skin.any():
        return np.round(guess).astype(np.uint8)
    light = averaged(pixels - guess, skin, LIGHT * scale, FAINT)
    plain = skin & (distance_from(others) > ALONG * scale)
    grain = np.abs(pixels - averaged(pixels, skin, GRAIN * scale)).mean(axis=2)
    spread = np.median(grain[plain]) if plain.any() else 0.0  # next to nothing of pores and creases
    noise = cv2.GaussianBlur(np.random.default_rng(0).standard_normal(skin.shape).astype(np.float32), (0, 0), FINE)
    whole: np.ndarray = np.clip(np.round(guess + light + spread * (noise / noise.std())[..., None]), 0, 255)
    return whole.astype(np.uint8)


def without_rim(part: np.ndarray) -> np.ndarray:
    """A part, bool [R, R], without its rim, where other things reach over it."""
    width = 2 * round(RIM * len(part) / REFERENCE_SIZE) + 1
    inner: np.ndarray = cv2.erode(part.astype(np.uint8), np.ones((width, width), np.uint8)) > 0
    return inner


def strands(image: np.ndarray, skin: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """Thin dark lines on skin around a hole, and what is next to them: bool [R, R]."""
    scale = len(image) / REFERENCE_SIZE
    wide = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * round(STRAND * scale / 2) + 1,) * 2)
    brightness = cv2.GaussianBlur(image.mean(axis=2).astype(np.float32), (0, 0), scale)
    darker = cv2.morphologyEx(brightness, cv2.MORPH_BLACKHAT, wide)
    inner = without_rim(skin)
    away = distance_from(hole)
    usual = darker[inner & (away >= STRAY * scale)]
    near = skin & (away < STRAY * scale) & (inner | (away < MARGIN * scale))
    least = max(DARKER, float(np.percentile(usual, USUAL)) if len(usual) else 0.0)
    count, pieces = cv2.connectedComponents((near & (darker > least)).astype(np.uint8))
    things = [i for i in range(1, count) if darker[pieces == i].max() >= THING]
    lines = ((pieces > 0) & ~np.isin(pieces, things)).astype(np.uint8)
    return cv2.dilate(lines, np.ones((2 * round(2 * scale) + 1,) * 2, np.uint8)) > 0


def _plain(grain: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Grain without what is more than that: lashes, strands, wrinkles."""
    most = 2 * grain[known].std(axis=0)
    plain: np.ndarray = np.clip(grain, -most, most)
    return plain


def _mirrored(grain: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Grain float32 [H, W, 3] mirrored at the border of what is known; 0 where its mirror image is not known, too."""
    rows, columns = np.indices(known.shape)
    near_rows, near_columns = nearest(known)
    height, width = known.shape
    r, c = np.clip(2 * near_rows - rows, 0, height - 1), np.clip(2 * near_columns - columns, 0, width - 1)
    return np.where(known[r, c][..., None], grain[r, c], 0)
