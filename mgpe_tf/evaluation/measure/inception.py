"""Inception-v3's features, from a weights file that the user brings."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from mgpe_tf.errors import UserError

ENDINGS = (".h5", ".keras")
"""Of the files that Keras writes weights to."""


class InceptionFeatures:
    """A ``FeatureExtractor``: Keras's InceptionV3 without its last layer, averaged over the places.

    It is not the network of published FIDs, which is a graph file of 2015: Keras's weights are those of another
    training, a few of its layers pool otherwise, and pictures are enlarged to 299 pixels by cubic interpolation. So its
    distances are for comparing editors measured here, not with numbers of papers.

    Args:
      path: weights of ``keras.applications.InceptionV3(include_top=False)``, such as the file
        inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5 that Keras offers; nothing is downloaded.

    Attributes:
      resolution: 299.

    Raises:
      UserError: names the file, if there are no such weights in it.
    """

    resolution = 299

    def __init__(self, path: str | os.PathLike):
        if not str(path).endswith(ENDINGS):
            raise UserError(f"--inception={path}: allowed: a file of weights that ends in {' or '.join(ENDINGS)}")
        if not Path(path).is_file():
            raise UserError(
                f"--inception={path}: there is no such file; give the weights of "
                "keras.applications.InceptionV3(include_top=False), or leave the flag out"
            )
        self._network = _network(path)

    def features(self, images: np.ndarray) -> np.ndarray:
        """uint8 RGB [B, 299, 299, 3] -> float32 [B, 2048]."""
        return self._network(images.astype(np.float32) / 127.5 - 1).numpy()


def _network(path: str | os.PathLike) -> Callable:
    """The network with the weights of a file, compiled for batches of any size."""
    import keras
    import tensorflow as tf

    network = keras.applications.InceptionV3(include_top=False, weights=None, pooling="avg", input_shape=(299, 299, 3))
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", "Skipping")  # Keras only warns of layers that a file does not have
            network.load_weights(path)
    except Exception as error:  # whatever Keras and HDF5 raise on files of other kinds
        raise UserError(
            f"--inception={path}: no weights of keras.applications.InceptionV3(include_top=False) can be "
            f"read from it: {str(error).splitlines()[0]}"
        ) from error
    signature = [tf.TensorSpec((None, 299, 299, 3), tf.float32)]
    return tf.function(lambda images: network(images, training=False), input_signature=signature, autograph=False)
