"""Flows of pictures: put together, enlarged, laid over a photograph, and measured.

A flow is float32 [H, W, 2], (right, down) in its own pixels: the new picture at p is the old one at p + f(p). Pixel
centres lie on integers. Beyond its frame a flow goes on as it is at the border.
"""

from __future__ import annotations

import cv2
import numpy as np

from mgpe_tf.data.alignment import Alignment
from mgpe_tf.geometry import REFERENCE_SIZE
from mgpe_tf.models.flows import SMOOTH, enlarged
from mgpe_tf.ops.flow import stretches

SMOOTHER = (0, 4, 8, 16, 32)
"""Standard deviations in pixels at 256x256 by which a flow is smoothed, one after the other."""

THIN = 0.3
"""Stretch one way below which a place counts as folded."""

FOLDED = 0.02
"""Share of folded places up to which a flow is taken."""


def composed(*flows: np.ndarray) -> np.ndarray:
    """One flow that does what several of one size do one after the other, the first one first.

    A picture that is sampled along it is sampled once: (f, g) -> g(p) + f(p + g(p)).
    """
    total = np.zeros_like(flows[0], np.float32)
    for flow in flows:
        total = flow + _between(total, positions(flow.shape[:2]) + flow)
    return total


def in_photograph(flow: np.ndarray, alignment: Alignment) -> np.ndarray:
    """A flow of an aligned crop, [R, R, 2], in the photograph's pixels: float32 [h, w, 2], as large as
    ``alignment.region``.

    What lies beside a turned crop is given the flow of the crop's border; ``alignment.back_mask`` tells where that is.
    """
    times = max(SMOOTH // len(flow), 1)
    moved = enlarged(flow, (len(flow) * times,) * 2) / np.float32(times) @ alignment.inverse[:, :2].T
    rows, columns = alignment.region
    inverse = alignment.finer(times).inverse
    inverse[:, 2] -= columns.start, rows.start
    size = columns.stop - columns.start, rows.stop - rows.start
    return cv2.warpAffine(
        moved.astype(np.float32), inverse, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )


def positions(size: tuple[int, int]) -> np.ndarray:
    """(x, y) of each pixel, float32 [H, W, 2]."""
    height, width = size
    return np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1).astype(np.float32)


def unfolded(flow: np.ndarray, where: np.ndarray) -> np.ndarray:
    """A flow made smoother until it folds next to nothing over, if it does.

    Faces that differ by more than a flow can tell, turned ones or such whose masks are wrong, would be torn.

    Args:
      flow: float32 [R, R, 2].
      where: bool [R, R], what counts.
    """
    for width in SMOOTHER:
        smoother = cv2.GaussianBlur(flow, (0, 0), width * len(flow) / REFERENCE_SIZE) if width else flow
        thin = np.asarray(stretches(smoother[None])[1])[0] < THIN
        if not where.any() or thin[where[:-1, :-1]].mean() <= FOLDED:
            break
    return smoother


def _between(values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The values [H, W, C] at positions float [h, w, 2], by straight lines between pixels.

    OpenCV's remap rounds positions to a 32nd of a pixel, which shows when a flow is enlarged.
    """
    height, width = values.shape[:2]
    at = np.clip(at, 0, (width - 1, height - 1))
    low = np.minimum(at.astype(int), (max(width - 2, 0), max(height - 2, 0)))
    (x, y), (right, down) = np.moveaxis(low, -1, 0), np.moveaxis(at - low, -1, 0)[..., None].astype(np.float32)
    after_x, after_y = np.minimum(x + 1, width - 1), np.minimum(y + 1, height - 1)
    upper = (1 - right) * values[y, x] + right * values[y, after_x]
    lower = (1 - right) * values[after_y, x] + right * values[after_y, after_x]
    between: np.ndarray = (1 - down) * upper + down * lower
    return between
