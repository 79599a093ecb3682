"""The shipped registration network, exported by the command, gives the flows that edits take."""

from __future__ import annotations

from pathlib import Path

import forked
import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter
from small import face_mask

from mgpe_tf.models.registrations import Registrations

ROOT = Path(__file__).resolve().parents[2]
WEIGHTS = ROOT / "saved_models" / "registration"


def run(*flags):
    return forked.run("mgpe_tf.export_model", "registration", *flags, cwd=ROOT)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    output = tmp_path_factory.mktemp("registration") / "exported"
    result = run(f"--model={WEIGHTS / 'soft.npz'}", f"--output={output}", "--variants=float16")
    assert result.returncode == 0, result.stderr
    assert [line.split("  ")[0] for line in result.stdout.splitlines()] == [
        "1/ (SavedModel)",
        "registration_float16.tflite",
    ]
    return output


def test_its_forms_give_the_flows_of_the_editor(folder):
    source, target = face_mask(256), face_mask(256, 3, 4)
    wanted = Registrations(WEIGHTS).flow(source, target, stiff=False)
    assert np.abs(wanted).max() > 5
    masks = {"source_masks": source[None].astype(np.int32), "target_masks": target[None].astype(np.int32)}
    model = tf.saved_model.load(folder / "1")
    flows = model.signatures["serving_default"](**{k: tf.constant(np.repeat(v, 2, 0)) for k, v in masks.items()})
    np.testing.assert_allclose(flows["flows"].numpy(), np.stack([wanted] * 2), atol=1e-3)
    runner = Interpreter(str(folder / "registration_float16.tflite")).get_signature_runner("flow")
    np.testing.assert_allclose(runner(**masks)["flows"][0], wanted, atol=0.1)
    card = (folder / "MODEL_CARD.md").read_text()
    assert "| registration_float16.tflite | " in card and "$" not in card


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--model=nowhere.npz"], "--model=nowhere.npz: no such file or folder"),
        ([f"--model={ROOT / 'README.md'}"], "README.md: no .npz file of a network's weights"),
        ([f"--model={WEIGHTS / 'soft.npz'}", "--variants=int8"], "the registration has no 'int8'"),
    ],
)
def test_what_cannot_be_exported_is_told_in_a_line(flags, words, tmp_path):
    result = run(*flags, f"--output={tmp_path / 'out'}")
    assert result.returncode == 2 and len(result.stderr.splitlines()) == 1 and words in result.stderr, result.stderr
    assert not (tmp_path / "out").exists()
