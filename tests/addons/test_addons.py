"""Against tensorflow-addons 0.23 in TensorFlow 2.15: make test-addons. Elsewhere there is nothing to compare with."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

tfa = pytest.importorskip("tensorflow_addons", reason="make test-addons")
import tensorflow as tf  # noqa: E402

FOLDER = Path(os.environ.get("MGPE_TF_ADDONS_CASES", "."))


@pytest.fixture(scope="module")
def warp():
    return dict(np.load(FOLDER / "warp.npz"))


def projective(matrices):
    """[B, 2, 3] as the eight numbers of tfa.image.transform."""
    return np.concatenate([matrices.reshape(-1, 6), np.zeros((len(matrices), 2), np.float32)], axis=1)


def test_image_transform(warp):
    options = dict(transforms=projective(warp["matrices"]), fill_mode="reflect")
    found = tfa.image.transform(warp["images"], interpolation="bilinear", **options)
    np.testing.assert_allclose(found, warp["bilinear"], atol=2e-4)
    found = tfa.image.transform(warp["labels"], interpolation="nearest", **options).numpy()
    assert (found == warp["nearest"]).mean() > 0.998  # exact halves are rounded one way or the other


def test_dense_image_warp(warp):
    """The same map as a flow; that function clamps at the borders, so only what is read inside is compared."""
    height, width = warp["images"].shape[1:3]
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    points = np.stack([columns, rows, np.ones_like(rows)], axis=-1).astype(np.float32)
    x, y = np.moveaxis(np.einsum("bij,hwj->bhwi", warp["matrices"], points), -1, 0)
    flow = np.stack([rows - y, columns - x], axis=-1).astype(np.float32)
    inside = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
    found = tfa.image.dense_image_warp(warp["images"], flow).numpy()
    assert inside.mean() > 0.3
    np.testing.assert_allclose(found[inside], warp["bilinear"][inside], atol=2e-4)


def test_an_exported_editor_runs_beside_it():
    assert tf.__version__.startswith("2.15")
    case = dict(np.load(FOLDER / "editor.npz"))
    expected = case.pop("images")
    edit = tf.saved_model.load(str(FOLDER / "editor" / "1")).signatures["edit"]
    found = edit(**{name: tf.constant(value) for name, value in case.items()})["images"]
    np.testing.assert_allclose(found, expected, atol=1e-4)
