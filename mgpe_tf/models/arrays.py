"""The arrays of a trained network by the paths of its variables, with which another training may begin."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mgpe_tf.models.files import KERAS_PARSER, SAVED_MODEL
from mgpe_tf.models.keras_parsers import stored_parser
from mgpe_tf.models.runs import trained_arrays
from mgpe_tf.models.weights import exported_weights, holds_weights, read_weights
from mgpe_tf.networks.efficientnet_lite import imagenet_arrays


def arrays_of(path: Path, task: str) -> dict[str, np.ndarray]:
    """The product's arrays by the paths of its variables, out of a run folder, an exported one or a file of weights."""
    if path.suffix == ".npz" and holds_weights(path):
        return read_weights(path)
    if task == "parser" and path.suffix == ".npz":
        return imagenet_arrays(path, "parser/trunk")
    if task == "parser" and (path / KERAS_PARSER).is_file():
        return {v.path: v.numpy() for v in stored_parser(path / KERAS_PARSER).weights}
    if task in ("parser", "editor") and (path / SAVED_MODEL / "saved_model.pb").is_file():
        return exported_weights(path / SAVED_MODEL)
    return trained_arrays(path, task)[1]
