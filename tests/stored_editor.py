"""A small editor with random weights, on disk."""

from __future__ import annotations

import numpy as np
from small import randomised, small_config


def store_editor(path):
    """Makes the run folder of the editor of ``small_config`` at `path`, with one checkpoint; returns `path`."""
    from mgpe_tf.objectives.editor import build_generator
    from mgpe_tf.training.checkpoints import CheckpointStore
    from mgpe_tf.training.run_folder import RunFolder

    config = small_config()
    with RunFolder(path) as run:
        run.store_config(config)
        arrays = {f"network/{v.path}": np.asarray(v) for v in randomised(build_generator(config)).weights}
        CheckpointStore(run.checkpoints).save(0, arrays, {})
    return path
