"""What a step changes."""

from __future__ import annotations

import pytest
from tiny import tiny_config


@pytest.fixture
def eager():
    """Tracing takes longer than a few steps."""
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


def test_networks_that_the_loss_does_not_reach_stay_as_they_are(eager, parser_run):
    from steps import Steps

    config = tiny_config("editor", unpaired=False)
    config.parser_path = str(parser_run)
    config.loss.global_ = config.loss.adversarial = config.loss.parsing = 0.0
    steps = Steps(config)
    generator = steps.state.networks["generator"]
    before = {v.path: v.numpy() for v in generator.trainable_variables}
    assert set(steps.take(2).terms) == {"paired/L_local", "paired/L_G"}
    moved = {v.path.split("/")[1] for v in generator.trainable_variables if (v.numpy() != before[v.path]).any()}
    assert {network.name for network in (*generator.encoders, *generator.image_decoders)} <= moved
    assert not moved & {"mask_encoder", "foreground", "background_encoder", "fusion"}
