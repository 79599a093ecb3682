"""The features of stored parsers: the mean of the deepest map, whatever the network and its form."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from small import SIZE, randomised, small_config
from stored_parser import store_labels_only

from mgpe_tf.config import ParserConfig
from mgpe_tf.data.synthetic import SyntheticSource
from mgpe_tf.errors import UserError
from mgpe_tf.export.parser_saved_model import write_saved_model
from mgpe_tf.models.face_parser import FaceParser
from mgpe_tf.objectives.parser import build_parser

IMAGES = np.stack([SyntheticSource(3, SIZE).load(i)[0] for i in range(3)])
PARSERS = {
    "unet": ParserConfig(filters=(8, 8, 12)),
    "mobile": ParserConfig(kind="mobile", filters=(8, 8, 12), blocks=(0, 1, 1), up_filters=(8, 8)),
}


@pytest.fixture(scope="module", params=PARSERS)
def network(request):
    return randomised(build_parser(dataclasses.replace(small_config(), parser=PARSERS[request.param])))


def test_features_are_the_mean_of_the_deepest_map(network):
    deepest = network.encode(IMAGES.astype(np.float32) / 127.5 - 1)[-1]
    assert deepest.shape == (3, SIZE // 8, SIZE // 8, 12)
    np.testing.assert_allclose(FaceParser.of(network, SIZE).features(IMAGES), np.mean(deepest, axis=(1, 2)), atol=1e-5)


def test_a_saved_model_gives_the_same_features(network, tmp_path):
    write_saved_model(network, SIZE, tmp_path / "parser")
    found = FaceParser.load(tmp_path / "parser").features(IMAGES)
    assert found.shape == (3, 12) and found.dtype == np.float32
    np.testing.assert_allclose(found, FaceParser.of(network, SIZE).features(IMAGES), atol=1e-4)


def test_an_older_saved_model_has_none(network, tmp_path):
    parser = FaceParser.load(store_labels_only(network, SIZE, tmp_path / "old"))
    assert parser.probabilities(IMAGES).shape == (3, SIZE, SIZE, 11) and not parser.has_features
    with pytest.raises(UserError, match="gives no features: take its run folder"):
        parser.features(IMAGES)
