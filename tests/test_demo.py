"""The demo of the bundled networks, as a user runs it after the installation."""

from __future__ import annotations

import forked
import numpy as np
import pytest

from mgpe_tf.data.grids import HEADER
from mgpe_tf.data.images import read_image
from mgpe_tf.provenance.marks import EDITED, read_marks

SIDE = 512
"""Pixels of each picture."""


def test_six_edits_of_a_photograph(tmp_path):
    pytest.importorskip("mtcnn")
    result = forked.run("mgpe_tf.demo", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("mgpe_demo.jpg: ") and "mgpe app" in result.stdout
    assert read_marks(tmp_path / "mgpe_demo.jpg").digital_source_type == EDITED
    picture = read_image(tmp_path / "mgpe_demo.jpg").astype(int)
    assert picture.shape == (2 * (HEADER + SIDE), 4 * SIDE, 3)
    rows = picture.reshape(2, HEADER + SIDE, 4, SIDE, 3)[:, HEADER:].swapaxes(1, 2)
    before, *edited = rows.reshape(8, SIDE, SIDE, 3)[:7]
    changed = [(np.abs(after - before).max(-1) > 20).mean() for after in edited]
    assert all(0.003 < share < 0.5 for share in changed), changed
    assert len(edited) == len(np.unique(changed)) == 6


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("there.png", "there.png is there already"),
        ("edits.gif", "allowed: .jpg, .png"),
        ("edits.txt", "allowed endings: .png"),
        ("no/edits.png", "there is no folder no"),
    ],
)
def test_an_output_that_cannot_be_written(name, words, tmp_path):
    (tmp_path / "there.png").touch()
    result = forked.run("mgpe_tf.demo", f"--output={name}", cwd=tmp_path)
    assert result.returncode == 2 and words in result.stderr and result.stderr.count("\n") == 1
