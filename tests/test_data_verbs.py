"""The data commands, run as a user runs them."""

from __future__ import annotations

from pathlib import Path

import called
import numpy as np
import pytest
from PIL import Image

from mgpe_tf import labels
from mgpe_tf.data.open import open_layout

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data"


def write(folder, name, image, label):
    for kind, array in (("images", image), ("labels", label)):
        (folder / kind).mkdir(parents=True, exist_ok=True)
        Image.fromarray(array).save(folder / kind / f"{name}.png")


@pytest.fixture
def folder(tmp_path):
    """Three sound portraits, the third with its eyes the wrong way round."""
    mask = np.full((16, 16), labels.SKIN, np.uint8)
    mask[4, 3:5], mask[4, 11:13] = labels.LEFT_EYE, labels.RIGHT_EYE
    for i, label in enumerate((mask, mask, mask[:, ::-1])):
        write(tmp_path / "set", f"p{i}", np.full((16, 16, 3), 40 * i, np.uint8), label)
    return tmp_path / "set"


def run(*arguments):
    return called.run(*arguments, cwd=ROOT)


def test_sound_folder(folder):
    result = run("mgpe_tf.check_data", folder)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [
        "portraits: 3, bad: 0; files without partner or double: 0",
        "sizes: 16x16 3",
        "without a pixel of: background 3, left_brow 3, right_brow 3, nose 3, upper_lip 3, inner_mouth 3, lower_lip 3,"
        " hair 3",
        "left and right exchanged (put in order when loaded): 1 p2",
    ]


def test_every_bad_file_has_a_line(folder):
    square = np.zeros((16, 16), np.uint8)
    write(folder, "white", np.zeros((16, 16, 3), np.uint8), square + 255)
    write(folder, "wide", np.zeros((16, 20, 3), np.uint8), np.zeros((16, 20), np.uint8))
    write(folder, "both", square, np.zeros((16, 16, 3), np.uint8) + np.uint8([90, 0, 200]))
    (folder / "images" / "both.png").write_text("no image")
    (folder / "images" / "p0.png").unlink()
    (folder / "images/notes.txt").touch()
    result = run("mgpe_tf.check_data", folder)
    lines = result.stdout.splitlines()
    assert result.returncode == 2
    expected = [
        "p0.png: label without an image",
        "images/both.png: not an image",
        "labels/both.png: 100.00% of the pixels in colours far from the legend's",
        "labels/white.png: label value 255 (256 px) outside",
        "wide: image of 20 x 16 pixels",
    ]
    for words in expected:
        assert sum(words in line for line in lines) == 1, words
    assert lines[-1].startswith("1 file is left alone") and lines[-1].endswith("images/notes.txt")
    assert "portraits: 5, bad: 3; files without partner or double: 1" in lines


@pytest.mark.parametrize("arguments", [(), ("a", "b"), ("no/such/folder",), (".", "--layout=foldr")])
def test_mistakes_on_the_command_line(arguments):
    result = run("mgpe_tf.check_data", *arguments)
    assert result.returncode == 2
    assert result.stderr.startswith("error: ") and len(result.stderr.splitlines()) == 1


def test_records_hold_what_the_folder_holds(folder, tmp_path):
    flags = [f"--input={folder}", f"--output={tmp_path / 'records'}", "--resolution=16", "--image_format=png"]
    result = run("mgpe_tf.write_tfrecords", *flags, "--shards=2")
    assert result.returncode == 0, result.stderr
    files, records = open_layout("folder", folder, "helen", 16), open_layout("tfrecord", tmp_path / "records", "", 16)
    assert records.names == files.names
    for index in range(3):
        for expected, found in zip(files.load(index), records.load(index), strict=True):
            np.testing.assert_array_equal(found, expected)


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the development data")
@pytest.mark.parametrize(("name", "label_set"), [("celebamask_hq_256", "celebamask_hq"), ("helen_star_256", "helen")])
def test_real_labels_convert(name, label_set):
    portraits = open_layout("folder", SHARED / name / "val", label_set, 128)
    for index in range(5):
        image, label = portraits.load(index)
        assert image.shape == (128, 128, 3) and label.max() <= labels.HAIR
        assert not labels.exchanged_pairs(label)
        rows = [np.nonzero(label == part)[0].mean() for part in (labels.LEFT_EYE, labels.NOSE, labels.LOWER_LIP)]
        assert rows == sorted(rows)
