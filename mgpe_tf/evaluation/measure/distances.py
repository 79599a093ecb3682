"""Distances between generated portraits and photographs as sets, in the features of a network."""

from __future__ import annotations

import typing
from collections.abc import Callable, Sequence

import numpy as np

from mgpe_tf.data.source import resize_image
from mgpe_tf.evaluation.measure.score import Score
from mgpe_tf.metrics.frechet import frechet_distance
from mgpe_tf.metrics.kernel import kernel_distance


class FeatureExtractor(typing.Protocol):
    """A network that describes portraits by vectors.

    Attributes:
      resolution: height and width of its images in pixels.
    """

    resolution: int

    def features(self, images: np.ndarray) -> np.ndarray:
        """Images uint8 RGB [B, R, R, 3] -> float32 [B, D]."""


FRECHET = {"parser": "fd", "inceptionv3": "fid"}
"""The name of a Fréchet distance, by the name of the network: only that in Inception's features is a FID."""


def features_of(extractor: FeatureExtractor, pictures: np.ndarray) -> np.ndarray:
    """Features of pictures of any size, uint8 RGB [B, H, H, 3] -> float32 [B, D]."""
    return extractor.features(np.stack([resize_image(picture, extractor.resolution) for picture in pictures]))


def distances_of_halves(
    network: str, photographs: np.ndarray, swaps: np.ndarray, halves: Sequence[np.ndarray]
) -> dict[str, Score]:
    """Distances between sets of equal size and without common portraits, so that those of swaps and of photographs
    can be compared.

    Args:
      network: one of ``FRECHET``. A score's name holds the distance's name, the network's and the size of the sets.
      photographs, swaps: features, float [N, D].
      halves: numbers of portraits; each half has the x_s of its own swaps. If N is odd, one portrait is left out.

    Returns:
      Fréchet and kernel distance of the swaps of one half from the photographs of the other (mean of the two ways) and
      of the photographs of the two halves, and the ratio of the two Fréchet distances. Two sets of photographs have a
      kernel distance about 0, so there is no ratio of it.
    """
    size = len(photographs) // 2
    first, second = (half[:size] for half in halves)

    def both(distance: Callable[[np.ndarray, np.ndarray], float]) -> tuple[float, float]:
        swapped = distance(swaps[first], photographs[second]) + distance(swaps[second], photographs[first])
        return swapped / 2, distance(photographs[first], photographs[second])

    frechet, kernel = f"{FRECHET[network]}_{network}_{size}", f"kid_{network}_{size}"
    (swapped, real), (swapped_kernel, real_kernel) = both(frechet_distance), both(kernel_distance)
    return {
        f"{frechet}_swap": Score(swapped, "Fréchet distance of one half's swaps from the other half's photographs"),
        f"{frechet}_real": Score(real, "Fréchet distance of one half's photographs from the other half's"),
        f"{frechet}_ratio": Score(swapped / real, "the former by the latter; 1: swaps are as near as photographs are"),
        f"{kernel}_swap": Score(swapped_kernel, "kernel distance (KID) of the same two sets as the first"),
        f"{kernel}_real": Score(real_kernel, "kernel distance (KID) of the photographs; its expected value is 0"),
    }
