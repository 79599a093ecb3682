"""The pipeline, run by Beam's DirectRunner, makes what the folder holds."""

from __future__ import annotations

import collections
import dataclasses
import json

import numpy as np
import pytest

pytest.importorskip("apache_beam")

from drawn import PARSER, PORTRAITS, SETTINGS, SIZE, save, save_persons

from mgpe_tf.data.tfrecord import TFRecordSource
from mgpe_tf.errors import UserError
from mgpe_tf.preparation import beam
from mgpe_tf.preparation.sample import Preparer

PREPARED = collections.Counter()
"""How often each file was prepared."""


class CountingPreparer(Preparer):
    """With the synthetic portraits' parser, which no file holds."""

    @classmethod
    def load(cls, parser, settings, threads=None):
        return cls(PARSER, None, settings)

    def prepare(self, photograph, read):
        PREPARED[photograph.file] += 1
        return super().prepare(photograph, read)


@pytest.fixture(autouse=True)
def preparer(monkeypatch):
    monkeypatch.setattr(beam, "Preparer", CountingPreparer)
    PREPARED.clear()


def run(root, output, settings=SETTINGS, shards=3):
    return beam.run(str(root), str(output), root, settings, shards, "DirectRunner", [])


def lines(folder, kind) -> list[dict]:
    """All shards of a kind, by file."""
    found = [
        json.loads(text) for path in sorted(folder.glob(f"*/{kind}-*.jsonl")) for text in path.read_text().splitlines()
    ]
    return sorted(found, key=lambda line: line["file"])


def test_records_of_persons(tmp_path):
    save_persons(tmp_path / "in")
    save(tmp_path / "in/person 0/again.png", PORTRAITS[0][0])
    (tmp_path / "in/person 0/bad.png").write_bytes(b"")
    (tmp_path / "in/person 0/notes.txt").touch()
    summary, bad = run(tmp_path / "in", tmp_path / "in/out")
    assert bad == 1 and summary.startswith("8 faces") and "of 10 photographs" in summary
    assert "1 duplicate" in summary and "1 unreadable" in summary
    assert summary.endswith("; 1 file is left alone, no pictures by their endings: person 0/notes.txt")
    manifest = {line["name"]: line for line in lines(tmp_path / "in/out", "manifest")}
    assert {line["file"]: line["kind"] for line in lines(tmp_path / "in/out", "rejected")} == {
        "person 0/again.png": "duplicate",
        "person 0/bad.png": "unreadable",
    }
    found = {}
    for split in ("train", "val"):
        source = TFRecordSource(tmp_path / "in/out" / split, SIZE)
        for index, name in enumerate(source.names):
            assert manifest[name]["split"] == split
            found[name] = source.load(index)
    assert found.keys() == manifest.keys()
    for name, (image, mask) in found.items():
        seed = next(i for i, (known, _) in enumerate(PORTRAITS) if np.array_equal(known, image))
        np.testing.assert_array_equal(mask, PORTRAITS[seed][1])
        assert manifest[name]["file"].startswith(f"person {seed // 2}/")


def test_only_shards_of_other_photographs_are_made_again(tmp_path):
    save_persons(tmp_path / "in")
    run(tmp_path / "in", tmp_path / "out")
    assert PREPARED.total() == 8
    before = {path.name: path.read_bytes() for path in (tmp_path / "out/train").iterdir()}
    run(tmp_path / "in", tmp_path / "out")
    assert PREPARED.total() == 8
    assert {path.name: path.read_bytes() for path in (tmp_path / "out/train").iterdir()} == before
    gone = lines(tmp_path / "out", "manifest")[0]
    (tmp_path / "in" / gone["file"]).unlink()
    summary, _ = run(tmp_path / "in", tmp_path / "out")
    assert summary.startswith("7 faces") and PREPARED[gone["file"]] == 1 and PREPARED.total() < 8 + 7
    names = [name for split in ("train", "val") for name in TFRecordSource(tmp_path / "out" / split, SIZE).names]
    assert len(names) == 7 and gone["name"] not in names
    assert not any(gone["name"].encode() in path.read_bytes() for path in (tmp_path / "out").glob("*/*"))


def test_it_makes_the_same_faces_as_without_beam(tmp_path):
    from test_prepare_folder import prepare

    save_persons(tmp_path / "in")
    run(tmp_path / "in", tmp_path / "records")
    prepare(tmp_path / "in", tmp_path / "folder")
    placed = lines(tmp_path / "records", "manifest")
    for line in placed:
        del line["offset"], line["length"]
    with open(tmp_path / "folder/manifest.jsonl", encoding="utf-8") as file:
        assert placed == [json.loads(text) for text in file]


def test_mistakes(tmp_path):
    (tmp_path / "in").mkdir()
    with pytest.raises(UserError, match="no photographs; allowed: .jpg"):
        run(tmp_path / "in", tmp_path / "out")
    with pytest.raises(UserError, match="a path without"):
        run(tmp_path / "in[1]", tmp_path / "out")
    with pytest.raises(UserError, match="begun with shards 3, not 4"):
        run(tmp_path / "in", tmp_path / "out", shards=4)
    with pytest.raises(UserError, match="begun with resolution 64, not 32"):
        run(tmp_path / "in", tmp_path / "out", dataclasses.replace(SETTINGS, resolution=32))
