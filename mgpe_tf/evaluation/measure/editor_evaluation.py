"""Measuring how an editor generates the portraits of a data set."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
from keras import ops

from mgpe_tf.data.source import resize_image, resize_label
from mgpe_tf.evaluation.measure.distances import FeatureExtractor, distances_of_halves, features_of
from mgpe_tf.evaluation.measure.diversity import appearance_diversity
from mgpe_tf.evaluation.measure.edits import changed_outside
from mgpe_tf.evaluation.measure.portraits import GeneratedPortraits
from mgpe_tf.evaluation.measure.quality import portrait_values
from mgpe_tf.evaluation.measure.realism import RegionFeatures, realism_auc, region_features
from mgpe_tf.evaluation.measure.score import Score
from mgpe_tf.labels import BACKGROUND, NUM_CLASSES
from mgpe_tf.metrics.segmentation import confusion_matrix
from mgpe_tf.models.face_parser import FaceParser

KINDS = ("photographs", "reconstructions", "swaps")
"""The pictures that P_F parses."""


@dataclasses.dataclass(frozen=True)
class EditorEvaluation:
    """Measures of N portraits.

    Attributes:
      names: the portraits' names.
      references: the number of each portrait's x_s, int [N].
      values: by the name of the score, its value of each portrait, float64 [N]; nan where it has no such pixels.
      confusions: by kind (``KINDS``), pixels of all portraits, int64 [11, 11]: row = m_t, column = prediction of P_F.
      set_scores: by name, what is measured of many portraits at once.
    """

    names: tuple[str, ...]
    references: np.ndarray
    values: Mapping[str, np.ndarray]
    confusions: Mapping[str, np.ndarray]
    set_scores: Mapping[str, Score]

    def worst(self, count: int) -> list[int]:
        """The numbers of the `count` portraits with the lowest PSNR over the face, the worst one first."""
        return np.argsort(self.values["psnr_face"], kind="stable")[:count].tolist()


def evaluate_editor(
    portraits: GeneratedPortraits,
    parser: FaceParser,
    extractors: Mapping[str, FeatureExtractor],
    probed: RegionFeatures | None = None,
) -> EditorEvaluation:
    """Generates and measures every portrait.

    Args:
      portraits: what is generated.
      parser: P_F; it reads pictures of its own resolution, and its prediction is brought back to theirs.
      extractors: by name, the networks in whose features sets are compared.
      probed: what a probe tells generated faces and hair from photographs by; None for no probe.

    Raises:
      UserError: names the first file that is unfit.
    """
    values = []
    confusions = {kind: np.zeros((NUM_CLASSES, NUM_CLASSES), np.int64) for kind in KINDS}
    features: dict[str, list[list[np.ndarray]]] = {name: [] for name in extractors}
    rows: dict[str, list[np.ndarray]] = {kind: [] for kind in KINDS}
    for generated in portraits.generate(range(len(portraits.names))):
        values.append(portrait_values(generated))
        for kind in KINDS:
            prediction = read_masks(parser, getattr(generated, kind))
            confusions[kind] += ops.convert_to_numpy(confusion_matrix(generated.masks, prediction)).astype(np.int64)
            rows[kind] += _foreground_features(probed, getattr(generated, kind), generated.masks) if probed else []
        for name, extractor in extractors.items():
            features[name].append(
                [features_of(extractor, pictures) for pictures in (generated.photographs, generated.swaps)]
            )
    set_scores = _realism(rows) if probed else {}
    for name, batches in features.items():
        photographs, swaps = np.concatenate(batches, axis=1)
        set_scores.update(distances_of_halves(name, photographs, swaps, portraits.halves))
    set_scores.update(appearance_diversity(portraits, extractors))
    set_scores.update(changed_outside(portraits, parser))
    joined = {name: np.concatenate([batch[name] for batch in values]) for name in values[0]}
    return EditorEvaluation(portraits.names, portraits.references, joined, confusions, set_scores)


def _foreground_features(probed: RegionFeatures, pictures: np.ndarray, masks: np.ndarray) -> list[np.ndarray]:
    """Features of face and hair of pictures uint8 [B, R, R, 3] by their masks, float [D] each."""
    return [region_features(probed.maps(p), mask != BACKGROUND) for p, mask in zip(pictures, masks, strict=True)]


def _realism(rows: Mapping[str, list[np.ndarray]]) -> dict[str, Score]:
    """How well a probe tells generated faces and hair from those of photographs."""
    real, *generated = (np.stack(rows[kind]) for kind in KINDS)
    return {
        f"realism_auc_{kind}": Score(
            realism_auc(found, real), f"a probe that tells face and hair of {kind} from x_t's: AUC, 0.5 is chance"
        )
        for kind, found in zip(KINDS[1:], generated, strict=True)
    }


def read_masks(parser: FaceParser, pictures: np.ndarray) -> np.ndarray:
    """Predictions of a parser of any resolution for pictures uint8 [B, R, R, 3]: Helen ids uint8 [B, R, R]."""
    fitted = np.stack([resize_image(picture, parser.resolution) for picture in pictures])
    predictions = parser.probabilities(fitted).argmax(axis=-1).astype(np.uint8)
    return np.stack([resize_label(prediction, pictures.shape[1]) for prediction in predictions])
