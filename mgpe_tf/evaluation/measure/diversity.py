"""How much the appearance that is taken changes the portraits generated on one mask."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping

import numpy as np

from mgpe_tf import labels
from mgpe_tf.evaluation.measure.distances import FeatureExtractor, features_of
from mgpe_tf.evaluation.measure.portraits import GeneratedPortraits, spread
from mgpe_tf.evaluation.measure.score import Score

MASKS, APPEARANCES = 8, 5
"""How many masks get how many appearances each; both are spread evenly over the portraits."""


def appearance_diversity(portraits: GeneratedPortraits, extractors: Mapping[str, FeatureExtractor]) -> dict[str, Score]:
    """Mean distance between two portraits that share the mask and the background, but not the appearance.

    Args:
      portraits: the editor, and whose masks and appearances it takes.
      extractors: the networks in whose features distances are taken too, by name.

    Returns:
      The mean absolute difference over face and hair, of 255 levels; for each network the mean Euclidean distance
      between features, and the same between the photographs of those whose appearance is taken. It is 0 for a network
      that generates from masks alone.
    """
    total = len(portraits.names)
    targets, references = spread(total, MASKS), spread(total, APPEARANCES)
    name = f"{len(targets)}x{len(references)}"
    differences = []
    distances: dict[str, list[float]] = {network: [] for network in extractors}
    for target in targets:
        mask, pictures = _generated_with(portraits, target, references)
        differences.append(_mean_of_pairs(pictures[:, mask != labels.BACKGROUND].astype(np.float64), np.abs))
        for network, extractor in extractors.items():
            distances[network].append(_mean_of_pairs(features_of(extractor, pictures), np.linalg.norm))
    scores = {
        f"diversity_l1_{name}": Score(
            _mean(differences), "mean difference over face and hair between two x_s on one m_t, of 255"
        )
    }
    photographs = np.stack([portraits.source.load(number)[0] for number in references])
    for network, extractor in extractors.items():
        real = _mean_of_pairs(features_of(extractor, photographs), np.linalg.norm)
        scores[f"diversity_{network}_{name}"] = Score(
            _mean(distances[network]), f"distance in the features of the {network} of the same pairs"
        )
        scores[f"diversity_{network}_{name}_photographs"] = Score(real, "that of the photographs of these x_s")
    return scores


def _generated_with(portraits: GeneratedPortraits, target: int, references: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """A portrait's mask, uint8 [R, R], and what is generated on it with each of the appearances, uint8 [K, R, R, 3]."""
    image, mask = portraits.source.load(target)
    images, masks = (np.repeat(array[None], len(references), axis=0) for array in (image, mask))
    return mask, portraits.swapped(references, images, masks)


def _mean_of_pairs(values: np.ndarray, size: Callable) -> float:
    """The mean size of the difference of every two entries of the first axis; nan if they have no elements."""
    if not values[0].size:
        return np.nan
    return float(np.mean([np.mean(size(a - b)) for a, b in itertools.combinations(values, 2)]))


def _mean(values: list[float]) -> float | None:
    """The mean of those that are numbers; None if none is."""
    return float(np.nanmean(values)) if not np.isnan(values).all() else None
