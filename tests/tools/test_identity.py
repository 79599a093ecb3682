"""Measuring whose face a recognition network sees."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from mgpe_tf.errors import UserError
from tools.identity import Recognition, cosines


def test_cosines_are_of_what_differs_from_the_mean():
    mean = np.array((5.0, 5.0, 5.0))
    one = mean + [(1, 0, 0), (0, 2, 0), (1, 1, 0)]
    other = mean + [(3, 0, 0), (0, -1, 0), (0, 1, 0)]
    np.testing.assert_allclose(cosines(one, other, mean), (1, -1, np.sqrt(0.5)))


def test_what_is_missing_is_named(tmp_path):
    missing = "landmarks" if importlib.util.find_spec("dlib") else "pip install dlib-bin"
    with pytest.raises(UserError, match=missing):
        Recognition(str(tmp_path))
