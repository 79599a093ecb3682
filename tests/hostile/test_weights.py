"""Untrusted weights: pickles and code in them are refused by one line and not run."""

from __future__ import annotations

import ast
import hashlib
import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from mgpe_tf.data.packed import PackedSource, write_packed
from mgpe_tf.data.synthetic import SyntheticSource
from mgpe_tf.errors import UserError
from mgpe_tf.models.checkpoints import CheckpointStore
from mgpe_tf.models.files import KERAS_PARSER

ROOT = Path(__file__).resolve().parents[2]


class Planted:
    """Makes a file when it is unpickled."""

    def __init__(self, mark: Path):
        self.mark = mark

    def __reduce__(self):
        return Path.touch, (self.mark,)


@pytest.fixture
def mark(tmp_path):
    """The file that no test may leave behind; that pickles can make it is tried first."""
    mark = tmp_path / "mark"
    pickle.loads(pickle.dumps(Planted(mark)))
    mark.unlink()
    yield mark
    assert not mark.exists()


def with_state(folder: Path, write) -> CheckpointStore:
    """A checkpoint in whose place `write(path)` has put another state.npz, with the manifest that belongs to it."""
    store = CheckpointStore(folder)
    checkpoint = store.save(1, {"network/w": np.zeros(3)}, {})
    state, manifest = checkpoint / "state.npz", json.loads((checkpoint / "manifest.json").read_text())
    write(state)
    data = state.read_bytes()
    manifest.update(bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
    (checkpoint / "manifest.json").write_text(json.dumps(manifest))
    return store


def test_a_checkpoint_of_python_objects(tmp_path, mark):
    array = np.array([Planted(mark)], object)
    store = with_state(tmp_path / "arrays", lambda state: np.savez(state, **{"network/w": array}))
    with pytest.raises(UserError, match="none of the 1 checkpoints .*state.npz: .*allow_pickle=False"):
        store.restore_latest()
    store = with_state(tmp_path / "pickle", lambda state: state.write_bytes(pickle.dumps(Planted(mark))))
    with pytest.raises(UserError, match="none of the 1 checkpoints .*state.npz: .*pickle"):
        store.restore_latest()


def test_a_checkpoint_that_unpacks_to_more_than_it_is(tmp_path):
    store = with_state(tmp_path, lambda state: np.savez_compressed(state, **{"network/w": np.zeros(10**7)}))
    with pytest.raises(UserError, match="state.npz is compressed"):
        store.restore_latest()


def test_a_data_set_of_python_objects(tmp_path, mark):
    write_packed(SyntheticSource(1, 16), tmp_path / "set", 10**6)
    [shard] = (tmp_path / "set").glob("*.npz")
    with np.load(shard, allow_pickle=False) as stored:
        arrays = dict(stored)
    np.savez(shard, **{**arrays, "images": np.array([Planted(mark)], object)})
    [manifest] = (tmp_path / "set").glob("*.json")
    content = json.loads(manifest.read_text())
    content["shards"][0]["sha256"] = hashlib.sha256(shard.read_bytes()).hexdigest()
    manifest.write_text(json.dumps(content))
    with pytest.raises(UserError, match="not a whole shard of portraits .*allow_pickle=False"):
        PackedSource(tmp_path / "set", 16)


@pytest.mark.parametrize("content", ["lambda", "pickle", "another model", "nothing"])
def test_a_keras_file_that_is_no_parser(tmp_path, mark, content):
    keras = pytest.importorskip("keras")
    from mgpe_tf.models.keras_parsers import load_parser

    file, name = tmp_path / KERAS_PARSER, str(mark)
    (tmp_path / "labels.json").write_text('{"resolution": 64}')
    if content in ("lambda", "another model"):
        layer = keras.layers.Lambda(lambda x: Path(name).touch() or x) if content == "lambda" else keras.layers.ReLU()
        keras.Sequential([keras.Input((4,)), layer]).save(file)
        mark.unlink(missing_ok=True)  # it was called when the layer was built
    else:
        file.write_bytes(pickle.dumps(Planted(mark)) if content == "pickle" else b"")
    with pytest.raises(UserError, match=f"{KERAS_PARSER}: no parser can be read from it") as error:
        load_parser(tmp_path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("facts", ["", "[]", "{}", '{"resolution": "64"}', '{"resolution": -1}'])
def test_facts_beside_a_keras_file(tmp_path, facts):
    pytest.importorskip("keras")
    from mgpe_tf.models.keras_parsers import load_parser

    (tmp_path / KERAS_PARSER).touch()
    (tmp_path / "labels.json").write_text(facts)
    with pytest.raises(UserError, match="labels.json: no resolution in it; export the parser anew"):
        load_parser(tmp_path)


UNSAFE = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "eval", "exec"}


@pytest.mark.parametrize(
    "path",
    [path for folder in ("mgpe_tf", "tools") for path in (ROOT / folder).rglob("*.py")],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_no_line_unpickles(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
            assert not UNSAFE & {name.partition(".")[0] for name in names}
        if isinstance(node, ast.Call):
            options = {keyword.arg: getattr(keyword.value, "value", None) for keyword in node.keywords}
            called = ast.unparse(node.func)
            assert called not in UNSAFE
            assert called != "np.load" or options.get("allow_pickle") is False
            assert called != "torch.load" or options.get("weights_only") is True
            assert options.get("safe_mode", True) is True and options.get("allow_pickle", False) is False
