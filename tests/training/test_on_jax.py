"""Training on JAX takes the steps of TensorFlow, in a process without TensorFlow and OpenCV, and continues its runs."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import jax_steps
import numpy as np
import pytest
from processes import checkpoint_steps, metrics
from small import portraits, randomised

from mgpe_tf.data.packed import write_packed
from mgpe_tf.labels import FLIPPED
from mgpe_tf.models.checkpoints import CheckpointStore, weights_sha256

if importlib.util.find_spec("jax") is None:
    pytest.skip("jax is not installed", allow_module_level=True)

HERE = Path(__file__).resolve().parent
ITERATION = "optimizer/parser/0000_iteration"


@pytest.fixture(scope="module")
def source():
    """The training set."""
    batch = portraits(count=jax_steps.COUNT)
    return jax_steps.Arrays(batch["target_image"], batch["target_mask"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory, parser_run, source):
    """What ``jax_steps`` starts from."""
    from mgpe_tf.training.on_tensorflow import train

    path = tmp_path_factory.mktemp("jax")
    np.savez(path / "portraits.npz", images=source.images, masks=source.masks)
    write_packed(source, path / "packed", 10**6)
    (path / "parser").symlink_to(parser_run)
    for task in jax_steps.TASKS:
        CheckpointStore(path / task / "start").save(0, networks(task, path)[1].arrays(), {})
    train(jax_steps.parser_config(steps=1), path / "continued")
    return path


def networks(task, path):
    """A task's objective and its state, with random weights."""
    from mgpe_tf.training.loop import make_objective
    from mgpe_tf.training.state import TrainingState

    config = jax_steps.task_config(task, path)
    objective, average = make_objective(config)
    for seed, network in enumerate(objective.networks.values()):
        randomised(network, seed)
    return objective, TrainingState(objective, config.training, average)


@pytest.fixture(scope="module")
def results(folder, tmp_path_factory):
    """What ``jax_steps`` computed."""
    # A program is compiled once, and left as it is: optimising takes longer than running.
    environment = {
        **os.environ,
        "KERAS_BACKEND": "jax",
        "JAX_PLATFORMS": "cpu",
        "JAX_DISABLE_MOST_OPTIMIZATIONS": "1",
        "XLA_FLAGS": "--xla_cpu_use_fusion_emitters=false",  # the older ones compile in half the time
        "JAX_COMPILATION_CACHE_DIR": str(tmp_path_factory.mktemp("cache")),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    }
    process = subprocess.run(
        [sys.executable, HERE / "jax_steps.py", folder], env=environment, capture_output=True, text=True
    )
    assert process.returncode == 0, process.stderr
    with np.load(folder / "results.npz", allow_pickle=False) as arrays:
        return dict(arrays)


@pytest.mark.parametrize("task", jax_steps.TASKS)
def test_ten_steps_have_the_terms_of_tensorflow(folder, source, results, task):
    import tensorflow as tf

    from mgpe_tf.training.step import TrainStep

    objective, state = networks(task, folder)
    given = jax_steps.without_noise(objective)
    step = TrainStep(objective, state, tf.distribute.OneDeviceStrategy("CPU:0"), jax_steps.task_config(task, folder))
    for number, (kind, (targets, others)) in enumerate(jax_steps.schedule(objective)):
        indices = {"target": targets, "source": targets if kind == "paired" else others}
        batch = {
            f"{role}_{what}": tf.constant(getattr(source, f"{what}s")[own])
            for role, own in indices.items()
            for what in ("image", "mask")
        }
        batch.update({name: tf.constant(value) for name, value in given.items()})
        terms = {f"{task} {number} {name}": float(value) for name, value in step(kind, batch).items()}
        assert terms.keys() == {name for name in results if name.startswith(f"{task} {number} ")}
        for name, value in terms.items():
            np.testing.assert_allclose(results[name], value, rtol=1e-4, atol=1e-4, err_msg=name)


@pytest.mark.parametrize("task", jax_steps.TASKS)
def test_checkpoints_pass_between_the_backends_bit_for_bit(folder, results, task):
    start, end = (CheckpointStore(folder / task / name).restore_latest() for name in ("start", "end"))
    assert results[f"{task} start"] == weights_sha256(start.arrays)
    state = networks(task, folder)[1]
    state.load(end.step, end.arrays)
    assert state.step == jax_steps.STEPS and weights_sha256(state.arrays()) == weights_sha256(end.arrays)
    moved = [name for name, array in end.arrays.items() if np.any(array != start.arrays[name])]
    assert {name.split("/")[0] for name in moved} == {"network", "average", "optimizer"}


