"""Every deployable form of a parser against the network it was made of."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys

import called
import keras
import numpy as np
import pytest
import tensorflow as tf
from small import small_config
from stored_parser import random_lite_parser, random_parser, store_run

from mgpe_tf import labels
from mgpe_tf.data.images import decode_label, encode_jpeg, encode_png
from mgpe_tf.data.source import resize_image
from mgpe_tf.data.synthetic import SyntheticSource
from mgpe_tf.errors import UserError, WriteError
from mgpe_tf.export.card import findings_text, write_card
from mgpe_tf.export.parser_folder import export_parser
from mgpe_tf.export.parser_saved_model import write_saved_model
from mgpe_tf.export.tflite import VARIANTS
from mgpe_tf.models import metadata
from mgpe_tf.models.arrays import arrays_of
from mgpe_tf.models.face_parser import FaceParser
from mgpe_tf.models.files import KERAS_PARSER
from mgpe_tf.models.keras_parsers import load_parser
from mgpe_tf.models.runs import load_product
from mgpe_tf.training.start import load_frozen_parser

SIZE = 64
DRAWN = SyntheticSource(3, SIZE, first_seed=50)
IMAGES = np.stack([DRAWN.load(i)[0] for i in range(3)])
FLOATS = IMAGES.astype(np.float32) / 127.5 - 1

SCORES = {
    "model": "tiny",
    "data": "faces/val",
    "images": 3,
    "scores": {"f1": 0.123456},
    "protocols": {"f1": "the mean"},
    "classes": {"hair": {"f1": 0.5}, "nose": {"f1": None}},
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return store_run(tmp_path_factory.mktemp("runs") / "parser")


@pytest.fixture(scope="module")
def exported(run, tmp_path_factory):
    """All formats, scaled on synthetic portraits."""
    path = tmp_path_factory.mktemp("exported")
    (path / "scores.json").write_text(json.dumps(SCORES))
    (path / "failures.txt").write_text("- Hats.")
    findings = findings_text([path / "scores.json"] * 2, path / "failures.txt")
    export_parser(run, path / "parser", VARIANTS, SyntheticSource(8, SIZE), findings=findings)
    return path / "parser"


@pytest.fixture(scope="module")
def logits():
    """What the network itself says of IMAGES, computed once for all tests."""
    return np.asarray(random_parser()(FLOATS))


@pytest.fixture(scope="module")
def probabilities(logits):
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


@pytest.mark.parametrize("form", ["run", ".", "1", "parser_float32.tflite"])
def test_float_forms_equal_the_network(form, run, exported, probabilities):
    parser = FaceParser.load(run if form == "run" else exported / form, num_threads=1)
    found = parser.probabilities(IMAGES)
    assert parser.resolution == SIZE and found.dtype == np.float32
    np.testing.assert_allclose(found, probabilities, atol=1e-5)
    np.testing.assert_allclose(parser.probabilities(IMAGES[:1]), probabilities[:1], atol=1e-5)  # another batch size


def test_the_keras_model_trains_editors_in_their_precision(exported, logits):
    config = small_config()
    config.parser_path = str(exported)
    np.testing.assert_allclose(load_frozen_parser(config)(FLOATS), logits, atol=1e-5)
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        parser = load_frozen_parser(config)
        assert parser.encode(FLOATS)[0].dtype == "bfloat16"
        np.testing.assert_allclose(parser(FLOATS), logits, atol=0.05 * np.abs(logits).max())
    finally:
        keras.config.set_dtype_policy("float32")


def test_small_weights_serve_and_train(run, exported, probabilities, tmp_path):
    """They take the place of the Keras model."""
    export_parser(run, tmp_path / "small", ["dynamic"], small_weights=True)
    assert not (tmp_path / "small" / KERAS_PARSER).exists()
    stored = "1/variables/variables.data-00000-of-00001"
    assert (tmp_path / "small" / stored).stat().st_size < 0.6 * (exported / stored).stat().st_size
    assert "in half precision" in (tmp_path / "small" / "MODEL_CARD.md").read_text()
    found = FaceParser.load(tmp_path / "small").probabilities(IMAGES)
    assert np.abs(found - probabilities).max() < 0.02
    name, resolution, network = load_parser(tmp_path / "small")
    assert (name, resolution) == ("small", SIZE) and isinstance(network, keras.Model)
    np.testing.assert_allclose(np.asarray(tf.nn.softmax(network(FLOATS))), found, atol=1e-4)
    trained = {v.path: v.numpy() for v in load_product(run, "parser")[1].weights}
    arrays = arrays_of(tmp_path / "small", "parser")
    assert arrays.keys() == trained.keys()
    for path, array in trained.items():
        np.testing.assert_allclose(arrays[path], array, atol=(np.abs(array).max() or 1) / 250, err_msg=path)
    facts = json.loads((tmp_path / "small" / "1" / "assets.extra" / "labels.json").read_text())
    facts["network"]["kind"] = "huge"
    (tmp_path / "small" / "1" / "assets.extra" / "labels.json").write_text(json.dumps(facts))
    with pytest.raises(UserError, match="huge"):
        load_parser(tmp_path / "small")


def test_a_damaged_keras_model_is_named(exported, tmp_path):
    config = small_config()
    config.parser_path = str(tmp_path)
    (tmp_path / "labels.json").write_bytes((exported / "labels.json").read_bytes())
    (tmp_path / "parser.keras").write_bytes((exported / "parser.keras").read_bytes()[:-100])
    with pytest.raises(UserError, match="parser.keras: no parser can be read from it; export it anew by python -m"):
        load_frozen_parser(config)


@pytest.mark.parametrize(
    ("variant", "error", "agreement"), [("float16", 0.002, 0.99), ("dynamic", 0.02, 0.95), ("int8", 0.04, 0.9)]
)
def test_smaller_variants_are_near_the_network(variant, error, agreement, exported, probabilities):
    found = FaceParser.load(exported / f"parser_{variant}.tflite").probabilities(IMAGES)
    assert np.abs(found - probabilities).mean() < error
    assert (found.argmax(-1) == probabilities.argmax(-1)).mean() > agreement
    np.testing.assert_allclose(found.sum(-1), 1, atol=1e-5)


def test_tflite_files_have_one_interface(exported):
    from ai_edge_litert.interpreter import Interpreter

    facts = json.loads((exported / "labels.json").read_text())
    assert [entry["name"] for entry in facts["labels"]] == list(labels.HELEN_NAMES)
    for variant in VARIANTS:
        file = exported / f"parser_{variant}.tflite"
        assert metadata.read(file.read_bytes(), "x") == facts
        interpreter = Interpreter(str(file))
        [image], [output] = interpreter.get_input_details(), interpreter.get_output_details()
        kind = np.int8 if variant == "int8" else np.float32
        assert image["dtype"] == output["dtype"] == kind
        assert (*image["shape"], *output["shape"]) == (1, SIZE, SIZE, 3, 1, SIZE, SIZE, 11)
        assert interpreter.get_signature_list() == {"serving_default": {"inputs": ["images"], "outputs": ["logits"]}}


SERVE = """
import sys
import numpy as np
import tensorflow as tf
folder, inputs, outputs = sys.argv[1:]
given = np.load(inputs)
found = {}
parse = tf.saved_model.load(folder).signatures
for name, value in parse["serving_default"](images=given["images"]).items():
    found[f"loaded/{name}"] = value.numpy()
