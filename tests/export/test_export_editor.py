"""The exported editor against the networks it was made of."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter
from small import SIZE, VARIANTS, as_inputs, portraits, randomised, small_config
from stored_editor import store_editor
from stored_parser import store_run

from mgpe_tf.data.images import decode_image, encode_png
from mgpe_tf.editing.portrait_editor import PortraitEditor
from mgpe_tf.errors import UserError
from mgpe_tf.export.editor_folder import export_editor
from mgpe_tf.models.carrying import FILE, carrying_network
from mgpe_tf.models.editor_networks import EditorNetworks
from mgpe_tf.models.face_parser import FaceParser
from mgpe_tf.models.shipped import model_path
from mgpe_tf.objectives.editor import build_generator
from mgpe_tf.ops.enlarge import enlarge_labels
from mgpe_tf.training.loop import make_objective
from mgpe_tf.training.run_folder import read_config
from mgpe_tf.training.start import start_from
from mgpe_tf.training.state import TrainingState

BATCH = portraits(SIZE, 2)

COMPLETION = model_path("completion") / FILE
"""The bundled one, which was not trained on portraits so small."""


@pytest.fixture(scope="module", params=["paper", "compact"])
def exported(request, tmp_path_factory):
    """The folder of an export, its runs beside it, and what it shall give of a pair: the compact one carries."""
    path = tmp_path_factory.mktemp("editor")
    config = small_config(VARIANTS[request.param](), label_enlargement=1.3)
    config.start_path = "/somewhere/else"
    generator = randomised(build_generator(config))
    store_editor(path / "run", generator, config, step=3)
    carries = request.param == "compact"  # and has one file alone, since converting that takes long
    variants, completion = (["dynamic"], COMPLETION) if carries else (["float32", "dynamic"], None)
    export_editor(path / "run", store_run(path / "parser"), path / "out", variants, completion=completion)
    return path / "out", generator


def edited(folder: Path, generator, source, source_mask, target, target_mask) -> np.ndarray:
    """What an export of a generator is to give of a pair."""
    generated = generator.generate(source, source_mask, target, enlarge_labels(target_mask, 1.3))
    if not carrying(folder):
        return np.asarray(generated)
    return np.asarray(carrying_network(SIZE, COMPLETION)(generated, source, source_mask, target, target_mask))


def carrying(folder: Path) -> bool:
    """Whether an export carries, by its card."""
    return "`complete`" in (folder / "MODEL_CARD.md").read_text()


SERVE = """
import sys
import numpy as np
import tensorflow as tf
folder, inputs, outputs = sys.argv[1:]
given = dict(np.load(inputs))
pictures = {name: [given.pop(f"{name}_{i}").tobytes() for i in range(2)] for name in ("sources", "targets")}
with tf.compat.v1.Session(graph=tf.Graph()) as session:
    meta = tf.compat.v1.saved_model.load(session, ["serve"], folder)
    def call(name, **values):
        signature = meta.signature_def[name]
        fetches = {key: tensor.name for key, tensor in signature.outputs.items()}
        return session.run(fetches, {signature.inputs[key].name: value for key, value in values.items()})
    found = {"edit": call("serving_default", **given)["images"]}
    embeddings = call("embed", images=given["source_images"], masks=given["source_masks"])
    target = dict(images=given["target_images"], masks=given["target_masks"])
    found["render"] = call("render", **embeddings, **target)["images"]
    extra = call("encode_background", images=target["images"]) if "encode_background" in meta.signature_def else {}
    found["draw"] = call("draw", **call("decode", **embeddings), **extra, **target)["images"]
    if "complete" in meta.signature_def:
        source = dict(source_images=given["source_images"], source_masks=given["source_masks"])
        found["complete"] = call("complete", generated=found["draw"], **source, **target)["images"]
    found["label_map"] = call("parse", images=given["target_images"])["label_map"]
    for i, png in enumerate(call("edit_encoded", **pictures)["png_bytes"]):
        found[f"png_{i}"] = np.frombuffer(png, np.uint8)
