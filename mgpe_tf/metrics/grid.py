"""Grids: patterns that repeat every few pixels, as generators make them that have learnt to deceive a discriminator."""

from __future__ import annotations

from keras import ops

from mgpe_tf.metrics.image import LUMINANCE
from mgpe_tf.ops.blur import gaussian_blur
from mgpe_tf.ops.tensor import Tensor

PERIODS = (2, 4, 8)
"""Pixels after which patterns repeat: those of maps of a half, a quarter and an eighth of the size."""

WINDOW, SIGMA = 13, 3.0
"""Of the blur whose difference from a picture is judged."""


def grid(images: Tensor, region: Tensor) -> Tensor:
    """How far structures repeat every 2, 4 or 8 pixels.

    It is how much the autocorrelation of a picture without its coarse structure is higher at such a distance than at
    the next smaller and larger one, in rows and columns: the highest of the three. What does not repeat, strands or
    noise, has about 0 or less; a perfect grid up to 2.

    Args:
      images: float [B, H, W, 3].
      region: where they are judged, float [B, H, W, 1] in [0, 1].

    Returns:
      [B]; 0 where the region is empty.
    """
    luminance = ops.sum(images * ops.convert_to_tensor(LUMINANCE, dtype=images.dtype), axis=-1, keepdims=True)
    fine = luminance - gaussian_blur(luminance, WINDOW, SIGMA)
    found = {lag: _autocorrelation(fine, region, lag) for lag in range(1, max(PERIODS) + 2)}
    peaks = [found[period] - (found[period - 1] + found[period + 1]) / 2 for period in PERIODS]
    return ops.max(ops.stack(peaks), axis=0)


def _autocorrelation(fine: Tensor, region: Tensor, lag: int) -> Tensor:
    """Of pixels so far apart in rows and in columns, both in the region: [B], from -1 to 1."""
    products, energies = 0.0, 0.0
    for (first, second), weights in zip(_pairs(fine, lag), _pairs(region, lag), strict=True):
        weight = weights[0] * weights[1]
        products += ops.sum(weight * first * second, axis=(1, 2, 3))
        energies += ops.sum(weight * (first * first + second * second) / 2, axis=(1, 2, 3))
    return products / ops.maximum(energies, 1e-6)


def _pairs(maps: Tensor, lag: int) -> list[tuple[Tensor, Tensor]]:
    """The pixels that have another so far below, and right of, them, and these."""
    return [(maps[:, lag:], maps[:, :-lag]), (maps[:, :, lag:], maps[:, :, :-lag])]
