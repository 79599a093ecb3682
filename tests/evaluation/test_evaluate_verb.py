"""python -m mgpe_tf.evaluate as a user runs it."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from small import SIZE, randomised, small_config

from mgpe_tf.data.synthetic import draw_portrait
from mgpe_tf.objectives.parser import build_parser
from mgpe_tf.training.checkpoints import CheckpointStore
from mgpe_tf.training.run_folder import RunFolder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a run of a parser (run/) and a data set of three drawn portraits (set/)."""
    path = tmp_path_factory.mktemp("evaluate")
    config = small_config(task="parser")
    with RunFolder(path / "run") as run:
        run.store_config(config)
        weights = randomised(build_parser(config)).weights
        CheckpointStore(run.checkpoints).save(0, {f"network/{v.path}": np.asarray(v) for v in weights}, {})
    for kind in ("images", "labels"):
        (path / "set" / kind).mkdir(parents=True)
    for seed in range(3):
        for kind, array in zip(("images", "labels"), draw_portrait(seed, SIZE), strict=True):
            Image.fromarray(array).save(path / "set" / kind / f"p{seed}.png")
    return path


def run(folder, *arguments):
    command = [sys.executable, "-m", "mgpe_tf.evaluate", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)


def test_the_whole_command(folder):
    result = run(folder, "parser", "--model=run", "--data=set", "--output=out/scores", "--batch_size=2", "--limit=2",
                 "--flip")
    assert result.returncode == 0, result.stderr
    assert {line[:17] for line in result.stderr.splitlines() if line} <= {"Reading portraits"}  # if it takes long
    assert "run on 2 portraits of" in result.stdout and "f1_helen_overall" in result.stdout
    document = json.loads((folder / "out" / "scores" / "scores.json").read_text())
    assert (document["model"], document["images"], document["flip"]) == ("run", 2, True)
    assert document["data"] == f"{folder.name}/set" and document["resolution"] == SIZE
    weights = (folder / "run" / "checkpoints" / "step-00000000" / "state.npz").read_bytes()
    assert hashlib.sha256(weights).hexdigest() in document["model_sha256"].values()
    assert np.sum(document["confusion"]["pixels"]) == 2 * SIZE**2
    assert str(folder) not in json.dumps(document)
    assert sorted(path.name for path in (folder / "out" / "scores").iterdir()) == [
        "confusion.png", "scores.json", "worst.png"]


def test_help_has_examples_and_protocols(folder):
    result = run(folder, "--help")
    assert (result.returncode, result.stderr) == (0, "")
    for words in ("evaluate parser --model=", "miou_11_classes", "--label_set", "--flip"):
        assert words in result.stdout


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--model=run", "--data=set"], "no word: what should be evaluated? allowed: parser"),
        (["parsers", "--model=run", "--data=set"], "parsers: what should be evaluated?"),
        (["parser", "--model=run"], "--data"),
        (["parser", "--model=run", "--data=set", "--layout=foldr"], "folder"),
        (["parser", "--model=run", "--data=set", "--output=run/config.json"], "--output=run/config.json"),
        (["parser", "--model=no/run", "--data=set"], "no/run"),
        (["parser", "--model=run", "--data=no/set"], "no/set: there is no such folder"),
        (["parser", "--model=run", "--data=set", "--label_set=helen", "--limit=0"], "--limit"),
    ],
)
def test_mistakes_are_one_line_and_exit_code_2(folder, arguments, expected):
    result = run(folder, *arguments)
    assert result.returncode == 2
    assert result.stderr.startswith("error: ") and result.stderr.count("\n") == 1
    assert expected in result.stderr
