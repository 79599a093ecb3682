"""A parser of nineteen classes in every form, and where parsers of eleven are read."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import tensorflow as tf
from small import portraits, small_config
from stored_editor import store_editor
from stored_parser import lite_config, random_lite_parser, random_parser, store_labels_only, store_run

from mgpe_tf.data.synthetic import SyntheticSource
from mgpe_tf.errors import UserError
from mgpe_tf.export.editor_folder import export_editor
from mgpe_tf.export.parser_folder import export_parser
from mgpe_tf.labels import CELEBAMASK_HQ_NAMES, HELEN_SUMS
from mgpe_tf.models import metadata
from mgpe_tf.models.face_parser import FaceParser
from mgpe_tf.models.keras_parsers import load_parser
from mgpe_tf.objectives.editor import EditorObjective
from mgpe_tf.objectives.parser import flip_averaged
from mgpe_tf.training.loop import make_objective
from mgpe_tf.training.start import load_frozen_parser

SIZE = 64
VARIANTS = ("dynamic", "int8", "float16")
DRAWN = SyntheticSource(2, SIZE, first_seed=50)
IMAGES = np.stack([DRAWN.load(i)[0] for i in range(2)])
FLOATS = IMAGES.astype(np.float32) / 127.5 - 1


@pytest.fixture(scope="module")
def network():
    return random_lite_parser()


@pytest.fixture(scope="module")
def run(network, tmp_path_factory):
    return store_run(tmp_path_factory.mktemp("runs") / "lite", config=lite_config(), parser=network)


@pytest.fixture(scope="module")
def exported(run, tmp_path_factory):
    path = tmp_path_factory.mktemp("exported") / "lite"
    export_parser(run, path, VARIANTS, SyntheticSource(8, SIZE))
    return path


@pytest.fixture(scope="module")
def probabilities(network):
    """What the network itself says of IMAGES."""
    logits = np.asarray(network(FLOATS))
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


@pytest.mark.parametrize(
    ("form", "error"), [("run", 1e-4), ("1", 1e-4), (".", 1e-4), ("float16", 5e-3), ("dynamic", 0.05), ("int8", 0.05)]
)
def test_every_form_reads_both_label_sets(form, error, run, exported, probabilities):
    path = exported / (f"parser_{form}.tflite" if form in VARIANTS else form)
    parser = FaceParser.load(run if form == "run" else path)
    assert parser.label_set == "celebamask_hq"
    found = parser.probabilities(IMAGES, "celebamask_hq")
    assert np.abs(found - probabilities).mean() < error
    np.testing.assert_allclose(parser.probabilities(IMAGES), found @ HELEN_SUMS, atol=1e-5)
    assert np.ptp(found.argmax(-1)) > 0  # else this says little


def test_card_and_facts_name_the_label_set(exported):
    facts = json.loads((exported / "labels.json").read_text())
    assert facts["label_set"] == "celebamask_hq"
    assert [entry["name"] for entry in facts["labels"]] == list(CELEBAMASK_HQ_NAMES)
    assert metadata.beside(exported / "1") == facts
    assert metadata.read((exported / "parser_int8.tflite").read_bytes(), "x") == facts
    card = (exported / "MODEL_CARD.md").read_text()
    for part in ("Reads 19 classes", "Label set `celebamask_hq`", "| 17 | neck | 80, 255, 170 |", "[..., 19]"):
        assert part in card
    assert "$" not in card and "filters (8, 8, 8)" not in card and max(map(len, card.splitlines())) <= 120


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"label_set": "helen"}', "gives 19 classes, but label set 'helen' has 11"),
        ('{"label_set": "lapa"}', "label set 'lapa'; allowed: helen, celebamask_hq"),
        ('{"label_set": ["helen"]}', "allowed: helen, celebamask_hq"),
        ("[1]", "labels.json: cannot be read"),
        ("{", "labels.json: cannot be read"),
    ],
)
def test_facts_that_do_not_fit_are_refused(text, words, exported, tmp_path):
    shutil.copytree(exported / "1", tmp_path / "1")
    (tmp_path / "1" / metadata.FILE).write_text(text)
    with pytest.raises(UserError, match=words):
        FaceParser.load(tmp_path)


def test_an_older_export_without_facts_is_of_eleven_classes(network, tmp_path):
    older = FaceParser.load(store_labels_only(random_parser(), SIZE, tmp_path / "eleven"))
    assert older.label_set == "helen"
    with pytest.raises(UserError, match="gives 19 classes, but label set 'helen' has 11"):
        FaceParser.load(store_labels_only(network, SIZE, tmp_path / "nineteen"))


@pytest.mark.parametrize("form", ["run", "exported"])
def test_an_editor_learns_from_the_eleven_classes(form, run, exported, probabilities):
    config = small_config(parsing=1.0, perceptual=1.0)
    config.parser_path = str(run if form == "run" else exported)
    parser = load_frozen_parser(config)
    logits = np.asarray(parser(FLOATS))
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    np.testing.assert_allclose(powers / powers.sum(-1, keepdims=True), probabilities @ HELEN_SUMS, atol=1e-4)
    objective = EditorObjective(config, parser)
    _, terms = objective.losses("paired", portraits())
    assert {"L_GP", "L_perc"} <= set(terms) and all(np.isfinite(float(term)) for term in terms.values())
    assert not parser.trainable_weights


def test_teachers_give_what_their_students_learn(run, tmp_path):
    eleven = small_config(task="parser", distillation=1.0)
    eleven.parser_path = str(run)
    teacher = load_frozen_parser(eleven)
    assert flip_averaged(teacher, FLOATS).shape == (2, SIZE, SIZE, 11)
    objective, _ = make_objective(eleven)
    totals, _ = objective.losses("paired", portraits())
    assert np.isfinite(float(totals["parser"]))
    nineteen = lite_config()
    nineteen.loss.distillation = 1.0
    nineteen.parser_path = str(run)
    assert flip_averaged(load_frozen_parser(nineteen), FLOATS).shape == (2, SIZE, SIZE, 19)
    nineteen.parser_path = str(store_run(tmp_path / "eleven"))
    with pytest.raises(UserError, match="eleven reads helen, not celebamask_hq; a parser of nineteen classes does"):
        load_frozen_parser(nineteen)


def test_an_exported_editor_reads_the_eleven_classes(run, tmp_path):
    export_editor(store_editor(tmp_path / "editor"), run, tmp_path / "out", small_weights=True)
    signatures = tf.saved_model.load(tmp_path / "out/1").signatures
    found = signatures["parse"](images=tf.constant(FLOATS))["label_map"].numpy()
    wanted = FaceParser.load(run).probabilities(IMAGES).argmax(-1)
    assert (found == wanted).mean() > 0.9
    assert found.max() < 11 and np.ptp(wanted) > 0


def test_a_training_begins_with_an_export(exported, network):
    _, resolution, stored = load_parser(exported, "celebamask_hq")
    assert resolution == SIZE
    for found, own in zip(stored.weights, network.weights, strict=True):
        np.testing.assert_array_equal(found.numpy(), own.numpy())
