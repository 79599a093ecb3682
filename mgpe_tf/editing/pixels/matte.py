"""How far each pixel is hair: strands are finer than a mask."""

from __future__ import annotations

import cv2
import numpy as np

from mgpe_tf.editing.masks.regions import distance_from
from mgpe_tf.geometry import REFERENCE_SIZE

RADIUS = 6
"""Half the side in pixels at 256x256 of the windows in which hair is told from what surrounds it."""

ALIKE = 2e-4
"""Variance of colours, of 1, up to which a window shows no border: there the mask's is blurred."""

COARSE = 2
"""By how much fewer windows are looked at than there are pixels."""


def matte(image: np.ndarray, hair: np.ndarray) -> np.ndarray:
    """The guided filter of a mask by its portrait: in each window the share is a linear function of the colour (He,
    Sun and Tang, "Guided Image Filtering", 2010, section 3.5), found in a smaller picture (He and Sun, "Fast Guided
    Filter", 2015).

    Args:
      image: uint8 RGB [R, R, 3].
      hair: bool [R, R].

    Returns:
      float32 [R, R] in [0, 1].
    """
    colours, share = image.astype(np.float32) / 255, hair.astype(np.float32)
    small = [each // COARSE for each in share.shape[::-1]]
    side = 2 * round(RADIUS / COARSE * len(image) / REFERENCE_SIZE) + 1
    fewer, fewer_shares = (cv2.resize(each, small, interpolation=cv2.INTER_AREA) for each in (colours, share))
    line = _line(fewer, fewer_shares, side)
    line = cv2.resize(line, share.shape[::-1], interpolation=cv2.INTER_LINEAR)
    result: np.ndarray = np.clip((line[..., :3] * colours).sum(axis=-1) + line[..., 3], 0, 1)
    return result


def near(hair: np.ndarray, reach: float) -> np.ndarray:
    """Up to `reach` pixels at 256x256 from hair, bool [R, R], 1, a little farther 0, float32 [R, R]: there strands may
    be, and farther away what is alike is none."""
    scale = len(hair) / REFERENCE_SIZE
    where = (distance_from(hair) <= reach * scale).astype(np.float32)
    soft: np.ndarray = cv2.GaussianBlur(where, (0, 0), scale)
    return soft


def _line(colours: np.ndarray, share: np.ndarray, side: int) -> np.ndarray:
    """The linear function of the colours, float32 [h, w, 3], that is nearest to a share, float32 [h, w], in the windows
    about each pixel: three slopes and an offset, [h, w, 4], means of all windows with the pixel."""
    mean, mean_share = _means(colours, side), _means(share, side)
    pairs = (colours[..., :, None] * colours[..., None, :]).reshape(*share.shape, 9)
    covariance = _means(pairs, side).reshape(*share.shape, 3, 3) - mean[..., :, None] * mean[..., None, :]
    with_share = _means(colours * share[..., None], side) - mean * mean_share[..., None]
    slope = np.linalg.solve(covariance + ALIKE * np.eye(3, dtype=np.float32), with_share[..., None])[..., 0]
    offset = mean_share - (slope * mean).sum(axis=-1)
    return _means(np.concatenate([slope, offset[..., None]], axis=-1), side)


def _means(values: np.ndarray, side: int) -> np.ndarray:
    """The means over windows about each pixel, of each channel of float32 [h, w] or [h, w, C]."""
    channels = [np.ascontiguousarray(each) for each in np.moveaxis(np.atleast_3d(values), -1, 0)]
    means = [cv2.boxFilter(each, -1, (side, side), borderType=cv2.BORDER_REFLECT) for each in channels]
    return np.stack(means, axis=-1).reshape(values.shape)
