"""Measuring how an editor draws the portraits of a data set."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from keras import ops

from mgpe_tf import labels
from mgpe_tf.data.source import resize_image, resize_label
from mgpe_tf.editing.layers import FACE, MOUTH
from mgpe_tf.evaluation.parser import Parser
from mgpe_tf.evaluation.portraits import Drawn, DrawnPortraits
from mgpe_tf.geometry import bounding_box
from mgpe_tf.metrics.frechet import frechet_distance
from mgpe_tf.metrics.image import image_psnr, ssim_map
from mgpe_tf.metrics.segmentation import confusion_matrix
from mgpe_tf.ops.images import to_float

KINDS = ("photographs", "reconstructions", "swaps")
"""What P_F reads."""


class FeatureExtractor(typing.Protocol):
    """A network that describes portraits by vectors, for Fréchet distances.

    Attributes:
      resolution: height and width of its images in pixels.
    """

    resolution: int

    def features(self, images: np.ndarray) -> np.ndarray:
        """Images uint8 RGB [B, R, R, 3] -> float32 [B, D]."""


@dataclasses.dataclass(frozen=True)
class EditorEvaluation:
    """What was measured on N portraits.

    Attributes:
      names: the portraits' names.
      lenders: the number of each portrait's x_s, int [N].
      values: by the name of the score, its value of each portrait, float64 [N]; nan where it has no such pixels.
      confusions: by kind (``KINDS``), pixels of all portraits, int64 [11, 11]: row = m_t, column = P_F's reading.
      distances: by the name of the score, Fréchet distances of the whole set.
    """

    names: tuple[str, ...]
    lenders: np.ndarray
    values: Mapping[str, np.ndarray]
    confusions: Mapping[str, np.ndarray]
    distances: Mapping[str, float]

    def worst(self, count: int) -> list[int]:
        """The numbers of the `count` portraits with the lowest PSNR over the face, the worst one first."""
        return np.argsort(self.values["psnr_face"], kind="stable")[:count].tolist()


def evaluate_editor(
    portraits: DrawnPortraits, parser: Parser, extractors: Mapping[str, FeatureExtractor]
) -> EditorEvaluation:
    """Draws and measures every portrait.

    Args:
      portraits: what is drawn.
      parser: P_F; it reads pictures of its own resolution, and its reading is brought back to theirs.
      extractors: by the name of the Fréchet distance, the networks that describe the portraits.

    Raises:
      UserError: names the first file that is unfit.
    """
    values, confusions, features = [], dict.fromkeys(KINDS, 0), {name: [] for name in extractors}
    for drawn in portraits.draw(range(len(portraits.names))):
        values.append(portrait_values(drawn))
        for kind in KINDS:
            reading = read_masks(parser, getattr(drawn, kind))
            confusions[kind] += ops.convert_to_numpy(confusion_matrix(drawn.masks, reading)).astype(np.int64)
        for name, extractor in extractors.items():
            features[name].append(_features(extractor, drawn))
    distances = {}
    for name, batches in features.items():
        distances.update(distances_of_halves(name, *np.concatenate(batches, axis=1), portraits.halves))
    joined = {name: np.concatenate([batch[name] for batch in values]) for name in values[0]}
    return EditorEvaluation(portraits.names, portraits.lenders, joined, confusions, distances)


def portrait_values(drawn: Drawn) -> dict[str, np.ndarray]:
    """PSNR and SSIM of reconstructions over face, foreground and all pixels, and PSNR of the background: each [B]."""
    foreground = drawn.masks != labels.BACKGROUND
    regions = {"face": np.isin(drawn.masks, FACE), "foreground": foreground, "all": np.ones_like(foreground)}
    similarity = np.stack([ssim_map(*pair) for pair in zip(drawn.reconstructions, drawn.photographs, strict=True)])
    background = np.stack([free_background(mask) for mask in drawn.masks])
    return {
        **{f"psnr_{name}": _psnr(drawn.reconstructions, drawn.photographs, where) for name, where in regions.items()},
        **{f"ssim_{name}": _mean(similarity, where) for name, where in regions.items()},
        "psnr_background_reconstruction": _psnr(drawn.reconstructions, drawn.photographs, background),
        "psnr_background_swap": _psnr(drawn.swaps, drawn.photographs, background),
    }


def free_background(mask: np.ndarray) -> np.ndarray:
    """Background that an edit should leave alone, bool [R, R]: off hair and face, and hardly anything of the neck.

    The neck is background in the Helen ids, and so are the ears. So pixels count that lie more than R / 32 from the
    foreground, and no lower than the mouth, or than the face where there is no mouth.

    Args:
      mask: uint8 [R, R] Helen ids.
    """
    background = mask == labels.BACKGROUND
    distance = cv2.distanceTransform(background.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    free = background & (distance > len(mask) / 32)
    box = bounding_box(mask, MOUTH) or bounding_box(mask, FACE)
    if box:
        free[box[1] + 1 :] = False
    return free


def read_masks(parser: Parser, pictures: np.ndarray) -> np.ndarray:
    """What a parser of any resolution reads off pictures uint8 [B, R, R, 3]: Helen ids uint8 [B, R, R]."""
    readings = parser.probabilities(_fitted(pictures, parser.resolution)).argmax(axis=-1).astype(np.uint8)
    return np.stack([resize_label(reading, pictures.shape[1]) for reading in readings])


def distances_of_halves(
    name: str, photographs: np.ndarray, swaps: np.ndarray, halves: Sequence[np.ndarray]
) -> dict[str, float]:
    """Fréchet distances between sets of equal size and without common portraits, so that their ratio is fair.

    Args:
      name: what the scores' names begin with; the size of the sets comes next.
      photographs, swaps: features, float [N, D].
      halves: numbers of portraits; each half has the x_s of its own swaps. If N is odd, one portrait is left out.

    Returns:
      The distance of the swaps of one half from the photographs of the other (mean of the two ways), that of the
      photographs of the two halves, and the ratio of the two distances.
    """
    size = len(photographs) // 2
    first, second = (half[:size] for half in halves)
    swapped = (frechet_distance(swaps[first], photographs[second])
               + frechet_distance(swaps[second], photographs[first])) / 2
    real = frechet_distance(photographs[first], photographs[second])
    return {f"{name}_{size}_swap": swapped, f"{name}_{size}_real": real, f"{name}_{size}_ratio": swapped / real}


def _features(extractor: FeatureExtractor, drawn: Drawn) -> np.ndarray:
    """Features of photographs and swaps, float [2, B, D]."""
    return np.stack([extractor.features(_fitted(pictures, extractor.resolution))
                     for pictures in (drawn.photographs, drawn.swaps)])


def _fitted(pictures: np.ndarray, resolution: int) -> np.ndarray:
    return np.stack([resize_image(picture, resolution) for picture in pictures])


def _psnr(pictures: np.ndarray, originals: np.ndarray, where: np.ndarray) -> np.ndarray:
    """PSNR over the pixels bool [B, R, R] of each picture, float64 [B]; nan where there are none."""
    values = image_psnr(to_float(pictures), to_float(originals), where[..., None].astype(np.float32))
    return np.where(where.any(axis=(1, 2)), ops.convert_to_numpy(values), np.nan)


def _mean(values: np.ndarray, where: np.ndarray) -> np.ndarray:
    """Mean over the pixels bool [B, R, R] of each map [B, R, R]; nan where there are none."""
    total, count = (values * where).sum(axis=(1, 2)), where.sum(axis=(1, 2))
    return np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0)