with tf.compat.v1.Session(graph=tf.Graph()) as session:
    meta = tf.compat.v1.saved_model.load(session, ["serve"], folder)
    def call(name, value):
        signature = meta.signature_def[name]
        fetches = {key: tensor.name for key, tensor in signature.outputs.items()}
        return session.run(fetches, {signature.inputs["images"].name: value})
    found.update({f"session/{name}": value for name, value in call("parse", given["images"]).items()})
    pngs = call("parse_encoded", [file.tobytes() for file in (given["png"], given["jpeg"])])["label_png_bytes"]
    found.update({f"png/{i}": np.frombuffer(png, np.uint8) for i, png in enumerate(pngs)})
assert "mgpe_tf" not in sys.modules
np.savez(outputs, **found)
"""


def test_saved_model_serves_without_the_package(exported, probabilities, tmp_path):
    """By tf.saved_model.load, and by a session, as TensorFlow Serving does it."""
    large = IMAGES[1].repeat(3, axis=0).repeat(3, axis=1)
    files = {"png": encode_png(IMAGES[0]), "jpeg": encode_jpeg(large, 100)}
    files = {name: np.frombuffer(data, np.uint8) for name, data in files.items()}
    np.savez(tmp_path / "in.npz", images=FLOATS, **files)
    command = [sys.executable, "-c", SERVE, exported / "1", tmp_path / "in.npz", tmp_path / "out.npz"]
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr
    found = np.load(tmp_path / "out.npz")
    for way in ("loaded", "session"):
        np.testing.assert_allclose(found[f"{way}/probabilities"], probabilities, atol=1e-5)
        assert found[f"{way}/label_map"].dtype == np.uint8
        assert (found[f"{way}/label_map"] == probabilities.argmax(-1)).mean() > 0.999
    masks = [decode_label(found[f"png/{i}"].tobytes(), "x") for i in range(2)]
    assert (masks[0] == probabilities[0].argmax(-1)).mean() > 0.999
    assert np.array_equal(resize_image(large, SIZE), IMAGES[1])  # so the JPEG should be read nearly as the image
    assert (masks[1] == probabilities[1].argmax(-1)).mean() > 0.9


def test_saved_model_holds_every_variable_once(exported):
    variables = tf.train.list_variables(str(exported / "1/variables/variables"))
    stored = [name for name, shape in variables if shape]
    assert len(stored) == len(random_parser().weights)


def test_checksums_and_card(exported):
    lines = [line.split("  ") for line in (exported / "SHA256SUMS").read_text().splitlines()]
    assert {name for _, name in lines} >= {"MODEL_CARD.md", "labels.json", "1/saved_model.pb"}
    for digest, name in lines:
        assert hashlib.sha256((exported / name).read_bytes()).hexdigest() == digest
    card = (exported / "MODEL_CARD.md").read_text()
    for part in (
        "Step 7 of",
        "| parser_int8.tflite |",
        "| `f1` | 0.1235 | 0.1235 |",
        "`f1`: the mean.",
        "2. `tiny` on 3",
        "| F1 of hair | 0.5000 |",
        "| F1 of nose |  |",
        "cases\n\n- Hats.",
        "8 calibration",
    ):
        assert part in card
    assert "$" not in card and max(map(len, card.splitlines())) <= 120


def test_the_card_tells_of_an_earlier_training(tmp_path):
    config = small_config(task="parser")
    for config.start_path, told in (("", False), ("/somewhere/else", True)):
        write_card(tmp_path / "card.md", config, 7, {}, "none", "")
        card = (tmp_path / "card.md").read_text()
        assert ("began with the weights of an earlier training" in card) == told and "somewhere" not in card


def test_an_export_is_replaced_only_on_demand(run, exported, tmp_path):
    before = sorted(exported.parent.iterdir())
    with pytest.raises(UserError, match="parser is there already.*--overwrite"):
        export_parser(run, exported, [])
    (tmp_path / "photos").mkdir()
    with pytest.raises(UserError, match="photos is no exported model"):
        export_parser(run, tmp_path / "photos", [], overwrite=True)
    with pytest.raises(UserError, match="no checkpoint|no run folder"):
        export_parser(tmp_path / "photos", exported, [], overwrite=True)
    assert sorted(exported.parent.iterdir()) == before and (exported / "SHA256SUMS").is_file()


@pytest.mark.parametrize("free", [4096, 60_000, 200_000])
def test_a_full_disk_is_one_line_whoever_writes(free, run, small_disk):
    """TensorFlow's variables, its graph, or the Keras model."""
    (small_disk / "other").write_bytes(bytes(2**20 - free))
    with pytest.raises(WriteError) as caught:
        export_parser(run, small_disk / "parser", [])
    assert str(caught.value) == f"{small_disk / 'parser'}: No space left on device"
    assert [path.name for path in small_disk.iterdir() if path.suffix != ".lock"] == ["other"]


