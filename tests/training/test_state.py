"""What a run keeps: averaged weights, the schedule, names of variables, and the product read out of a run folder."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
from steps import Steps
from tiny import tiny_config

from mgpe_tf.config import DataConfig
from mgpe_tf.errors import UserError
from mgpe_tf.models.checkpoints import CheckpointStore, weights_sha256
from mgpe_tf.models.keras_parsers import load_parser
from mgpe_tf.models.runs import load_product
from mgpe_tf.models.shipped import model_path
from mgpe_tf.shipped import load_config
from mgpe_tf.training.loop import restore
from mgpe_tf.training.run_folder import RunFolder
from mgpe_tf.training.start import load_frozen_parser
from mgpe_tf.training.state import Decay


@pytest.fixture(autouse=True)
def eager():
    """Tracing takes longer than these few steps."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


def weights(state, prefix):
    """The arrays whose name begins with a prefix, by the rest of the name."""
    return {name.removeprefix(prefix): value for name, value in state.arrays().items() if name.startswith(prefix)}


def test_the_average_follows_the_weights_ever_more_slowly():
    steps = Steps(tiny_config(ema=0.25))
    expected = weights(steps.state, "network/")
    for decay in (1 / 10, 2 / 11, 0.25, 0.25):  # (1 + step) / (10 + step), at most ema
        steps.take(1)
        for name, value in weights(steps.state, "network/").items():
            expected[name] = decay * expected[name] + (1 - decay) * value
    average = weights(steps.state, "average/")
    assert average.keys() == expected.keys()
    for name, value in average.items():
        np.testing.assert_allclose(value, expected[name], rtol=1e-5, atol=1e-7, err_msg=name)


def test_the_rate_is_constant_and_then_falls_to_zero():
    rates = [float(Decay(0.1, start=4, total=8)(update)) for update in range(10)]
    np.testing.assert_allclose(rates, [0.1, 0.1, 0.1, 0.1, 0.1, 0.075, 0.05, 0.025, 0, 0], atol=1e-8)


def test_a_cosine_falls_slowly_at_both_ends():
    rates = [float(Decay(0.1, start=4, total=8, curve="cosine")(update)) for update in (0, 4, 5, 6, 7, 8)]
    half_wave = [0.05 * (1 + np.cos(np.pi * share)) for share in (0.25, 0.5, 0.75)]
    np.testing.assert_allclose(rates, [0.1, 0.1, *half_wave, 0], atol=1e-7)
    with pytest.raises(UserError, match="training.decay is 'cos'; allowed: linear, cosine: did you mean"):
        Decay(0.1, 4, 8, "cos")


def test_the_rate_rises_while_it_warms_up():
    schedule = Decay(0.1, start=6, total=8, warmup=4)
    rates = [float(schedule(update)) for update in range(9)]
    np.testing.assert_allclose(rates, [0.025, 0.05, 0.075, 0.1, 0.1, 0.1, 0.1, 0.05, 0.0], rtol=1e-6)
    again = Decay.from_config(schedule.get_config())
    assert [float(again(update)) for update in range(9)] == rates


def test_discriminators_of_alternate_steps_decay_as_fast_as_the_generator(parser_run):
    config = tiny_config("editor", steps=80, decay_start=0.5, discriminator_learning_rate=1e-3)
    config.parser_path = str(parser_run)
    optimizers = Steps(config).state.optimizers
    for name, rate, updates in (("generator", 2e-4, 80), ("D", 1e-3, 40), ("D2", 1e-3, 40)):
        for share, factor in ((0.25, 1.0), (0.75, 0.5), (1.0, 0.0)):
            optimizers[name].iterations.assign(int(share * updates))
            np.testing.assert_allclose(float(optimizers[name].learning_rate), factor * rate, atol=3e-6)


