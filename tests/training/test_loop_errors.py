"""Mistakes end a training with one line that says what to do, and never harm what the run folder holds."""

from __future__ import annotations

import dataclasses
import os

import keras
import numpy as np
import pytest
from PIL import Image
from processes import checkpoint_steps, finish, start
from tiny import tiny_config

from mgpe_tf.data.label_sets import describe_folder
from mgpe_tf.data.synthetic import draw_portrait
from mgpe_tf.errors import UserError
from mgpe_tf.models.checkpoints import CheckpointStore
from mgpe_tf.training.on_tensorflow import train
from mgpe_tf.training.run_folder import RunFolder, read_config


@pytest.fixture(autouse=True)
def policy():
    """Puts the dtype policy back."""
    yield
    keras.config.set_dtype_policy("float32")


def changed(config, changes):
    """The config with fields by dotted name."""
    for name, value in changes.items():
        head, _, rest = name.partition(".")
        value = changed(getattr(config, head), {rest: value}) if rest else value
        config = dataclasses.replace(config, **{head: value})
    return config


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"task": "swap"}, "task is 'swap'; allowed:"),
        ({"task": "editor"}, "parser_lite was trained at 256 pixels.*python -m mgpe_tf.train"),
        ({"task": "editor", "parser_path": "PARSER", "data.resolution": 128}, "trained at 64 pixels"),
        ({"training.ema": 1.0}, "training.ema is 1.0; allowed: 0 or more and less than 1"),
        ({"data.layout": "folder"}, "data.path: empty"),
        ({"data.layout": "folder", "data.path": "nowhere"}, "data.path: there is no folder nowhere"),
        ({"data.layout": "folder", "data.path": "TMP"}, "TMP.*images"),
    ],
)
def test_a_bad_set_up_is_named_before_anything_is_trained(tmp_path, parser_run, changes, message):
    places = {"PARSER": str(parser_run), "TMP": str(tmp_path)}
    config = changed(tiny_config(), {k: places.get(v, v) if isinstance(v, str) else v for k, v in changes.items()})
    with pytest.raises(UserError, match=message.replace("TMP", str(tmp_path))) as error:
        train(config, tmp_path / "run")
    assert "\n" not in str(error.value)
    assert not (tmp_path / "run" / "metrics.jsonl").exists()


def test_another_config_may_not_continue_a_run(tmp_path):
    with RunFolder(tmp_path) as run:
        run.store_config(tiny_config(learning_rate=0.5))
    with pytest.raises(UserError, match="training.learning_rate 0.5 -> 0.0002"):
        train(tiny_config(), tmp_path)


def test_two_runs_may_not_share_a_folder(tmp_path):
    with RunFolder(tmp_path), pytest.raises(UserError, match="in use by process"):
        train(tiny_config(), tmp_path)


def test_damaged_checkpoints_are_never_trained_over(tmp_path):
    CheckpointStore(tmp_path / "checkpoints").save(4, {"w": np.ones(3)}, {})
    state = tmp_path / "checkpoints" / "step-00000004" / "state.npz"
    state.write_bytes(state.read_bytes()[:-9])
    before = state.read_bytes()
    with pytest.raises(UserError, match="none of the 1 checkpoints .* is whole"):
        train(tiny_config(), tmp_path)
    assert state.read_bytes() == before and not (tmp_path / "metrics.jsonl").exists()


def test_a_loss_that_is_not_finite_stops_the_run(tmp_path):
    config = tiny_config(learning_rate=1e30, clip_norm=0.0, checkpoint_every=1, steps=20)
    with pytest.raises(UserError) as error:
        train(config, tmp_path)
    last = checkpoint_steps(tmp_path)[-1]
    message = str(error.value)
    assert message.startswith("training stopped: L_P is ") and f" step {last + 1};" in message
    assert f"last good checkpoint: {tmp_path}/checkpoints/step-{last:08d};" in message
    for array in CheckpointStore(tmp_path / "checkpoints").restore_latest().arrays.values():
        assert np.isfinite(array).all()


