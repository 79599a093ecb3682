"""The parser that comes with the package, on a real photograph: astronaut Eileen Collins (NASA, public domain)."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys

import numpy as np
import pytest
from astronaut import LANDMARKS
from PIL import Image

import mgpe_tf
from mgpe_tf import labels
from mgpe_tf.data.alignment import align, template_at
from mgpe_tf.data.images import read_label
from mgpe_tf.models.files import SAVED_MODEL
from mgpe_tf.models.shipped import model_path

skimage_data = pytest.importorskip("skimage.data")


@pytest.fixture(scope="module")
def folder():
    return model_path("parser")


@pytest.fixture(scope="module")
def portrait():
    photo = skimage_data.astronaut()
    return align(LANDMARKS, photo.shape[:2]).crop(photo)


def test_files_are_whole_and_small(folder):
    lines = [line.split("  ") for line in (folder / "SHA256SUMS").read_text().splitlines()]
    assert {name for _, name in lines} >= {
        f"{SAVED_MODEL}/saved_model.pb",
        "MODEL_CARD.md",
        "labels.json",
        "parser_float16.tflite",
        "parser_dynamic.tflite",
        "parser_int8.tflite",
    }
    for digest, name in lines:
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) <= 25e6
    card = (folder / "MODEL_CARD.md").read_text()
    assert "f1_helen_overall" in card and "non-commercial" in card and "## Failure cases" in card


def test_it_reads_a_photograph(portrait):
    parser = mgpe_tf.FaceParser.load()
    assert parser.resolution == 256
    mask = parser.parse(portrait)
    left_eye, right_eye, nose, *_ = template_at(256).round().astype(int)
    for (column, row), label in ((left_eye, labels.LEFT_EYE), (right_eye, labels.RIGHT_EYE), (nose, labels.NOSE)):
        around = mask[row - 8 : row + 9, column - 8 : column + 9]
        assert (around == label).mean() > 0.15
    shares = np.bincount(mask.ravel(), minlength=labels.NUM_CLASSES) / mask.size
    assert (shares > 0).all() and 0.15 < shares[labels.SKIN] < 0.45 and shares[labels.HAIR] > 0.1
    assert shares[labels.INNER_MOUTH] > 0.002  # she smiles
    mirrored = parser.parse(portrait[:, ::-1].copy())[:, ::-1]
    assert (np.array(labels.FLIPPED)[mirrored] == mask).mean() > 0.96


def test_it_reads_nineteen_classes_too(portrait):
    parser = mgpe_tf.FaceParser.load()
    parts = parser.parse(portrait, "celebamask_hq")
    np.testing.assert_array_equal(parser.masks(portrait)[1], parts)
    shares = np.bincount(parts.ravel(), minlength=labels.NUM_PARTS) / parts.size
    assert shares[labels.PARTS["cloth"]] > 0.02 and shares[labels.PARTS["hat"]] < 0.01
    assert parts[160, 128] in (labels.PARTS["nose"], labels.PARTS["skin"])


@pytest.mark.parametrize(
    ("form", "agreement"),
    [
        ("parser_float16.tflite", 0.999),
        ("parser_dynamic.tflite", 0.98),
        ("parser_int8.tflite", 0.98),
    ],
)
def test_small_forms_read_the_same(folder, portrait, form, agreement):
    expected = mgpe_tf.FaceParser.load().parse(portrait)
    assert (mgpe_tf.FaceParser.load(folder / form).parse(portrait) == expected).mean() > agreement


def test_the_verb_uses_it(portrait, tmp_path):
    (tmp_path / "in").mkdir()
    Image.fromarray(portrait).save(tmp_path / "in/face.png")
    Image.fromarray(skimage_data.astronaut()).save(tmp_path / "in/photograph.png")
    (tmp_path / "in/notes.txt").touch()
    command = [sys.executable, "-m", "mgpe_tf.parse", str(tmp_path / "in"), f"--output={tmp_path / 'out'}"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr
    assert re.search(r"1 file is left alone, no pictures by their endings: \S*in/notes.txt\n", result.stdout)
    expected = mgpe_tf.FaceParser.load().parse(portrait)
    assert (read_label(tmp_path / "out/labels/face.png") == expected).mean() > 0.9999
    note = r"^note: little face is read in 1 of 2 pictures, \S*in/photograph.png first: .*--align$"
    assert re.search(note, result.stderr, re.MULTILINE), result.stderr
    lines = [json.loads(line) for line in (tmp_path / "out/parse.jsonl").read_text().splitlines()]
    assert [line["face_found"] for line in lines] == [None, None]  # nobody looked
