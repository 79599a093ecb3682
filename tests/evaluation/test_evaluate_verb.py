"""python -m mgpe_tf.evaluate as a user runs it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import shutil

import called
import numpy as np
import pytest
from PIL import Image
from small import SIZE, randomised, small_config
from stored_editor import store_editor
from stored_parser import random_parser, store_labels_only, store_run
from stored_trunk import store_trunk

from mgpe_tf.data.synthetic import draw_portrait
from mgpe_tf.storage.locks import lock_folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Runs of a parser (run/) and of an editor with two seeds (editor/, other/), a parser that gives labels alone
    (old/), and a data set of five synthetic portraits (set/)."""
    from mgpe_tf.objectives.editor import build_generator

    path = tmp_path_factory.mktemp("evaluate")
    store_run(path / "run", step=0)
    store_editor(path / "editor")
    (path / "editor" / "metrics.jsonl").write_text('{"step": 1, "L_G": 2.5}\n{"step": 2, "L_G": 2.25}\n')
    config = small_config()
    config.training.seed = 1
    store_editor(path / "other", randomised(build_generator(config), seed=1), config)
    store_labels_only(random_parser(), SIZE, path / "old")
    for kind in ("images", "labels"):
        (path / "set" / kind).mkdir(parents=True)
    for seed in range(5):
        for kind, array in zip(("images", "labels"), draw_portrait(seed, SIZE), strict=True):
            Image.fromarray(array).save(path / "set" / kind / f"p{seed}.png")
    return path


def run(folder, *arguments):
    return called.run("mgpe_tf.evaluate", *arguments, cwd=folder)


def test_the_whole_command(folder):
    result = run(
        folder,
        "parser",
        "--model=run",
        "--data=set",
        "--output=out/scores",
        "--batch_size=2",
        "--limit=2",
        "--flip",
        "--report=out/readings",
    )
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert "run on 2 portraits of" in result.stdout and "f1_helen_overall" in result.stdout
    document = json.loads((folder / "out" / "scores" / "scores.json").read_text())
    assert (document["model"], document["images"], document["flip"]) == ("run", 2, True)
    assert document["data"] == f"{folder.name}/set" and document["resolution"] == SIZE
    weights = (folder / "run" / "checkpoints" / "step-00000000" / "state.npz").read_bytes()
    assert hashlib.sha256(weights).hexdigest() in document["model_sha256"].values()
    assert np.sum(document["confusion"]["pixels"]) == 2 * SIZE**2
    assert str(folder) not in json.dumps(document)
    assert sorted(path.name for path in (folder / "out" / "scores").iterdir()) == [
        "confusion.png",
        "scores.json",
        "worst.png",
    ]
    page = (folder / "out" / "readings" / "index.html").read_text(encoding="utf-8")
    assert "The face parser run" in page and "pictures/worst-1-3.jpg" in page
    assert len(list((folder / "out" / "readings" / "pictures").iterdir())) == 2 * 4  # this run has no metrics.jsonl


def test_an_editor(folder):
    result = run(
        folder, "editor", "--model=editor", "--parser=run", "--data=set", "--output=out/editor", "--report=out/page"
    )
    assert result.returncode == 0, result.stderr
    assert "editor on 5 portraits of" in result.stdout and "read by run" in result.stdout
    document = json.loads((folder / "out" / "editor" / "scores.json").read_text())
    assert (document["task"], document["parser"], document["images"]) == ("editor", "run", 5)
    for role, name in (("model", "editor"), ("parser", "run")):
        weights = (folder / name / "checkpoints" / "step-00000000" / "state.npz").read_bytes()
        assert hashlib.sha256(weights).hexdigest() in document[f"{role}_sha256"].values()
    assert document["scores"]["fd_parser_2_ratio"] > 0 and str(folder) not in json.dumps(document)
    assert sorted(path.name for path in (folder / "out" / "editor").iterdir()) == [
        "appearance.png",
        "scores.json",
        "shapes.png",
        "swaps.png",
        "worst.png",
    ]
    page = (folder / "out" / "page" / "index.html").read_text(encoding="utf-8")
    pictures = {path.name for path in (folder / "out" / "page" / "pictures").iterdir()}
    assert pictures == set(re.findall('"pictures/([^"]+)', page)) and "appearance-4-8.jpg" in pictures
    assert "course-0.svg" in pictures and str(folder) not in page
    for name in document["scores"]:
        assert name.replace("_", "_<wbr>") in page


def test_editors_compared(folder):
    result = run(
        folder, "compare", "--runs=editor", "--runs=other", "--parser=run", "--data=set", "--output=out/compared"
    )
    assert result.returncode == 0, result.stderr
    assert "editor (1 of 2)" in result.stderr and "small (2 seeds)" in result.stdout
    output = folder / "out" / "compared"
    assert sorted(path.name for path in output.iterdir()) == [
        "comparison.csv",
        "comparison.md",
        "index.html",
        "pictures",
    ]
    (row,) = csv.DictReader(io.StringIO((output / "comparison.csv").read_text()))
    assert row["runs"] == "2" and float(row["psnr_face_std"]) > 0
    assert "psnr_face" in (output / "comparison.md").read_text()
    assert len(list((output / "pictures").glob("example-*"))) == 5 * 5
    page = (output / "index.html").read_text(encoding="utf-8")
    assert "SHA-256 of editor other/config.json" in page and str(folder) not in page


def test_a_parser_without_features_leaves_the_distance_out(folder):
    result = run(folder, "editor", "--model=editor", "--parser=old", "--data=set", "--limit=4")
    assert result.returncode == 0
    assert result.stderr.startswith("note: distances in the parser's features are left out, since old gives labels")
    assert "f1_macro_foreground_swaps" in result.stdout and "fd_" not in result.stdout


