"""What several tests of training start from."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def parser_run(tmp_path_factory):
    """The run folder of a parser that has learnt nothing: what an editor needs to start."""
    from tiny import tiny_config

    from mgpe_tf.models.checkpoints import CheckpointStore
    from mgpe_tf.objectives.parser import ParserObjective
    from mgpe_tf.training.run_folder import RunFolder
    from mgpe_tf.training.state import TrainingState

    config = tiny_config("parser", ema=0.0)
    with RunFolder(tmp_path_factory.mktemp("runs") / "parser") as run:
        run.store_config(config)
        state = TrainingState(ParserObjective(config), config.training)
        CheckpointStore(run.checkpoints).save(0, state.arrays(), {})
    return run.path
