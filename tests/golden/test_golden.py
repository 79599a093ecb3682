"""What every version since 0.1.0 stored can be read, used and gone on with (docs/reference/compatibility.md)."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from mgpe_tf.data import images
from mgpe_tf.provenance.verification import verify

tf = pytest.importorskip("tensorflow")

from mgpe_tf.editing import files  # noqa: E402, it imports tensorflow
from mgpe_tf.editing.operations import parse  # noqa: E402
from mgpe_tf.editing.photograph import Photograph  # noqa: E402
from mgpe_tf.editing.portrait_editor import PortraitEditor  # noqa: E402
from mgpe_tf.editing.recipes import Inputs, follow  # noqa: E402
from mgpe_tf.models.checkpoints import CheckpointStore  # noqa: E402
from mgpe_tf.models.face_parser import FaceParser  # noqa: E402
from mgpe_tf.models.keras_parsers import load_parser  # noqa: E402
from mgpe_tf.training.on_tensorflow import train  # noqa: E402
from mgpe_tf.training.run_folder import read_config  # noqa: E402

VERSIONS = sorted(path for path in Path(__file__).parent.iterdir() if path.is_dir() and path.name[0].isdigit())


@pytest.fixture(params=VERSIONS, ids=lambda path: path.name)
def golden(request):
    """The folder of a version."""
    return request.param


@pytest.fixture(autouse=True)
def eager():
    """Tracing takes longer than these few steps."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


def test_there_is_one_of_the_first_version_and_all_are_small():
    assert "0.1.0" in [path.name for path in VERSIONS]
    for path in VERSIONS:
        assert sum(file.stat().st_size for file in path.rglob("*") if file.is_file()) < 1.5e6


@pytest.mark.parametrize("form", ["parser", "exported", "exported/parser_float32.tflite", "exported/parser.keras"])
def test_parsers_read_what_they_did(golden, form):
    if form.endswith(".keras"):
        _, resolution, network = load_parser(golden / "exported")
        parser = FaceParser.of(network, resolution)
    else:
        parser = FaceParser.load(golden / form)
    with np.load(golden / "parsed.npz", allow_pickle=False) as parsed:
        wanted = parsed["probabilities"].astype(np.float32)
    found = parser.probabilities(images.read_image(golden / "target.png")[None])
    np.testing.assert_allclose(found[:, ::4, ::4], wanted, atol=2e-3)  # stored in 16 bits


@pytest.mark.parametrize("task", ["parser", "editor"])
def test_runs_go_on(golden, tmp_path, monkeypatch, task):
    monkeypatch.chdir(golden)  # the editor's parser_path is "parser"
    run = tmp_path / task
    shutil.copytree(golden / task, run)
    config = read_config(run)
    config.training.steps += 1
    assert train(config, run) == 0
    assert CheckpointStore(run / "checkpoints").restore_latest().step == read_config(golden / task).training.steps + 1


def test_edited_pictures_are_known_and_made_again(golden):
    picture, inputs = golden / "edited.png", [golden / f"{role}.png" for role in ("target", "source")]
    assert verify(picture, inputs).ok
    recipe = files.read_recipe(picture)
    models = {"editor": golden / "editor", "parser": golden / "exported"}
    files.check_models(recipe, files.models_of(models))
    photographs = files.matched(recipe, [Photograph.read(path, "input") for path in inputs])
    editor = PortraitEditor.load(*models.values())
    again = follow(parse(recipe.operations), Inputs(editor, dict(enumerate(photographs)))).picture
    stored = images.read_image(picture)
    assert (stored != images.read_image(inputs[0])).any()
    assert np.abs(again.astype(int) - stored).max() <= 2  # other versions of TensorFlow may round differently
