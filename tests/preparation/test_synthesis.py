"""Faces drawn on edited masks: what is drawn from what, resumed, filtered, read as a data set."""

from __future__ import annotations

import json
import os

import editors
import forked
import numpy as np
import pytest
from small import SIZE
from stored_editor import store_editor
from stored_parser import store_run

from mgpe_tf import labels
from mgpe_tf.data.folder import FolderSource
from mgpe_tf.data.synthetic import SyntheticSource
from mgpe_tf.editing.masks import edits
from mgpe_tf.errors import UserError
from mgpe_tf.models.face_parser import FaceParser
from mgpe_tf.preparation.synthesis import BATCH, Synthesis, SynthesisSettings, agreement, draft
from mgpe_tf.provenance.marks import EDITED, read_marks

PORTRAITS = SyntheticSource(6, SIZE)
SETTINGS = SynthesisSettings("drawn", "e" * 64, "p" * 64, image_format="png", min_agreement=0.0)


@pytest.fixture(scope="module")
def networks():
    return editors.small_networks()


def skin_everywhere(images: np.ndarray) -> np.ndarray:
    """A parser that has seen one thing only."""
    return np.broadcast_to(np.eye(labels.NUM_CLASSES, dtype=np.float32)[labels.SKIN], (*images.shape[:3], 11))


PARSER = FaceParser(skin_everywhere, SIZE)


def draw(folder, networks, count, settings=SETTINGS) -> str:
    return Synthesis(folder, settings, PORTRAITS, "drawn").generate(count, networks, PARSER)


def lines_of(path) -> list[dict]:
    return [json.loads(text) for text in path.read_text().splitlines()]


def contents(folder) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_drafts_differ_and_hang_on_seed_and_number_alone():
    drafts = [draft(number, 50, seed=3) for number in range(200)]
    assert drafts[7] == draft(7, 50, seed=3) != draft(7, 50, seed=4)
    assert {each.target for each in drafts} | {each.source for each in drafts} == set(range(50))
    assert {name for each in drafts for name in each.amounts} == set(edits.EDITS)
    assert {len(each.amounts) for each in drafts} == {1, 2, 3}
    for each in drafts:
        for name, amount in each.amounts.items():
            edits.check_amount(name, amount)


def test_faces_are_drawn_on_edited_masks(tmp_path, networks):
    summary = draw(tmp_path, networks, 5)
    assert summary == "5 faces of 6 portraits; left out: 0 with an agreement below 0"
    lines, drawn = lines_of(tmp_path / "manifest.jsonl"), FolderSource(tmp_path / "train", "helen", SIZE)
    assert drawn.names == tuple(line["name"] for line in lines) and lines_of(tmp_path / "rejected.jsonl") == []
    numbers = {name: number for number, name in enumerate(PORTRAITS.names)}
    for number, line in enumerate(lines):
        image, mask = drawn.load(number)
        target, own = PORTRAITS.load(numbers[line["target"]])
        np.testing.assert_array_equal(mask, labels.order_left_right(edits.apply(own, line["amounts"])))
        source, source_mask = PORTRAITS.load(numbers[line["source"]])
        if not (own != labels.BACKGROUND)[mask == labels.BACKGROUND].any():  # nothing is bared: the networks' own edit
            embeddings = networks.embed(source, source_mask)
            expected = networks.render(networks.decode(embeddings), target, mask)
            assert np.abs(image.astype(int) - expected).max() <= 1
        assert line["licence"] == "drawn"
        marks = read_marks(tmp_path / "train" / "images" / f"{line['name']}.png")
        assert marks.digital_source_type == EDITED


def test_more_are_added_and_a_torn_line_is_drawn_again(tmp_path, networks):
    draw(tmp_path / "whole", networks, BATCH + 2)
    draw(tmp_path / "parts", networks, 2)
    journal = tmp_path / "parts" / "faces.jsonl"
    journal.write_text(journal.read_text()[:-20])
    draw(tmp_path / "parts", networks, BATCH + 2)
    whole, parts = contents(tmp_path / "whole"), contents(tmp_path / "parts")
    for files in (whole, parts):  # the order of the lines, and of the batches
        del files["faces.jsonl"]
    assert whole.keys() == parts.keys()
    assert whole["manifest.jsonl"] == parts["manifest.jsonl"]
    assert [line["number"] for line in lines_of(journal)] == list(range(BATCH + 2))
    for name in whole:
        if "labels" in name:
            assert whole[name] == parts[name]


def test_faces_that_do_not_show_their_mask_are_left_out(tmp_path, networks):
    strict = SynthesisSettings("drawn", "e" * 64, "p" * 64, min_agreement=0.9)
    assert draw(tmp_path, networks, 3, strict) == "0 faces of 6 portraits; left out: 3 with an agreement below 0.9"
    assert not list((tmp_path / "train" / "images").iterdir()) and len(lines_of(tmp_path / "rejected.jsonl")) == 3
    mask = np.full((SIZE, SIZE), labels.SKIN, np.uint8)
    assert agreement(PARSER, np.zeros((SIZE, SIZE, 3), np.uint8), mask) == 1.0


def test_a_folder_is_made_with_one_setting(tmp_path, networks):
    draw(tmp_path / "out", networks, 1)
    with pytest.raises(UserError, match="was begun with seed 0, not 1"):
        draw(
            tmp_path / "out",
            networks,
            1,
            SynthesisSettings("drawn", "e" * 64, "p" * 64, image_format="png", seed=1, min_agreement=0.0),
        )
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "holiday.txt").touch()
    with pytest.raises(UserError, match="not empty, and without synthesis.json"):
        draw(tmp_path / "other", networks, 1)


def test_the_command(tmp_path, networks):
    models = [f"--editor={store_editor(tmp_path / 'editor')}", f"--parser={store_run(tmp_path / 'parser')}"]
    draw(tmp_path / "set", networks, 2)

    def command(*arguments):
        folders = [f"--input={tmp_path / 'set/train'}", f"--output={tmp_path / 'out'}"]
        environment = {**os.environ, "COLUMNS": "80"}
        return forked.run("mgpe_tf.prepare", *folders, "--licence=mine", *arguments, env=environment)

    result = command("--from_editor", *models, "--count=3", "--min_agreement=0")
    assert result.returncode == 0 and "3 faces of 2 portraits" in result.stdout, result.stderr
    assert len(FolderSource(tmp_path / "out" / "train", "helen", SIZE)) == 3
    for arguments, words in (
        (["--from_editor", "--face=all"], "error: --face is of photographs; leave it out"),
        (["--count=3"], "error: --count is of generated faces; add --from_editor"),
        (["--from_editor", *models, "--output=/dev/null/set"], "error: /dev/null/set: Not a directory"),
        (["--from_editor", *models, "--count=0"], "--count"),
    ):
        result = command(*arguments)
        assert result.returncode == 2 and words in result.stderr.splitlines()[-1], result.stderr
