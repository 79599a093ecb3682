"""The gallery: its page says what its table says, verbs read its commands, and its pictures are there and small."""

from __future__ import annotations

import pytest
from commands import Command
from test_shell import problem

from mgpe_tf.data.images import read_image
from mgpe_tf.webapp import EXAMPLES
from tools.gallery import HEADS, PAGE, PICTURES, ROWS, page

EDITS = [edit for row in ROWS for edit in row.edits]


def test_the_page_is_current():
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m tools.gallery --rows= writes it anew"


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.title)
def test_verbs_read_its_commands(edit):
    assert problem(Command(edit.command)) == ""


def test_no_edit_overwrites_another():
    assert len({edit.output for edit in EDITS}) == len(EDITS) >= 20


def test_failures_are_named():
    assert sum("failure" in edit.seen for edit in EDITS) >= 5
    assert all(edit.seen for edit in EDITS if edit.says)


def test_every_row_has_its_picture_and_all_are_small():
    files = {path.stem: path for path in PICTURES.iterdir()}
    assert set(files) == {row.name for row in ROWS}
    assert sum(path.stat().st_size for path in files.values()) < 1_500_000


def test_heads_lie_in_their_photographs():
    for name, (left, top, side) in HEADS.items():
        height, width, _ = read_image(EXAMPLES / name).shape
        assert left >= 0 and top >= 0 and left + side <= width and top + side <= height
