"""Flows of a coarse grid, as networks give them, at the pixels of a finer one."""

from __future__ import annotations

import cv2
import numpy as np

from mgpe_tf.ops.cubic import cubic_matrix

SMOOTH = 512
"""Pixels a side to which a flow is enlarged by cubic convolution, whatever the size that is asked for: from there on
straight lines are as good, and much faster."""


def enlarged(flow: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A flow at the pixels of a finer frame of (height, width), smooth and in these pixels."""
    old = flow.shape[:2]
    smooth = [max(length, min(new, SMOOTH)) for length, new in zip(old, size)]
    rows, columns = (cubic_matrix(length, new) for length, new in zip(old, smooth))
    fine = np.stack([rows @ flow[..., axis] @ columns.T for axis in (0, 1)], axis=-1)
    if tuple(smooth) != tuple(size):
        fine = cv2.resize(fine, size[::-1], interpolation=cv2.INTER_LINEAR)
    return fine * np.array((size[1] / old[1], size[0] / old[0]), np.float32)