def test_edits(folder):
    store_trunk(folder / "trunk.npz")
    arguments = ["edits", "--model=editor", "--parser=run", "--edits=smile,hair_colour", "--output=out/edits"]
    result = run(folder, *arguments, "--data=set", "--probe=trunk.npz", "--report=out/edits_page")
    assert result.returncode == 0, result.stderr
    assert "editor on 5 portraits of" in result.stdout and "note:" not in result.stderr
    document = json.loads((folder / "out" / "edits" / "scores.json").read_text())
    assert (document["task"], document["images"], list(document["edits"])) == ("edits", 5, ["smile", "hair_colour"])
    assert document["portraits"]["p4.png"]["other"] == "p0.png" and document["scores"]["unchanged"] in (1, None)
    assert "realism_auc" in document["scores"] and "trunk.npz" in document["probe_sha256"]
    pictures = sorted(path.name for path in (folder / "out" / "edits").iterdir())
    assert pictures == ["hair_colour.png", "scores.json", "smile.png"]
    assert "Edits by editor" in (folder / "out" / "edits_page" / "index.html").read_text(encoding="utf-8")


def test_edits_of_a_plain_folder_and_without_a_probe(folder):
    arguments = ["edits", "--model=editor", "--parser=run", "--edits=nose"]
    result = run(folder, *arguments, "--data=set/images", "--limit=2")
    assert result.returncode == 0
    assert result.stderr.startswith("note: realism_auc is left out") and "on 2 portraits of" in result.stdout
    assert "realism_auc" not in result.stdout and "detail" in result.stdout


def test_help_has_examples_and_protocols(folder):
    result = run(folder, "--help")
    assert (result.returncode, result.stderr) == (0, "")
    for words in ("evaluate parser --model=", "miou_11_classes", "--label_set", "--flip"):
        assert words in result.stdout


def test_a_file_that_cannot_be_read_ends_nothing(folder, tmp_path):
    """It costs a line; scores and page tell how many there were; another job meanwhile is refused."""
    shutil.copytree(folder / "set", tmp_path / "set")
    bad = tmp_path / "set" / "images" / "p1.png"
    bad.write_bytes(bad.read_bytes()[:100])
    arguments = ["parser", "--model=run", f"--data={tmp_path / 'set'}", f"--output={tmp_path / 'out'}"]
    result = run(folder, *arguments, f"--report={tmp_path / 'out'}")
    lines = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert result.returncode == 2 and len(lines) == 1 and lines[0].startswith(f"error: {bad}: broken or truncated")
    document = json.loads((tmp_path / "out" / "scores.json").read_text())
    assert (document["images"], document["unreadable"]) == (4, 1) and "run on 4 portraits" in result.stdout
    assert list(document["f1_macro_foreground_of_images"]) == ["p0", "p2", "p3", "p4"]
    assert "<td" in (tmp_path / "out" / "index.html").read_text() and not list((tmp_path / "out").rglob(".*"))
    with lock_folder(tmp_path / "out", "x"):
        second = run(folder, *arguments)
    assert second.returncode == 2 and second.stderr.startswith(
        f"error: --output={tmp_path / 'out'} is in use by process"
    )


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--model=run", "--data=set"], "what should be done? allowed: parser, editor, compare, edits, as in "),
        (["parsers", "--model=run", "--data=set"], "unknown word 'parsers': did you mean 'parser'?"),
        (["parser", "--model=run"], "--data is missing"),
        (["parser", "--model=run", "--data=set", "--layout=foldr"], "folder"),
        (["parser", "--model=run", "--data=set", "--output=run/config.json"], "run/config.json: Not a directory"),
        (["parser", "--model=no/run", "--data=set"], "no/run"),
        (["parser", "--model=run", "--data=no/set"], "no/set: there is no such folder"),
        (["parser", "--model=run", "--data=set", "--label_set=helen", "--limit=0"], "--limit"),
        (["parser", "--parser=run", "--data=set"], "--parser is for evaluate editor, compare or edits; leave it out"),
        (["compare", "--data=set", "--output=out"], "--runs is missing"),
        (["compare", "--data=set", "--runs=editor,other"], "--output is missing"),
        (["compare", "--data=set", "--runs=editor", "--output=out"], "--runs=editor: allowed: two or more"),
        (["editor", "--model=editor", "--data=set", "--inception=none.h5"], "none.h5: there is no such file"),
        (["editor", "--model=editor", "--data=set", "--flip"], "--flip is for evaluate parser; leave it out"),
        (
            ["edits", "--data=set", "--edits=smlie"],
            "--edits: 'smlie' is unknown: did you mean 'smile'?; allowed: smile",
        ),
        (["edits", "--data=set", "--probe=none.npz"], "none.npz: no .npz file of the trunk's arrays"),
        (
            ["edits", "--model=editor", "--data=none"],
            "none: there is no such folder; allowed: one of aligned portraits",
        ),
        (["edits", "--data=set", "--layout=helen"], "--layout is for evaluate parser, editor or compare; leave it out"),
        (
            ["editor", "--model=run", "--data=set"],
            "run is a run of the parser; a run of the editor or pix2pixhd or bicyclegan is needed",
        ),
    ],
)
def test_mistakes_are_one_line_and_exit_code_2(folder, arguments, expected):
    result = run(folder, *arguments)
    assert result.returncode == 2
    assert result.stderr.startswith("error: ") and result.stderr.count("\n") == 1
    assert expected in result.stderr
