"""Ends of hair that an edit cuts off: strands of different lengths, not one straight line."""

from __future__ import annotations

import cv2
import numpy as np

from mgpe_tf.editing.masks.regions import box_of, distance_from
from mgpe_tf.geometry import REFERENCE_SIZE

SHORTER = 9.0
"""Pixels at 256x256 by which the shortest strands end above the longest."""

TIP = 2.0
"""Pixels at 256x256 over which a strand ends."""

ALONG = 12
"""Pixels at 256x256 along strands, each way, over which they are as long as each other."""

THICK = 0.8
"""Standard deviation in pixels at 256x256 of strands that end together."""

DIRECTION = 3.0
"""The same of the surroundings that tell which way strands run."""

NORMAL = 1.702
"""By which the logistic function is nearest to the distribution of normal numbers (Bowling et al. 2009)."""


def strand_ends(portrait: np.ndarray, hair: np.ndarray, beyond: np.ndarray) -> np.ndarray:
    """How far hair is shown whose strands are cut off.

    Args:
      portrait: uint8 RGB [R, R, 3], with the hair before it is cut.
      hair: bool [R, R], what is left of it.
      beyond: bool [R, R], where it would go on.

    Returns:
      float32 [R, R] in [0, 1]: 0 where it would go on, 1 but for ``SHORTER`` pixels beside that, less where strands
      run along the cut; the same at every call.
    """
    scale, shares = len(hair) / REFERENCE_SIZE, np.ones(hair.shape, np.float32)
    away = distance_from(beyond).astype(np.float32) / scale
    box = box_of((hair & (away < SHORTER + TIP)).astype(np.uint8), (1,))
    if box is None:
        return shares
    margin = round(ALONG * scale)
    part = (
        slice(max(int(box.top) - margin, 0), int(box.bottom) + margin),
        slice(max(int(box.left) - margin, 0), int(box.right) + margin),
    )
    along, even = _directions(portrait[part], scale), cv2.GaussianBlur(away[part], (0, 0), DIRECTION * scale)
    out = np.stack([cv2.Sobel(even, -1, 1, 0), cv2.Sobel(even, -1, 0, 1)], axis=-1)
    across = np.abs((along * out).sum(axis=-1)) / np.maximum(np.hypot(out[..., 0], out[..., 1]), 1e-6)
    shares[beyond] = 0
    noise = np.random.default_rng(0).standard_normal(hair.shape).astype(np.float32)
    by_strand = _by_strand(along, cv2.GaussianBlur(noise, (0, 0), THICK * scale)[part], round(ALONG * scale))
    shares[part] = np.clip((away[part] - SHORTER * across * by_strand) / TIP, 0, 1)
    return shares


def _by_strand(along: np.ndarray, noise: np.ndarray, steps: int) -> np.ndarray:
    """A number for each strand, float32 [h, w], nearly evenly spread over (0, 1): noise smeared by some pixels the ways
    that strands run, [h, w, 2] (line integral convolution, Cabral and Leedom 1993)."""
    total, here = noise.copy(), np.stack(np.meshgrid(*map(np.arange, noise.shape[::-1])), axis=-1).astype(np.float32)
    for way in (1, -1):
        at, heading = here.copy(), np.float32(way) * along
        for _ in range(steps):
            at += heading
            total += cv2.remap(noise, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
            step = cv2.remap(along, at[..., 0], at[..., 1], cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
            heading = np.where((step * heading).sum(axis=-1, keepdims=True) < 0, -step, step)
    numbers: np.ndarray = 1 / (1 + np.exp(-NORMAL * total / max(float(total.std()), 1e-6)))
    return numbers


def _directions(portrait: np.ndarray, scale: float) -> np.ndarray:
    """Which way strands run, unit vectors (right, down), float32 [R, R, 2]: the direction in which brightness changes
    least about each place, by its structure tensor."""
    bright = cv2.GaussianBlur(portrait.mean(axis=2).astype(np.float32), (0, 0), scale)
    right, down = cv2.Sobel(bright, -1, 1, 0), cv2.Sobel(bright, -1, 0, 1)
    xx, yy, xy = (
        cv2.GaussianBlur(product, (0, 0), DIRECTION * scale) for product in (right * right, down * down, right * down)
    )
    angle = 0.5 * np.arctan2(2 * xy, xx - yy) + np.pi / 2
    return np.stack([np.cos(angle), np.sin(angle)], axis=-1).astype(np.float32)
