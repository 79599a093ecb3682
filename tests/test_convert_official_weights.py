"""Weight files as the official code writes them, drawn by the rule of the stored outputs, through the command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import forked
import numpy as np
import pytest

from mgpe_tf import convert_official_weights as tool
from mgpe_tf.errors import UserError
from tests.parity.test_official_networks import SHAPES, as_input, check, golden, official_array  # noqa: F401

ROOT = Path(__file__).resolve().parents[1]
FIRST_KEY = "scale0_layer0.0.weight"


def run(*flags, **environment):
    if not environment:
        return forked.run("mgpe_tf.convert_official_weights", *flags, cwd=ROOT)
    command = [sys.executable, "-m", "mgpe_tf.convert_official_weights", *flags]
    variables = {**os.environ, **environment}
    return subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)


def assert_refused(result, *words):
    """Exit code 2 and one line that has the words."""
    assert result.returncode == 2 and len(result.stderr.splitlines()) == 1, result.stderr
    assert result.stderr.startswith("error: ") and all(word in result.stderr for word in words), result.stderr


def zeros(network: str) -> dict:
    """A state dict of the right keys and shapes in a file of a few kilobytes."""
    torch = pytest.importorskip("torch")
    return {key: torch.zeros(()).expand(shape) for key, shape in SHAPES[network].items()}


# The full conversion: 1.1 GB of files, read and written once for all tests that look at its result.


@pytest.fixture(scope="module")
def converted(tmp_path_factory):
    """The folder that the command writes of all nineteen networks, and what it prints."""
    torch = pytest.importorskip("torch")
    folder = tmp_path_factory.mktemp("official")
    for network, keys in SHAPES.items():
        state = {key: torch.from_numpy(official_array(network, key)) for key in keys if "num_batches" not in key}
        counters = {key: torch.tensor(0) for key in keys if "num_batches" in key}
        # The official code is older than PyTorch's zip files.
        torch.save(
            {**state, **counters}, folder / f"latest_net_{network}.pth", _use_new_zipfile_serialization=network == "P"
        )
    (folder / "latest_net_E.pth").touch()
    result = run(f"--state_dicts={folder}", f"--output={folder / 'runs'}", "--label_enlargement=1")
    assert result.returncode == 0, result.stderr
    yield folder / "runs", result.stdout.splitlines()
    shutil.rmtree(folder)


def test_the_editor_gives_the_official_image(converted, golden):  # noqa: F811
    from mgpe_tf.models.runs import load_product

    config, generator = load_product(converted[0] / "editor", "editor")
    assert config.loss.label_enlargement == 1 and config.data.resolution == 256
    images = (as_input(golden[0][f"{k}_image"]) for k in ("source", "target"))
    masks = (golden[0][f"{k}_label"][None].astype("int32") for k in ("source", "target"))
    (source, target), (source_mask, target_mask) = images, masks
    check(golden, "image", generator.generate(source, source_mask, target, target_mask))


def test_the_portrait_editor_and_the_parser_load(converted, golden):  # noqa: F811
    from mgpe_tf.editing.portrait_editor import PortraitEditor

    arrays = golden[0]
    editor = PortraitEditor.load(converted[0] / "editor", parser=converted[0] / "parser")
    edited = editor.edit(*(arrays[k] for k in ("source_image", "target_image", "source_label", "target_label")))
    levels = (arrays["expected/image"] + 1) * 127.5
    assert np.abs(edited - levels).max() < 0.5 + 127.5e-3
    check(golden, "parser_probs", editor.parser.probabilities(arrays["source_image"][None]))


def test_the_discriminators_are_in_the_checkpoint(converted, golden):  # noqa: F811
    from mgpe_tf.models.checkpoints import strict_assign
    from mgpe_tf.objectives.editor import build_discriminator
    from mgpe_tf.ops.one_hot import one_hot_mask
    from mgpe_tf.shipped import load_config

    mask = one_hot_mask(golden[0]["target_label"][None].astype("int32"))
    with np.load(converted[0] / "editor/checkpoints/step-00000000/state.npz", allow_pickle=False) as stored:
        for name in ("D", "D2"):
            network = build_discriminator(load_config("mgpe_256"), name)
            found = {key: stored[key] for key in stored.files if key.startswith(f"network/{name}/")}
            strict_assign({f"network/{v.path}": v for v in network.weights}, found)
            _, score = network(mask, golden[0]["expected/image"][None])[0]
            check(golden, f"{name}/scale0/score", score)


def test_the_result_names_its_files(converted):
    folder, lines = converted
    assert lines[0].startswith(f"{folder / 'editor'}: G, encoder_left_eye, ") and lines[0].endswith(" D, D2")
    assert lines[1:] == [f"{folder / 'parser'}: P", f"not read: {folder.parent / 'latest_net_E.pth'}"]
    assert (
        len((folder / "SHA256SUMS").read_text().splitlines())
        == len([path for path in folder.rglob("*") if path.is_file()]) - 1
    )


# What is refused.


@pytest.fixture(scope="module")
def entries():
    """The layers of D and their official names."""
    from mgpe_tf.networks import official
    from mgpe_tf.objectives.editor import build_discriminator
    from mgpe_tf.shipped import load_config

    return list(official.discriminator_entries(build_discriminator(load_config("mgpe_256"), "D"), "D"))


def missing(state):
    del state[FIRST_KEY]


def extra(state):
    state["scale2_layer0.0.weight"] = state[FIRST_KEY]


def narrow(state):
    state[FIRST_KEY] = state[FIRST_KEY][:32]


def no_number(state):
    state[FIRST_KEY] = state[FIRST_KEY] * float("nan")


def integers(state):
    state[FIRST_KEY] = state[FIRST_KEY].int()


def text(state):
    state[FIRST_KEY] = "text"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (missing, "scale0_layer0.0.weight is missing"),
        (extra, "'scale2_layer0.0.weight' is unknown"),
        (narrow, r"scale0_layer0.0.weight has shape \(32, 14, 4, 4\) instead of \(64, 14, 4, 4\)"),
        (no_number, r"scale0_layer0.0.weight \(torch.float32\) does not hold finite floats"),
        (integers, r"scale0_layer0.0.weight \(torch.int32\) does not hold finite floats"),
        (text, "scale0_layer0.0.weight is no dense array"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_wrong_key_is_named_with_its_file(change, words, entries, tmp_path):
    state = zeros("D")
    file = tmp_path / "latest_net_D.pth"
    pytest.importorskip("torch").save(state, file)
    assert tool.fill(entries, {"D": file}) == ["D"]
    change(state)
    pytest.importorskip("torch").save(state, file)
    with pytest.raises(UserError, match=f"latest_net_D.pth: .*: {words}$"):
        tool.fill(entries, {"D": file})


def test_many_wrong_keys_are_counted(entries, tmp_path):
    pytest.importorskip("torch").save({"a": 1, "b": 2}, tmp_path / "D.pth")
    with pytest.raises(UserError, match=f"{FIRST_KEY} is missing; .*; and 43 more$"):
        tool.fill(entries, {"D": tmp_path / "D.pth"})


class Harmful:
    """Runs a command when it is unpickled."""

    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return os.mkdir, (str(self.trace),)


@pytest.mark.parametrize("zipped", [True, False])
def test_code_in_a_file_is_not_run(zipped, tmp_path):
    torch = pytest.importorskip("torch")
    file, trace = tmp_path / "latest_net_G.pth", tmp_path / "trace"
    torch.save({"a": Harmful(trace)}, file, _use_new_zipfile_serialization=zipped)
    with pytest.raises(UserError, match=r"latest_net_G.pth: refused: reading it would call \w+.mkdir"):
        tool.read_state_dict(file)
    assert not trace.exists()


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.99])
def test_a_torn_file_is_refused(share, zipped, tmp_path):
    torch = pytest.importorskip("torch")
    file = tmp_path / "latest_net_G.pth"
    torch.save({"a": torch.ones(1000)}, file, _use_new_zipfile_serialization=zipped)
    file.write_bytes(file.read_bytes()[: int(share * file.stat().st_size)])
    with pytest.raises(UserError, match="latest_net_G.pth: refused: damaged"):
        tool.read_state_dict(file)


@pytest.mark.parametrize("content", [[1.0], {1: 2}])
def test_what_is_no_state_dict_is_refused(content, tmp_path):
    pytest.importorskip("torch").save(content, tmp_path / "x.pth")
    with pytest.raises(UserError, match="x.pth: holds a (list|dict); allowed is a state dict"):
        tool.read_state_dict(tmp_path / "x.pth")


def test_missing_files_are_listed(tmp_path):
    for name in ("G", "encoder_left_eye", "D", "P"):
        (tmp_path / f"latest_net_{name}.pth").touch()
    with pytest.raises(UserError, match="14 of 16 files of G are missing: latest_net_decoder_left_eye.pth, "):
        tool.find_files(tmp_path)
    with pytest.raises(UserError, match="no such folder"):
        tool.find_files(tmp_path / "x")
    assert {*tool.GENERATOR, *tool.DISCRIMINATORS, tool.PARSER} == set(SHAPES)


def test_mistakes_on_the_command_line(tmp_path):
    (tmp_path / "latest_net_P.pth").touch()
    source, output = f"--state_dicts={tmp_path}", tmp_path / "runs"
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / "torch.py").write_text("raise ImportError('no torch')")
    path = os.pathsep.join([str(tmp_path / "hidden"), os.environ["PYTHONPATH"]])
    assert_refused(run(source, f"--output={output}", PYTHONPATH=path), "torch", "pip install 'mgpe_tf[convert]'")
    (tmp_path / "hidden" / "torch.py").write_text("__version__ = '2.5.1+cpu'")
    assert_refused(run(source, f"--output={output}", PYTHONPATH=path), "torch 2.5.1+cpu", "2.6 or newer")
    assert_refused(run(source, f"--output={output}", "--label_enlargement=nan"), "--label_enlargement=nan")
    assert not output.exists()
    output.mkdir()
    assert_refused(run(source, f"--output={output}"), f"--output={output} is there already")


def test_nothing_is_left_of_a_conversion_that_fails(tmp_path):
    state = zeros("P")
    state.popitem()
    pytest.importorskip("torch").save(state, tmp_path / "latest_net_P.pth")
    result = run(f"--state_dicts={tmp_path}", f"--output={tmp_path / 'runs'}")
    assert_refused(result, "latest_net_P.pth", "model.model.3.bias is missing")
    assert [path.name for path in tmp_path.iterdir()] == ["latest_net_P.pth"]