def test_names_of_variables_do_not_depend_on_what_was_built_before():
    first = Steps(tiny_config()).state.variables()
    keras.layers.Dropout(0.5), keras.layers.Dense(3)
    assert list(Steps(tiny_config()).state.variables()) == list(first)
    assert sum(name.startswith("seed/") for name in first) == 1


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The folder and the state of a short run of the parser with averaged weights."""
    tf.config.run_functions_eagerly(True)
    config = tiny_config()
    state = Steps(config).take(2).state
    with RunFolder(tmp_path_factory.mktemp("run")) as folder:
        folder.store_config(config)
        CheckpointStore(folder.checkpoints).save(2, state.arrays(), {})
    return folder.path, state


def test_the_product_has_the_averaged_weights(run):
    path, state = run
    config, parser = load_product(path, "parser")
    assert config == tiny_config()
    average = weights(state, "average/")
    assert {v.path for v in parser.weights} == average.keys()
    for v in parser.weights:
        np.testing.assert_array_equal(v.numpy(), average[v.path], err_msg=v.path)
    image = tf.random.uniform([1, 64, 64, 3], -1, 1, seed=0)
    np.testing.assert_array_equal(parser(image), state.average(image))
    assert np.abs(parser(image) - state.source(image)).max() > 0


def test_the_product_of_a_run_without_an_average_is_the_network(parser_run):
    _, parser = load_product(parser_run, "parser")
    stored = CheckpointStore(parser_run / "checkpoints").restore_latest().arrays
    assert all((v.numpy() == stored[f"network/{v.path}"]).all() for v in parser.weights)


def test_a_checkpoint_that_lacks_a_variable_is_refused(run, tmp_path):
    path, state = run
    (tmp_path / "config.json").write_text((path / "config.json").read_text())
    arrays = dict(state.arrays().items())
    del arrays["average/parser/head/conv/bias"]
    CheckpointStore(tmp_path / "checkpoints").save(2, arrays, {})
    with pytest.raises(UserError, match="missing parser/head/conv/bias"):
        load_product(tmp_path, "parser")
    with pytest.raises(UserError, match="missing average/parser/head/conv/bias"):
        Steps(tiny_config()).state.load(2, arrays)


def test_a_state_is_restored_to_the_bit(run):
    path, state = run
    fresh = Steps(tiny_config()).state
    assert weights_sha256(fresh.arrays()) != weights_sha256(state.arrays())
    checkpoint = CheckpointStore(path / "checkpoints").restore_latest()
    fresh.load(checkpoint.step, checkpoint.arrays)
    assert fresh.step == 2 and weights_sha256(fresh.arrays()) == weights_sha256(state.arrays())


def test_a_run_starts_from_what_another_has_learnt_where_it_fits(run, tmp_path):
    path, trained = run
    config = tiny_config(ema=0.5)
    config.start_path, config.parser.filters = str(path), (8, 8, 16)
    state = Steps(config).state
    at_first = weights(state, "network/")
    assert restore(state, CheckpointStore(tmp_path), config, config)[0].startswith(f"starts from {path} (")
    learnt, changed = weights(trained, "average/"), 0
    for name, value in weights(state, "network/").items():
        fits = learnt[name].shape == value.shape
        changed += not fits
        np.testing.assert_array_equal(value, learnt[name] if fits else at_first[name], err_msg=name)
        np.testing.assert_array_equal(weights(state, "average/")[name], value, err_msg=name)
    assert 0 < changed < len(learnt) / 2 and state.step == 0


def test_a_run_starts_from_the_shipped_parser(tmp_path):
    shipped_folder = model_path("parser")
    config = load_config("parser_lite_256")
    config.start_path, config.data = str(shipped_folder), DataConfig(resolution=64)
    state = Steps(config).state
    words, _ = restore(state, CheckpointStore(tmp_path), config, config)
    assert words == f"starts from {shipped_folder} (0 variables afresh)"
    images = np.random.default_rng(0).uniform(-1, 1, (1, 64, 64, 3)).astype(np.float32)
    expected = load_parser(shipped_folder, "celebamask_hq")[2](images)
    np.testing.assert_allclose(state.source(images), expected, rtol=1e-5, atol=1e-5)


def test_a_run_does_not_start_from_another_network(run, tmp_path):
    path, _ = run
    config = tiny_config()
    config.start_path, config.parser.filters = str(path), (6, 6, 6)
    with pytest.raises(UserError, match="start_path=.* of .* variables are not in it or of another size; give a run"):
        restore(Steps(config).state, CheckpointStore(tmp_path), config, config)


def test_a_variable_that_is_not_finite_is_named(run):
    _, state = run
    assert state.not_finite() == ""
    broken = Steps(tiny_config()).state
    broken.variables()["average/parser/head/conv/bias"].assign([np.inf] * 11)
    assert broken.not_finite() == "average/parser/head/conv/bias"


def test_what_is_no_finished_parser_is_a_mistake(run, tmp_path):
    path, _ = run
    config = tiny_config("editor")
    for parser_path, resolution, message in (
        ("", 64, "parser_lite was trained at 256 pixels, data.resolution is 64; train one with .*resolution=64"),
        (tmp_path / "none", 64, "none: no such folder; train one with python -m mgpe_tf.train"),
        (tmp_path, 64, "is no run folder"),
        (path, 128, "was trained at 64 pixels, data.resolution is 128; train one with"),
    ):
        config.parser_path, config.data.resolution = str(parser_path), resolution
        with pytest.raises(UserError, match=message):
            load_frozen_parser(config)
    with pytest.raises(UserError, match="is a run of the parser; a run of the editor is needed here"):
        load_product(path, "editor")
    (tmp_path / "config.json").write_text((path / "config.json").read_text())
    with pytest.raises(UserError, match="has no checkpoint yet"):
        load_product(tmp_path, "parser")
