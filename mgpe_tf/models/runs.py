"""The trained network in a run folder."""

from __future__ import annotations

import os
from pathlib import Path

import keras
import numpy as np

from mgpe_tf.config import Config
from mgpe_tf.errors import UserError
from mgpe_tf.models.checkpoints import CheckpointStore, strict_assign
from mgpe_tf.models.files import read_config
from mgpe_tf.objectives.tasks import objective_of


def load_product(path: str | os.PathLike, *tasks: str) -> tuple[Config, keras.Model]:
    """The product of a run of one of some tasks, e.g. the generator of an "editor" run, averaged weights first.

    Raises:
      UserError: no run folder, a run of another task, or no whole checkpoint.
    """
    config, arrays = trained_arrays(path, *tasks)
    network = objective_of(config.task).build(config)
    strict_assign({v.path: v for v in network.weights}, arrays)
    return config, network


def trained_arrays(path: str | os.PathLike, *tasks: str) -> tuple[Config, dict[str, np.ndarray]]:
    """The config of a run and its product's arrays by the variables' paths. UserError as ``load_product``."""
    config = read_config(path)
    if config.task not in tasks:
        raise UserError(f"{path} is a run of the {config.task}; a run of the {' or '.join(tasks)} is needed here")
    checkpoint = CheckpointStore(Path(path) / "checkpoints").restore_latest()
    if checkpoint is None:
        raise UserError(f"{path} has no checkpoint yet: train it first, or give another run folder")
    product = objective_of(config.task).product
    kind = "average/" if config.training.ema else "network/"
    arrays = checkpoint.arrays.items()
    return config, {name.removeprefix(kind): a for name, a in arrays if name.startswith(f"{kind}{product}/")}
