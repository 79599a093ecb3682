"""The run folder: lock, config on a continuation, metrics."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from mgpe_tf.config import Config
from mgpe_tf.errors import UserError
from mgpe_tf.training.run_folder import RunFolder, changes_of, read_config

OPEN = """
import sys
from mgpe_tf.errors import UserError
from mgpe_tf.training.run_folder import RunFolder
try:
    RunFolder(sys.argv[1])
    print("open")
except UserError as error:
    print(error)
"""


def open_elsewhere(path):
    """What another process says that opens the folder."""
    return subprocess.run([sys.executable, "-c", OPEN, str(path)], capture_output=True, text=True, check=True).stdout


def test_only_one_process_holds_a_run(tmp_path):
    with RunFolder(tmp_path / "a" / "run") as run:
        assert run.samples.is_dir() and run.checkpoints.is_dir()
        assert f"--workdir={run.path} is in use by process {os.getpid()}" in open_elsewhere(run.path)
        assert open_elsewhere(tmp_path / "other") == "open\n"
    assert open_elsewhere(run.path) == "open\n"


def test_a_killed_run_frees_its_folder(tmp_path):
    code = OPEN.replace("RunFolder(sys", "run = RunFolder(sys").replace('print("open")', "__import__('os').abort()")
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)]).returncode != 0
    RunFolder(tmp_path).close()


def test_a_path_that_cannot_be_a_folder_is_a_mistake(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="--workdir=.*file/run: cannot be written"):
        RunFolder(tmp_path / "file" / "run")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_write_permission_is_a_mistake(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(UserError, match="cannot be written"):
        RunFolder(tmp_path / "run")


def test_a_config_is_stored_and_read_back(tmp_path):
    config = Config(name="x")
    config.generator.mask = [3, 4]
    with RunFolder(tmp_path) as run:
        run.store_config(config)
    config.generator.mask = (3, 4)
    assert read_config(tmp_path) == config
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoints", "config.json", "samples"]


def test_a_continuation_may_change_how_it_reports_but_not_what_it_trains(tmp_path):
    config = Config()
    with RunFolder(tmp_path) as run:
        run.store_config(config)
        config.training.log_every = 1
        config.data.cache = "none"
        assert changes_of(tmp_path, config) == {}
        run.store_config(config)
        assert read_config(tmp_path).training.log_every == 1
    config.training.batch_size = 5
    with pytest.raises(UserError, match=r"training.batch_size 4 -> 5\).* go on with the new ones by --accept_changes"):
        changes_of(tmp_path, config)
    assert changes_of(tmp_path, config, accept_changes=True) == {"training.batch_size": [4, 5]}
    config.loss.norm = "l1"
    with pytest.raises(UserError, match="loss.norm 'l2' -> 'l1'; training.batch_size 4 -> 5.*give the old values$"):
        changes_of(tmp_path, config)
    with pytest.raises(UserError, match=r"config \(loss.norm 'l2' -> 'l1'\): .* --accept_changes allows training"):
        changes_of(tmp_path, config, accept_changes=True)
    assert changes_of(tmp_path / "new", config) == {}


def test_the_label_set_counts_where_folders_were_read_by_it(tmp_path):
    """Runs of earlier versions name one, whatever the layout."""
    config = Config()
    with RunFolder(tmp_path) as run:
        for layout, label_set in (("synthetic", ()), ("synthetic", ("helen",)), ("folder", ())):
            config.data.layout, config.data.label_set = layout, ("celebamask_hq",)
            run.store_config(config)
            config.data.label_set = label_set
            assert changes_of(tmp_path, config) == {}
    config.data.label_set = ("helen",)
    with pytest.raises(UserError, match="data.label_set"):
        changes_of(tmp_path, config)


@pytest.mark.parametrize("text", [None, '{"name": ', '{"nam": "x"}'])
def test_a_folder_without_a_readable_config_is_named(tmp_path, text):
    if text is not None:
        (tmp_path / "config.json").write_text(text)
    with pytest.raises(UserError, match="config.json"):
        read_config(tmp_path)


def test_metrics_are_one_json_line_per_step(tmp_path):
    with RunFolder(tmp_path) as run:
        run.log(1, {"loss": np.float32(0.5), "images": np.int64(3)})
        assert run.metrics.read_text() == '{"step": 1, "loss": 0.5, "images": 3}\n'
        run.log(2, {"loss": float("nan"), "weights_sha256": "ab"})
        assert json.loads(run.metrics.read_text().splitlines()[1]) == {"step": 2, "loss": None, "weights_sha256": "ab"}


@pytest.mark.parametrize("torn", ["", '{"step": 3, "lo', '{"step": 3}', "\x00\x00\x00\n"])
def test_truncated_metrics_end_at_the_restored_step(tmp_path, torn):
    with RunFolder(tmp_path) as run:
        run.truncate_metrics(0)
        for step in (1, 2, 3, 4):
            run.log(step, {"loss": step})
        with open(run.metrics, "a") as file:
            file.write(torn)
        run.truncate_metrics(3)
        run.log(4, {"loss": 9})
        assert [json.loads(line)["loss"] for line in run.metrics.read_text().splitlines()] == [1, 2, 3, 9]


def test_what_was_changed_at_a_lost_step_holds_from_the_restored_one(tmp_path):
    with RunFolder(tmp_path) as run:
        for step in (1, 2, 3):
            run.log(step, {"loss": step})
        run.log(3, {"changes": {"training.batch_size": [4, 8]}})
        run.truncate_metrics(2)
        lines = [json.loads(line) for line in run.metrics.read_text().splitlines()]
    assert lines == [
        {"step": 1, "loss": 1},
        {"step": 2, "loss": 2},
        {"step": 2, "changes": {"training.batch_size": [4, 8]}},
    ]
