"""Dense flows: where each pixel of an output is read in an input.

A flow is float [B, H, W, 2], (right, down) in its own pixels, here cells: the output at p is the input at p + f(p).
"""

from __future__ import annotations

import math

from keras import ops

from mgpe_tf.ops.cubic import cubic_enlarge
from mgpe_tf.ops.tensor import Tensor

SIMILARITY = (math.radians(8.0), 0.08, 2.0, 2.0)
"""Standard deviations of a random flow's turn, growth, and shift in cells of a frame of ``FRAME``."""

WAVES = ((6, 2.0), (12, 0.9), (21, 0.4))
"""(nodes a side, standard deviation in cells of a frame of ``FRAME``) of a random flow's noise. The nodes lie over half
as much again of the frame's side: beyond the outermost ones, waves would go on as lines, higher and higher."""

FRAME = 64

NUMBERS = 1 + len(SIMILARITY) + sum(2 * nodes**2 for nodes, _ in WAVES)
"""Standard normal numbers that make a random flow."""


def resized_flow(flow: Tensor, size: int) -> Tensor:
    """A flow [B, h, h, 2] at the pixels of a finer square frame, [B, size, size, 2], in these pixels."""
    return cubic_enlarge(flow, (size, size)) * (size / flow.shape[1])


def after_similarity(flow: Tensor, matrices: Tensor) -> Tensor:
    """The flow of pictures that were laid by similarities first.

    Args:
      flow: from the laid picture to the output, [B, H, W, 2] in pixels.
      matrices: by which it was laid, float [B, 2, 3], see ``warp.similarity_warp``.

    Returns:
      [B, H, W, 2]: from the picture as it was.
    """
    height, width = flow.shape[1:3]
    columns, rows = ops.arange(width, dtype=flow.dtype), ops.arange(height, dtype=flow.dtype)[:, None]
    x, y = columns + flow[..., 0], rows + flow[..., 1]
    entry = matrices[:, :, :, None, None]
    to_x, to_y = (entry[:, i, 0] * x + entry[:, i, 1] * y + entry[:, i, 2] for i in (0, 1))
    return ops.stack([to_x - columns, to_y - rows], axis=-1)


def random_flow(noise: Tensor, cells: int) -> Tensor:
    """A similarity about the frame's centre with smooth noise of three scales, both at a strength from 0 to 1.

    Args:
      noise: standard normal, [B, NUMBERS]; the first one, up to 1 either way, is the strength.
      cells: of the frame's side, a multiple of 4.

    Returns:
      [B, cells, cells, 2].
    """
    angle, growth, right, down = (s * noise[:, i, None, None] for i, s in enumerate(SIMILARITY, start=1))
    offsets = ops.arange(cells, dtype=noise.dtype) - (cells - 1) / 2
    x, y = offsets[None, None, :] * (FRAME / cells), offsets[None, :, None] * (FRAME / cells)
    cosine, sine = ops.exp(growth) * ops.cos(angle) - 1, ops.exp(growth) * ops.sin(angle)
    flow = ops.stack([cosine * x - sine * y + right, sine * x + cosine * y + down], axis=-1)
    first = 1 + len(SIMILARITY)
    for nodes, sigma in WAVES:
        last = first + 2 * nodes**2
        waves = cubic_enlarge(ops.reshape(noise[:, first:last], (-1, nodes, nodes, 2)), (cells * 3 // 2,) * 2)
        flow, first = flow + sigma * waves[:, cells // 4 : -(cells // 4), cells // 4 : -(cells // 4)], last
    return flow * ops.minimum(ops.abs(noise[:, :1, None, None]), 1.0) * (cells / FRAME)


def stretches(flow: Tensor) -> tuple[Tensor, Tensor]:
    """How the map p -> p + f(p) stretches small pieces: its singular values by forward differences.

    The smaller one is negative where the map folds over; their product is the Jacobian determinant.

    Args:
      flow: [B, H, W, 2].

    Returns:
      (the larger one, the smaller one), [B, H - 1, W - 1] each.
    """
    across, along = flow[:, :-1, 1:] - flow[:, :-1, :-1], flow[:, 1:, :-1] - flow[:, :-1, :-1]
    xx, yx, xy, yy = 1 + across[..., 0], across[..., 1], along[..., 0], 1 + along[..., 1]
    # As complex numbers: the part that turns, and the part that mirrors.
    turn, mirror = (_length(a, b) / 2 for a, b in ((xx + yy, yx - xy), (xx - yy, yx + xy)))
    return turn + mirror, turn - mirror


def lengths(flow: Tensor) -> Tensor:
    """How far each pixel of flows [B, H, W, 2] moves, [B, H, W]."""
    return _length(flow[..., 0], flow[..., 1])


def end_points(flow: Tensor, known: Tensor) -> Tensor:
    """Distances between the end points of two flows, [B, H, W]."""
    return lengths(flow - known)


def _length(a: Tensor, b: Tensor) -> Tensor:
    # A square root has no gradient at 0.
    return ops.sqrt(ops.square(a) + ops.square(b) + 1e-12)
