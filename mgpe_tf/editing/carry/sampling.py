"""Pictures and masks along a flow: each pixel read once, where the flow points."""

from __future__ import annotations

import cv2
import numpy as np

STRIP = 2**21
"""Pixels that are sampled at a time, so that a photograph of any size needs little memory for their positions."""

REACH = 2**15 - 1
"""OpenCV's limit of a picture's height and width in pixels."""


def sampled(photograph: np.ndarray, flow: np.ndarray, corner: tuple[int, int] = (0, 0)) -> np.ndarray:
    """A photograph's pixels carried along a flow, by Lanczos's kernel of eight pixels.

    Where the flow is 0 the pixels are the photograph's, bit for bit. Beyond its borders the photograph is mirrored
    (d c b a | a b c d), so a flow near them brings in no streaks.

    Args:
      photograph: uint8, uint16 or float32 [H, W] or [H, W, C].
      flow: float32 [h, w, 2], (right, down) in the photograph's pixels.
      corner: (row, column) of the flow's first pixel in the photograph.

    Returns:
      [h, w] or [h, w, C] in the photograph's type.

    Raises:
      ValueError: a photograph of more than 32,767 pixels a side.
    """
    if max(*photograph.shape[:2], *flow.shape[:2]) > REACH:
        raise ValueError(f"a photograph of {photograph.shape[1]} x {photograph.shape[0]} pixels; allowed: {REACH} each")
    height, width = flow.shape[:2]
    result = np.empty((height, width, *photograph.shape[2:]), photograph.dtype)
    rows = max(STRIP // width, 1)
    for top in range(0, height, rows):
        part = flow[top : top + rows]
        x, y = _sources(part, (corner[0] + top, corner[1]))
        strip = cv2.remap(photograph, x, y, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REFLECT)
        result[top : top + rows] = strip.reshape(result[top : top + rows].shape)
    return result


def moved_mask(mask: np.ndarray, flow: np.ndarray) -> np.ndarray:
    """A mask, uint8 [H, W], carried along a flow [H, W, 2], without blending; mirrored beyond its borders."""
    return cv2.remap(mask, *_sources(flow), cv2.INTER_NEAREST, borderMode=cv2.BORDER_REFLECT)


def _sources(flow: np.ndarray, corner: tuple[int, int] = (0, 0)) -> tuple[np.ndarray, np.ndarray]:
    """Where each pixel is read, x and y, float32 [h, w] each."""
    height, width = flow.shape[:2]
    rows, columns = np.arange(height, dtype=np.float32)[:, None], np.arange(width, dtype=np.float32)
    return columns + (flow[..., 0] + np.float32(corner[1])), rows + (flow[..., 1] + np.float32(corner[0]))


def agreement(moved: np.ndarray, target: np.ndarray, low: float = 0.3, high: float = 0.7) -> np.ndarray:
    """Where a carried mask is what it should be, so that carried pixels can be shown there.

    Args:
      moved, target: uint8 [H, W].
      low, high: shares of the pixels about a place, by a Gaussian of 1 pixel, at which the result begins to rise from
        0, and at which it is 1.

    Returns:
      float32 [H, W] in [0, 1].
    """
    share = cv2.GaussianBlur((moved == target).astype(np.float32), (0, 0), 1.0, borderType=cv2.BORDER_REFLECT)
    shares: np.ndarray = np.clip((share - low) / (high - low), 0, 1)
    return shares
