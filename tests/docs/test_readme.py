"""The Python lines of the README run as they are pasted, in the root of a checkout."""

from __future__ import annotations

import re
from pathlib import Path

import forked
import numpy as np
import pytest

from mgpe_tf.data.images import read_image

ROOT = Path(__file__).resolve().parents[2]


def test_the_python_lines_edit_the_photograph(tmp_path):
    pytest.importorskip("mtcnn")
    (lines,) = re.findall(r"^```python\n(.*?)^```$", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    (tmp_path / "pasted.py").write_text(lines)
    (tmp_path / "mgpe_tf").symlink_to(ROOT / "mgpe_tf")
    result = forked.run("pasted", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (0, ""), result.stderr
    edited, photo = read_image(tmp_path / "edited.png"), read_image(ROOT / "mgpe_tf/webapp/examples/collins.jpg")
    assert edited.shape == photo.shape and 0.01 < (edited != photo).any(-1).mean() < 0.5
    np.testing.assert_array_equal(edited[:, :60], photo[:, :60])
