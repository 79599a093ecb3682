"""How well a linear probe tells what was edited from photographs. Needs scikit-learn, which the extra `report` brings.

It is a two-sample test by a classifier (Lopez-Paz and Oquab 2017, "Revisiting Classifier Two-Sample Tests"). Nothing
may be trained by these features: networks that have learnt to deceive a probe are judged too well by it.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import cv2
import numpy as np
import tensorflow as tf

from mgpe_tf.errors import UserError
from mgpe_tf.networks.efficientnet_lite import EfficientNetLite0, imagenet_trunk

COMPONENTS = 48
"""Principal components of the features."""

STRENGTH = 0.05
"""C of the logistic regression: small, since portraits are few and features many."""

FOLDS = 5
"""Parts of the portraits, each of which is judged by a probe that has seen the others alone."""

LEAST = 20
"""Fewest portraits from which on a probe is fitted."""


class RegionFeatures:
    """Features of a region by a network trained on ImageNet: mean and deviation of its maps there.

    Args:
      trunk: built, with its weights.
    """

    def __init__(self, trunk: EfficientNetLite0):
        self._maps = tf.function(lambda images: trunk(images, training=False)[1:4], autograph=False)

    @classmethod
    def load(cls, path: Path) -> RegionFeatures:
        """With the weights of an .npz file (``imagenet_trunk``).

        Raises:
          UserError: no such weights, or no scikit-learn to fit probes on what they give.
        """
        if importlib.util.find_spec("sklearn") is None:
            raise UserError("--probe needs scikit-learn: pip install 'mgpe_tf[report]'")
        return cls(imagenet_trunk(path))

    def maps(self, picture: np.ndarray) -> list[np.ndarray]:
        """The maps of a picture uint8 RGB [R, R, 3] at a quarter, an eighth and a sixteenth of its size, float32
        [H, W, C]; R is a multiple of 32."""
        return [found[0].numpy() for found in self._maps(tf.constant(picture[None] / 127.5 - 1, tf.float32))]


def region_features(maps: list[np.ndarray], region: np.ndarray) -> np.ndarray:
    """Mean and standard deviation of each channel over a region bool [R, R], one map after the other, float [352].

    A place of a map counts by how much of it lies in the region.
    """
    values = []
    for found in maps:
        weights = cv2.resize(region.astype(np.float32), found.shape[1::-1], interpolation=cv2.INTER_AREA)
        weights = weights[..., None] + 1e-6  # a region of a few pixels is not lost
        mean = (found * weights).sum((0, 1)) / weights.sum()
        values += [mean, np.sqrt((np.square(found - mean) * weights).sum((0, 1)) / weights.sum())]
    return np.concatenate(values)


def realism_auc(edited: np.ndarray, photographs: np.ndarray) -> float | None:
    """The area under the ROC curve of a linear probe that tells edited regions from photographs; 0.5: it cannot.

    It is a logistic regression on principal components. A portrait's two rows are in one fold, and each fold is judged
    by a probe that was fitted to the others.

    Args:
      edited: features of the edited regions, float [N, D].
      photographs: of the same regions of the same portraits as they were, in the same order.

    Returns:
      None for fewer than ``LEAST`` portraits.
    """
    if len(edited) < LEAST:
        return None
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import GroupKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    features = np.concatenate([edited, photographs])
    is_edited = np.repeat([1, 0], len(edited))
    portraits = np.tile(np.arange(len(edited)), 2)
    fitted = len(features) - 2 * -(-len(edited) // FOLDS)  # rows of the smallest fold's training
    probe = make_pipeline(
        StandardScaler(),
        PCA(min(COMPONENTS, fitted - 1), random_state=0),
        LogisticRegression(C=STRENGTH, max_iter=500),
    )
    found = cross_val_predict(
        probe, features, is_edited, groups=portraits, cv=GroupKFold(FOLDS), method="predict_proba"
    )
    return float(roc_auc_score(is_edited, found[:, 1]))
