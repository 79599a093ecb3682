"""The probe: features by hand, what it can tell apart and what not."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from stored_trunk import store_trunk

from mgpe_tf.errors import UserError
from mgpe_tf.evaluation.measure.realism import LEAST, RegionFeatures, realism_auc, region_features

SIZE = 64


@pytest.fixture(scope="module")
def features(tmp_path_factory):
    """Those of a trunk with random weights."""
    path = tmp_path_factory.mktemp("trunk") / "trunk.npz"
    store_trunk(path)
    return RegionFeatures.load(path)


def test_means_and_deviations_by_hand():
    """A map of 2 x 2 places, a region of all of the first and half of the second: weights 1 and 1/2."""
    region = np.zeros((8, 8), bool)
    region[:4, :6] = True
    found = region_features([np.array([[[3.0], [6.0]], [[50.0], [70.0]]])], region)
    np.testing.assert_allclose(found, [4, np.sqrt((1 + 4 / 2) / 1.5)], rtol=2e-3)  # a millionth of each other place


def test_maps_of_a_picture(features):
    maps = features.maps(np.random.default_rng(0).integers(0, 256, (SIZE, SIZE, 3)).astype(np.uint8))
    assert [found.shape for found in maps] == [(16, 16, 24), (8, 8, 40), (4, 4, 112)]
    assert region_features(maps, np.ones((SIZE, SIZE), bool)).shape == (352,)


def test_noise_is_told_from_flat_patches_and_pictures_not_from_themselves(features):
    rng, region = np.random.default_rng(0), np.zeros((SIZE, SIZE), bool)
    region[16:48, 16:48] = True
    flat, noisy = [], []
    for level in rng.integers(60, 200, LEAST):
        patch = np.full((SIZE, SIZE, 3), level, np.uint8)
        noise = rng.integers(-30, 31, patch.shape)
        for found, picture in ((flat, patch), (noisy, (patch + noise).astype(np.uint8))):
            found.append(region_features(features.maps(picture), region))
    assert realism_auc(np.stack(noisy), np.stack(flat)) > 0.95
    assert realism_auc(np.stack(flat), np.stack(flat)) == 0.5
    assert realism_auc(np.stack(noisy[1:]), np.stack(flat[1:])) is None


def test_a_portrait_never_judges_itself():
    """Rows that tell whose they are and nothing else: a probe that had seen a portrait would know its other row."""
    rng = np.random.default_rng(0)
    portraits = rng.normal(size=(40, 60))
    sides = rng.choice([-1, 1], (40, 1)) * rng.normal(size=(40, 60))
    assert 0.3 < realism_auc(portraits + sides, portraits - sides) < 0.7


def test_without_scikit_learn_the_flag_and_the_remedy_are_named(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(UserError, match=r"--probe needs scikit-learn: pip install 'mgpe_tf\[report\]'"):
        RegionFeatures.load(tmp_path / "trunk.npz")
