"""The Python lines of the README and of the serving page run as they are pasted."""

from __future__ import annotations

import re
from pathlib import Path

import forked
import numpy as np
import pytest

from mgpe_tf import labels
from mgpe_tf.data.images import read_image
from mgpe_tf.data.synthetic import draw_portrait
from mgpe_tf.models.load import load

ROOT = Path(__file__).resolve().parents[2]


def python_lines(page: str) -> str:
    (lines,) = re.findall(r"^```python\n(.*?)^```$", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL)
    return lines


def test_the_python_lines_edit_the_photograph(tmp_path):
    pytest.importorskip("mtcnn")
    (tmp_path / "pasted.py").write_text(python_lines("README.md"))
    (tmp_path / "mgpe_tf").symlink_to(ROOT / "mgpe_tf")
    result = forked.run("pasted", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (0, ""), result.stderr
    edited, photo = read_image(tmp_path / "edited.png"), read_image(ROOT / "mgpe_tf/webapp/examples/collins.jpg")
    assert edited.shape == photo.shape and 0.01 < (edited != photo).any(-1).mean() < 0.5
    np.testing.assert_array_equal(edited[:, :60], photo[:, :60])


def test_the_lines_for_a_phone_edit_by_the_ids_of_the_bundled_parser(monkeypatch):
    pytest.importorskip("ai_edge_litert")
    monkeypatch.chdir(ROOT / "saved_models/editor_compact")
    (source, _), (target, _) = (draw_portrait(seed, 256) for seed in (1, 2))
    parts = np.random.default_rng(0).integers(0, 19, (2, 256, 256), np.uint8)  # every id of the parser
    images = dict(zip(("source", "target"), (np.float32([source, target]) / 127.5 - 1)[:, None]))
    run = {**images, "source_parts": parts[:1], "parts": parts[1:]}
    exec(python_lines("docs/serving/README.md"), run)
    masks = [labels.to_helen(each, "celebamask_hq") for each in parts]
    wanted = load("editor", "editor_dynamic.tflite").edit(source, masks[0], target, masks[1])
    np.testing.assert_allclose((run["portrait"][0] + 1) * 127.5, wanted, atol=0.51)
