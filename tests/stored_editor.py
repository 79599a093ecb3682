"""A small editor with random weights, on disk."""

from __future__ import annotations

import numpy as np
from small import randomised, small_config


def store_editor(path, generator=None, config=None, step: int = 0):
    """Makes the run folder of a generator and its experiment at `path`, by default of ``small_config``, with one
    checkpoint; returns `path`."""
    from mgpe_tf.models.checkpoints import CheckpointStore
    from mgpe_tf.objectives.editor import build_generator
    from mgpe_tf.training.run_folder import RunFolder

    config = config or small_config()
    generator = generator or randomised(build_generator(config))
    with RunFolder(path) as run:
        run.store_config(config)
        arrays = {f"network/{v.path}": np.asarray(v) for v in generator.weights}
        CheckpointStore(run.checkpoints).save(step, arrays, {})
    return path