def test_neither_tensorflow_nor_opencv_was_needed(results):
    assert "jax" in results["modules"]
    assert not [name for name in results["modules"] if name.startswith(("tensorflow.", "cv2.", "tf_keras"))]


def test_the_same_draws_change_portraits_as_on_tensorflow(source, results):
    images, masks = jax_steps.changed(source)
    difference = np.abs(results["changed images"].astype(int) - images)
    assert difference.max() <= 1 and (difference > 0).mean() < 0.01  # half-way between two levels, either is right
    assert (results["changed masks"] != masks).mean() < 0.001
    assert (images != source.images).mean() > 0.5


def test_mirrored_portraits_have_left_and_right_exchanged(source, results):
    image, mask = source.images[0], source.masks[0]
    mirrored = [np.any(other != image) for other in results["images"]]
    assert 4 <= sum(mirrored) <= 28  # of 64, each with a chance of 1/4
    for flipped, other, ids in zip(mirrored, results["images"], results["masks"]):
        np.testing.assert_array_equal(other, image[:, ::-1] if flipped else image)
        np.testing.assert_array_equal(ids, np.array(FLIPPED)[mask[:, ::-1]] if flipped else mask)


def test_the_seed_and_the_step_alone_decide_how_portraits_are_recoloured(source, results):
    levels = results["colours 0"].mean(axis=(1, 2, 3)) / source.images[0].mean()
    assert 0.75 < levels.min() < 0.9 and 1.1 < levels.max() < 1.25
    np.testing.assert_array_equal(results["colours 1"], results["colours 0"])
    assert np.all(np.any(results["colours 2"] != results["colours 0"], axis=(1, 2, 3)))


def test_a_run_in_pieces_is_that_in_one_piece(folder, results):
    whole, pieces = metrics(folder / "whole"), metrics(folder / "pieces")
    assert [line["step"] for line in pieces if "weights_sha256" in line] == [1, 2]
    assert pieces[-1]["weights_sha256"] == whole[-1]["weights_sha256"]
    assert [line["L_P"] for line in pieces if "L_P" in line] == [line["L_P"] for line in whole if "L_P" in line]
    assert checkpoint_steps(folder / "pieces") == checkpoint_steps(folder / "whole") == [1, 2]
    assert 0 < whole[0]["tflops"] == pytest.approx(2 * whole[0]["share_of_peak"])
    assert (folder / "whole" / "samples" / "last.png").exists()


def test_either_backend_continues_a_run_of_the_other(folder, results):
    from mgpe_tf.training.on_tensorflow import train

    def updates():
        return int(CheckpointStore(folder / "continued" / "checkpoints").restore_latest().arrays[ITERATION])

    assert updates() == 2
    assert train(jax_steps.parser_config(steps=3), folder / "continued") == 0
    assert updates() == 3
    assert [line["step"] for line in metrics(folder / "continued") if "weights_sha256" in line] == [1, 2, 3]


def test_paired_sources_are_the_targets_or_views_of_them(source, results):
    np.testing.assert_array_equal(results["same"], results["images"])
    for seen, view in zip(results["seen"], results["view"]):
        np.testing.assert_array_equal(seen, source.images[0])
        assert np.any(view != seen)


@pytest.mark.parametrize(
    ("flag", "message"),
    [
        ("--data=nowhere", "nowhere/manifest.json: No such file or directory; pack a data set with"),
        ("--minutes=-1", "--minutes"),
    ],
)
def test_mistakes_on_the_command_line_are_one_line(tmp_path, flag, message):
    process = subprocess.run(
        [sys.executable, "-m", "mgpe_tf.train_on_jax", f"--workdir={tmp_path}", flag],
        capture_output=True,
        text=True,
        env={**os.environ, "JAX_PLATFORMS": "cpu"},
        cwd=HERE.parents[1],
    )
    assert process.returncode == 2
    assert process.stderr.startswith("error: ") and message in process.stderr and process.stderr.count("\n") == 1
