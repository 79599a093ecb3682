"""A run goes on with another batch size, rate, precision or number of devices when it is told to."""

from __future__ import annotations

import json
import math

import forked
import keras
import numpy as np
import pytest
from processes import TINY, metrics
from processes import train as train_by_command
from steps import Steps
from tiny import tiny_config

from mgpe_tf.errors import UserError
from mgpe_tf.evaluation.measure.runs import run_facts
from mgpe_tf.models.checkpoints import CheckpointStore
from mgpe_tf.training.loop import Loop
from mgpe_tf.training.on_tensorflow import train
from mgpe_tf.training.run_folder import read_config


@pytest.fixture(autouse=True)
def policy():
    """Puts the dtype policy back."""
    yield
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")


def manifest(path) -> dict:
    """That of the newest checkpoint."""
    return json.loads((CheckpointStore(path / "checkpoints").newest() / "manifest.json").read_text())


def test_a_run_goes_on_with_what_it_is_told(tmp_path):
    assert train(tiny_config(steps=3), tmp_path) == 0
    new = tiny_config(steps=5, batch_size=4, learning_rate=1e-3, precision="mixed_float16")
    with pytest.raises(UserError, match=r"training.batch_size 2 -> 4; .* by --accept_changes$"):
        train(new, tmp_path)
    assert read_config(tmp_path).training.batch_size == 2
    assert train(new, tmp_path, accept_changes=True) == 0
    lines = metrics(tmp_path)
    assert [line for line in lines if "changes" in line] == [
        {
            "step": 3,
            "changes": {
                "training.batch_size": [2, 4],
                "training.learning_rate": [0.0002, 0.001],
                "training.precision": ["float32", "mixed_float16"],
            },
        }
    ]
    later = [line for line in lines if line["step"] > 3]
    assert all(math.isfinite(v) for line in later for v in line.values() if isinstance(v, float))
    assert any("L_P" in line for line in later)
    assert manifest(tmp_path)["info"] == {"config": "tiny", "examples": 3 * 2 + 2 * 4, "devices": "1 CPU replica"}
    assert run_facts(tmp_path).images == 14 and read_config(tmp_path).training == new.training
    assert train(tiny_config(steps=6, batch_size=4), tmp_path, accept_changes=True) == 0  # and back to float32
    assert manifest(tmp_path)["info"]["examples"] == 18


def test_what_changes_the_networks_is_refused_whatever_is_told(tmp_path):
    train(tiny_config(steps=1), tmp_path)
    config = tiny_config(steps=2, ema=0.0)
    config.parser.filters = (8, 8, 16)
    with pytest.raises(UserError, match=r"\(parser.filters .*; training.ema 0.9 -> 0.0\): .*--accept_changes allows"):
        train(config, tmp_path, accept_changes=True)
    assert read_config(tmp_path).parser.filters == (8, 8, 8)


class Killed(BaseException):
    """Ends a run as a kill does: nothing more is written."""


def kill(*_) -> None:
    """Raises it."""
    raise Killed


def test_a_checkpoint_of_an_earlier_version_has_seen_batches_of_one_size(tmp_path, monkeypatch):
    """Also if the run was killed right after it had accepted another size."""
    train(tiny_config(steps=2), tmp_path)
    path = CheckpointStore(tmp_path / "checkpoints").newest() / "manifest.json"
    old = json.loads(path.read_text())
    old["info"] = {"config": "tiny"}
    path.write_text(json.dumps(old))
    new = tiny_config(steps=3, batch_size=4)
    with monkeypatch.context() as patch:
        patch.setattr(Loop, "run", kill)
        with pytest.raises(Killed):
            train(new, tmp_path, accept_changes=True)
    assert read_config(tmp_path).training.batch_size == 4
    train(new, tmp_path)
    assert manifest(tmp_path)["info"]["examples"] == 2 * 2 + 4


@pytest.mark.parametrize(("before", "after"), [("float32", "mixed_float16"), ("mixed_float16", "mixed_bfloat16")])
def test_moments_survive_a_change_of_precision(before, after):
    state, other = (Steps(tiny_config(precision=name)).state for name in (before, after))
    rng = np.random.default_rng(0)
    arrays = {k: rng.normal(size=v.shape).astype(v.dtype) for k, v in state.variables().items()}
    other.load(7, arrays)
    found = other.arrays()

    def moments(values):
        return [
            values[k] for k in sorted(values) if k.startswith("optimizer/") and ("momentum" in k or "velocity" in k)
        ]

    assert len(moments(arrays)) == len(moments(found)) > 10
    for wanted, array in zip(moments(arrays), moments(found), strict=True):
        np.testing.assert_array_equal(array, wanted)
    scales = [found[k] for k in found if k.endswith("_dynamic_scale")]
    assert scales == ([2.0**15] if after == "mixed_float16" else [])


def test_the_command_tells_and_notes_another_number_of_devices(tmp_path):
    train(tiny_config(steps=2), tmp_path)
    flags = ["--config.training.steps=4", "--config.training.batch_size=4"]
    refused = forked.run("mgpe_tf.train", f"--config={TINY}", f"--workdir={tmp_path}", *flags)
    assert refused.returncode == 2 and refused.stderr.endswith("go on with the new ones by --accept_changes\n")
    train_by_command(tmp_path, *flags, "--accept_changes", way="two_devices")
    changes = {"training.batch_size": [2, 4], "devices": ["1 CPU replica", "2 CPU replicas"]}
    assert {"step": 2, "changes": changes} in metrics(tmp_path)
    assert manifest(tmp_path)["info"]["examples"] == 2 * 2 + 2 * 4
