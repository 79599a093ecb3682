"""The packing command, run as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import called
import numpy as np
from PIL import Image

from mgpe_tf import labels
from mgpe_tf.data.open import open_joined, open_layout

ROOT = Path(__file__).resolve().parents[1]


def run(*flags):
    return called.run("mgpe_tf.pack_dataset", *flags, cwd=ROOT)


def write(folder, size):
    """Two portraits of skin with a nose, in CelebAMask-HQ's ids."""
    for part in ("images", "labels"):
        (folder / part).mkdir(parents=True)
    for i in range(2):
        Image.fromarray(np.full((size, size, 3), 90 * i, np.uint8)).save(folder / "images" / f"{i}.png")
        mask = np.ones((size, size), np.uint8)
        mask[size // 2 :] = 2
        Image.fromarray(mask).save(folder / "labels" / f"{i}.png")
    return folder


def test_sets_of_several_folders_are_packed_as_one(tmp_path):
    folders = [write(tmp_path / "a", 16), write(tmp_path / "b", 32)]
    flags = [f"--data={folders[0]},{folders[1]}", "--label_set=celebamask_hq", "--resolution=16"]
    result = run(*flags, f"--output={tmp_path / 'packed'}")
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("4 portraits, 2 with their own image files, in 1 shards of 0.0 MB in all: ")
    manifest = json.loads((tmp_path / "packed" / "manifest.json").read_text())
    assert (manifest["portraits"], manifest["resolution"], manifest["label_set"]) == (4, 16, "partial")
    found = open_layout("packed", tmp_path / "packed", "", 16)
    expected = open_joined("folder", folders, ["celebamask_hq"], 16)
    assert found.names == expected.names and set(np.unique(found.load(0)[1])) == {labels.SKIN, labels.NOSE}
    for i in range(4):
        for array, other in zip(found.load(i), expected.load(i), strict=True):
            np.testing.assert_array_equal(array, other)
    again = run(*flags, f"--output={tmp_path / 'packed'}")
    assert again.returncode == 2 and "manifest.json: exists; pack to another folder" in again.stderr.splitlines()[-1]
