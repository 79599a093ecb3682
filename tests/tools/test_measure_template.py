"""Measuring where aligned portraits have their landmarks."""

from __future__ import annotations

import numpy as np
import pytest

from mgpe_tf.data.alignment import TEMPLATE
from mgpe_tf.errors import UserError
from tools.measure_template import displacements, measure, mirrored


def test_the_template_is_its_own_mirror_image():
    np.testing.assert_allclose(mirrored(TEMPLATE), TEMPLATE)


def test_displacements_of_portraits_are_those_of_their_alignment():
    shifted, larger = TEMPLATE + (3, -4), 127.5 + (TEMPLATE - 127.5) * 1.25
    np.testing.assert_allclose(
        displacements(np.array([TEMPLATE, shifted, larger])),
        [[0] * 5, [5] * 5, [128 * 0.2 * np.sqrt(2)] * 4 + [0]],
        atol=1e-9,
    )


def test_a_folder_without_portraits(tmp_path):
    (tmp_path / "notes.txt").write_text("none")
    with pytest.raises(UserError, match="no portraits"):
        measure(str(tmp_path), 3)