@pytest.mark.skipif(os.name == "nt", reason="needs a limit on file sizes")
@pytest.mark.parametrize(("limit", "event"), [(30_000, "checkpoint"), (3_000, "sample")])
def test_a_full_disk_is_a_mistake_and_not_a_crash(tmp_path, limit, event):
    import resource

    config = tiny_config(**{f"{name}_every": 1 if name == event else 100 for name in ("checkpoint", "sample", "log")})
    previous = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, previous[1]))
    try:
        with pytest.raises(UserError, match=f"{tmp_path}.*File too large.*free some space"):
            train(config, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, previous)


def write_folder(folder, count):
    """Portraits and masks in the "folder" layout."""
    for part in ("images", "labels"):
        (folder / part).mkdir(parents=True)
    for i in range(count):
        image, mask = draw_portrait(i, 64)
        Image.fromarray(image).save(folder / "images" / f"{i}.png")
        Image.fromarray(mask).save(folder / "labels" / f"{i}.png")


def test_a_run_notes_by_which_label_set_its_folder_was_read(tmp_path):
    write_folder(tmp_path / "data", 8)
    config = changed(
        tiny_config(steps=1), {f"data.{name}": (str(tmp_path / "data"),) for name in ("path", "validation_path")}
    )
    config = changed(config, {"data.layout": "folder", "data.validation_size": 1})
    with pytest.raises(UserError, match="read as 'bisenet', 8 of its labels have .* --config.data.label_set=helen"):
        train(changed(config, {"data.label_set": ("bisenet",)}), tmp_path / "run")
    describe_folder(tmp_path / "data", "helen")
    with pytest.raises(UserError, match="'celebamask_hq' for .*dataset.json says 'helen'"):
        train(changed(config, {"data.label_set": ("celebamask_hq",)}), tmp_path / "run")
    assert not (tmp_path / "run").exists()
    assert train(config, tmp_path / "run") == 0
    assert read_config(tmp_path / "run").data.label_set == ("helen",)
    assert (
        train(config, tmp_path / "run") == train(changed(config, {"data.label_set": ("helen",)}), tmp_path / "run") == 0
    )


def test_a_corrupt_image_met_while_training_is_one_line_on_stderr(tmp_path):
    write_folder(tmp_path / "data", 8)
    bad = tmp_path / "data" / "images" / "5.png"
    bad.write_bytes(bad.read_bytes()[:200])
    flags = {
        "layout": "folder",
        "path": tmp_path / "data",
        "validation_path": tmp_path / "data",
        "cache": "none",
        "validation_size": 1,
    }
    code, stderr = finish(start(tmp_path / "run", *[f"--config.data.{k}={v}" for k, v in flags.items()]))
    assert code == 2
    lines = stderr.rstrip().splitlines()
    assert lines[-1].startswith("error: ") and str(bad) in lines[-1]
    assert "Traceback" not in stderr and lines[0].startswith("run folder ")


@pytest.mark.parametrize("classes", [19, 11])
def test_labels_that_merge_what_a_parser_tells_apart_are_told(classes, tmp_path, caplog):
    """A parser of nineteen classes would make them up; one of eleven need not know them."""
    from stored_parser import lite_config

    for name, label_set in (("helen", "helen"), ("celeb", "celebamask_hq")):
        for part, pixels in zip(("images", "labels"), draw_portrait(0, 64)):
            (tmp_path / name / part).mkdir(parents=True)
            Image.fromarray(pixels.astype(np.uint8)).save(tmp_path / name / part / "a.png")
        describe_folder(tmp_path / name, label_set)
    config = changed(
        lite_config() if classes == 19 else tiny_config("parser"),
        {
            "data.layout": "folder",
            "data.path": (str(tmp_path / "helen"), str(tmp_path / "celeb"), str(tmp_path / "helen")),
            "data.validation_path": (str(tmp_path / "helen"),),
            "loss.distillation": 1.0,
            "parser_path": str(tmp_path / "no_teacher"),
        },
    )
    with caplog.at_level("WARNING", logger="absl"), pytest.raises(UserError, match="no_teacher"):
        train(config, tmp_path / "run")
    told = [record.getMessage() for record in caplog.records if "merge parts" in record.getMessage()]
    assert [line.startswith(f"{tmp_path / 'helen'}: ") for line in told] == ([True] if classes == 19 else [])