assert "mgpe_tf" not in sys.modules
np.savez(outputs, **found)
"""


@pytest.fixture(scope="module")
def small(exported):
    """The same export with small weights and findings."""
    folder, _ = exported
    runs = folder.parent
    options = dict(findings="## Scores\n\nGood.", completion=COMPLETION if carrying(folder) else None)
    export_editor(runs / "run", runs / "parser", runs / "small", small_weights=True, **options)
    return runs / "small"


def test_small_weights_make_a_small_savedmodel_that_says_so(exported, small):
    folder, _ = exported
    stored = "1/variables/variables.data-00000-of-00001"
    assert (small / stored).stat().st_size < (folder / stored).stat().st_size
    card = (small / "MODEL_CARD.md").read_text()
    assert "in half precision" in card and "## Scores\n\nGood." in card
    assert "in half precision" not in (folder / "MODEL_CARD.md").read_text()
    networks = EditorNetworks.load(small)
    image, mask = BATCH["target_image"][0], BATCH["target_mask"][0]
    assert networks.render(networks.decode(networks.embed(image, mask)), image, mask).std() > 0


def test_a_training_starts_from_small_weights(exported, small):
    folder, generator = exported
    run, parser = folder.parent / "run", folder.parent / "parser"
    config = read_config(run)
    config.parser_path, config.training.ema = str(parser), 0.0
    objective, average = make_objective(config)
    state = TrainingState(objective, config.training, average)
    assert start_from(small, "editor", state) == 0
    for new, trained in zip(state.source.weights, generator.weights, strict=True):
        reach = np.abs(trained.numpy()).max() or 1.0
        np.testing.assert_allclose(new.numpy(), trained.numpy(), atol=reach / 250, err_msg=trained.path)
    with pytest.raises(UserError, match="variables are not in it or of another size; .* --small_weights"):
        start_from(folder, "editor", state)


def test_it_serves_without_the_package(exported, tmp_path):
    folder, generator = exported
    source, source_mask, target, target_mask = as_inputs(BATCH)
    files = {
        f"{kind}s_{i}": np.frombuffer(encode_png(BATCH[f"{kind}_image"][i]), np.uint8)
        for kind in ("source", "target")
        for i in range(2)
    }
    np.savez(
        tmp_path / "in.npz",
        source_images=source,
        source_masks=source_mask,
        target_images=target,
        target_masks=target_mask,
        **files,
    )
    command = [sys.executable, "-c", SERVE, folder / "1", tmp_path / "in.npz", tmp_path / "out.npz"]
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr
    found = np.load(tmp_path / "out.npz")
    generated = generator.generate(source, source_mask, target, enlarge_labels(target_mask, 1.3))
    for way in ("render", "draw"):
        np.testing.assert_allclose(found[way], generated, atol=1e-4, err_msg=way)
    wanted = edited(folder, generator, source, source_mask, target, target_mask)
    for way in ("edit", "complete") if carrying(folder) else ("edit",):
        np.testing.assert_allclose(found[way], wanted, atol=1e-4, err_msg=way)
    assert carrying(folder) == (np.abs(wanted - generated).max() > 0.1)

    parser = FaceParser.load(folder.parent / "parser")
    masks = {kind: np.stack([parser.parse(image) for image in BATCH[f"{kind}_image"]]) for kind in ("source", "target")}
    assert (found["label_map"] == masks["target"]).mean() > 0.999
    source_mask, target_mask = (masks[kind].astype(np.int32) for kind in ("source", "target"))
    parsed = edited(folder, generator, source, source_mask, target, target_mask)
    for i in range(2):
        picture = decode_image(found[f"png_{i}"].tobytes(), "x").astype(int)
        wrong = np.abs(picture - (parsed[i] + 1) * 127.5) > 1
        assert wrong.mean() < 0.01  # a mask's pixel may be read otherwise


def test_it_runs_through_the_c_api(exported, tmp_path):
    """The loader of TensorFlow Serving, without any Python of TensorFlow."""
    folder, generator = exported
    source, source_mask, target, target_mask = as_inputs(BATCH)
    signature = _signature(folder / "1", "edit")
    given = {"source_images": source, "source_masks": source_mask, "target_images": target, "target_masks": target_mask}
    feeds = {signature.inputs[name].name: value for name, value in given.items()}
    fetch = signature.outputs["images"].name
    np.savez(tmp_path / "in.npz", fetch=np.array([fetch]), **feeds)
    script, libraries = Path(__file__).with_name("c_api.py"), Path(tf.__file__).parent
    command = [sys.executable, script, libraries, folder / "1", tmp_path / "in.npz", tmp_path / "out.npz"]
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr
    expected = edited(folder, generator, source, source_mask, target, target_mask)
    np.testing.assert_allclose(np.load(tmp_path / "out.npz")[fetch], expected, atol=1e-4)


def _signature(folder, name):
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    model = SavedModel.FromString((folder / "saved_model.pb").read_bytes())
    return model.meta_graphs[0].signature_def[name]


def test_sessions_run_on_it(exported):
    folder, _ = exported
    parser = FaceParser.load(folder.parent / "parser")
    for path in (folder, folder / "1", *folder.glob("editor_float32.tflite")):
        kept = PortraitEditor(EditorNetworks.load(path), parser)
        trained = PortraitEditor(EditorNetworks.load(folder.parent / "run"), parser)
        pictures = []
        for editor in (kept, trained):
            session = editor.open(BATCH["target_image"][0], aligned=True)
            session.take("hair", editor.read(BATCH["source_image"][0], aligned=True), 0.7)
            session.set_mask(BATCH["target_mask"][0])
            pictures.append(session.render_portrait().astype(int))
        assert np.abs(pictures[0] - pictures[1]).max() <= 1


@pytest.mark.parametrize(("variant", "least"), [("float32", 100), ("dynamic", 30)])
def test_tflite_files_draw_as_the_network(variant, least, exported):
    """By their signatures alone, as an app would; the mean squared error in [-1, 1], 100 dB being 2e-5."""
    folder, generator = exported
    if variant not in str(list(folder.glob("*.tflite"))):
        pytest.skip(f"there is no {variant} file of the one that carries")
    source, source_mask, target, target_mask = as_inputs(BATCH)
    expected = np.asarray(generator.generate(source, source_mask, target, enlarge_labels(target_mask, 1.3)))
    interpreter = Interpreter(str(folder / f"editor_{variant}.tflite"), num_threads=1)
    call = {name: interpreter.get_signature_runner(name) for name in interpreter.get_signature_list()}
    steps = {"embed", "decode", "draw"} | ({"complete"} if carrying(folder) else set())
    assert steps <= set(call) <= steps | {"encode_background"}
    wanted = edited(folder, generator, source, source_mask, target, target_mask)
    for i in (slice(0, 1), slice(1, 2)):
        features = call["decode"](**call["embed"](images=source[i], masks=source_mask[i]))
        extra = call["encode_background"](images=target[i]) if "encode_background" in call else {}
        drawn = call["draw"](**features, **extra, images=target[i], masks=target_mask[i])["images"]
        assert 10 * np.log10(4 / np.mean(np.square(drawn - expected[i]))) > least
        if variant == "float32":
            np.testing.assert_allclose(drawn, expected[i], atol=1e-4)
        if "complete" in call:
            photographs = dict(source_images=source[i], source_masks=source_mask[i], images=target[i])
            image = call["complete"](generated=drawn, **photographs, masks=target_mask[i])["images"]
            assert 10 * np.log10(4 / np.mean(np.square(image - wanted[i]))) > least


def test_tflite_files_need_no_operations_of_tensorflow(exported):
    folder, _ = exported
    schema = pytest.importorskip("ai_edge_litert.schema_py_generated")
    model = schema.ModelT.InitFromPackedBuf((folder / "editor_dynamic.tflite").read_bytes(), 0)
    assert {code.customCode for code in model.operatorCodes} == {None}


def test_a_tflite_file_takes_several_portraits(exported):
    folder, _ = exported
    networks = EditorNetworks.load(folder / "editor_dynamic.tflite", num_threads=1)
    functions = networks._functions
    source, source_mask, *_ = as_inputs(BATCH)
    together = functions.embed(source, source_mask)
    for i in range(2):
        alone = networks.embed(BATCH["source_image"][i], BATCH["source_mask"][i])
        for name, embedding in alone.items():
            np.testing.assert_allclose(together[name][i], embedding, atol=1e-6)


def test_the_folder_and_what_is_no_editor(exported):
    folder, _ = exported
    files = {"editor_dynamic.tflite"} | (set() if carrying(folder) else {"editor_float32.tflite"})
    assert {path.name for path in folder.iterdir()} == {"1", "MODEL_CARD.md", "SHA256SUMS", *files}
    assert all(name in (folder / "SHA256SUMS").read_text() for name in files)
    card = (folder / "MODEL_CARD.md").read_text()
    assert "Step 3 of the experiment `small`" in card and "$" not in card
    assert "began with the weights of an earlier training" in card and "somewhere" not in card
    sizes = [line.split(" | ") for line in card.splitlines() if line.startswith("| editor_")]
    assert [(folder / name[2:]).stat().st_size for name, *_ in sizes] == [int(size) for _, size, _ in sizes]
    with pytest.raises(UserError, match="editor_dynamic.tflite: no .tflite file of the parser"):
        FaceParser.load(folder / "editor_dynamic.tflite")
    with pytest.raises(UserError, match="MODEL_CARD.md: no .tflite file of the editor"):
        EditorNetworks.load(folder / "MODEL_CARD.md")
    with pytest.raises(UserError, match="no SavedModel of the parser"):
        FaceParser.load(folder)
    (folder.parent / "broken").mkdir()
    (folder.parent / "broken" / "saved_model.pb").write_bytes(b"")
    with pytest.raises(UserError, match="no SavedModel of an editor"):
        EditorNetworks.load(folder.parent / "broken")
    with pytest.raises(UserError, match="no SavedModel of the parser"):
        FaceParser.load(folder.parent / "broken")