def test_scores_of_another_kind_are_refused(tmp_path):
    (tmp_path / "scores.json").write_text('{"scores": {"f1": 1}}')
    with pytest.raises(UserError, match="scores.json: no scores.json of python -m mgpe_tf.evaluate"):
        findings_text([tmp_path / "scores.json"])
    with pytest.raises(UserError, match="there.json"):
        findings_text([], tmp_path / "there.json")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda model: model[:100], "broken .tflite"),
        (lambda model: b"hello", "no .tflite file of the parser"),
        (lambda model: b"", "no .tflite file of the parser"),
        (lambda model: model[: -len(model) // 2], "x.tflite: "),
    ],
)
def test_damaged_tflite_files(damage, words, exported, tmp_path):
    file = tmp_path / "x.tflite"
    file.write_bytes(damage((exported / "parser_float32.tflite").read_bytes()))
    with pytest.raises(UserError, match=words):
        FaceParser.load(file)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["parser"], "int8 is scaled on real portraits: give --calibration"),
        (["parser", "--variants=int4"], "the parser has no 'int4': did you mean 'int8'?"),
        (["editor", "--parser=x", "--variants=int8"], "the editor has no 'int8'; allowed: float32, float16, dynamic"),
        (
            ["baseline", "--variants=float32"],
            "--variants is for export_model parser, editor or registration; leave it out",
        ),
        (["praser"], "did you mean 'parser'?"),
        (["parser", "--variants=float32", "--model=nowhere"], "nowhere"),
    ],
)
def test_mistakes_on_the_command_line(arguments, words, tmp_path):
    result = called.run("mgpe_tf.export_model", "--model=x", f"--output={tmp_path / 'out'}", *arguments)
    assert result.returncode == 2 and words in result.stderr
    assert result.stderr.startswith("error: ") and result.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_files_that_cannot_be_written_are_told_before_the_work(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ai_edge_litert", None)  # as where it is not installed
    for what in ("parser", "editor", "registration"):
        result = called.run(
            "mgpe_tf.export_model", what, "--model=x", "--variants=dynamic", f"--output={tmp_path / 'x'}"
        )
        assert result.returncode == 2 and "pip install 'mgpe_tf[tflite]'" in result.stderr
        without = called.run("mgpe_tf.export_model", what, "--model=x", "--variants=", f"--output={tmp_path / 'x'}")
        assert without.returncode == 2 and "tflite" not in without.stderr, without.stderr


def test_a_served_parser_of_nineteen_classes_tells_helens_too(tmp_path):
    network = random_lite_parser()
    write_saved_model(network, SIZE, tmp_path / "1")
    found = tf.saved_model.load(tmp_path / "1").signatures["parse"](images=tf.constant(FLOATS))
    parser = FaceParser.load(tmp_path / "1")
    for key, label_set in (("label_map", "celebamask_hq"), ("helen_label_map", "helen")):
        wanted = parser.probabilities(IMAGES, label_set).argmax(axis=-1)
        assert found[key].dtype == tf.uint8 and len(np.unique(wanted)) > 2
        np.testing.assert_array_equal(found[key], wanted)
