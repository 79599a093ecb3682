"""Distances of halves, appearance diversity, and Inception's features."""

from __future__ import annotations

import numpy as np
import pytest

from mgpe_tf import labels
from mgpe_tf.errors import UserError
from mgpe_tf.evaluation.measure.distances import distances_of_halves, features_of
from mgpe_tf.evaluation.measure.diversity import appearance_diversity
from mgpe_tf.evaluation.measure.inception import InceptionFeatures
from mgpe_tf.evaluation.measure.portraits import GeneratedPortraits
from mgpe_tf.metrics.kernel import kernel_distance

RNG = np.random.default_rng(0)


def test_distances_of_swaps_that_are_photographs_moved():
    """A shift d of all swaps adds |d|^2 to the mean of the two ways: |a + d|^2 and |a - d|^2 have that mean."""
    features, shift = RNG.normal(size=(9, 4)), np.array([3.0, 0, 0, 4.0])
    halves = np.array_split(RNG.permutation(9), 2)
    same, moved = (
        {name: score.value for name, score in distances_of_halves("parser", features, features + d, halves).items()}
        for d in (0, shift)
    )
    assert list(same) == [
        "fd_parser_4_swap",
        "fd_parser_4_real",
        "fd_parser_4_ratio",
        "kid_parser_4_swap",
        "kid_parser_4_real",
    ]
    assert same["fd_parser_4_ratio"] == pytest.approx(1) and same["fd_parser_4_real"] == moved["fd_parser_4_real"] > 0
    assert moved["fd_parser_4_swap"] == pytest.approx(same["fd_parser_4_real"] + 25)
    assert moved["fd_parser_4_ratio"] == pytest.approx(moved["fd_parser_4_swap"] / moved["fd_parser_4_real"])
    first, second = features[halves[0][:4]], features[halves[1]]
    assert same["kid_parser_4_swap"] == pytest.approx(same["kid_parser_4_real"])
    assert moved["kid_parser_4_swap"] == pytest.approx(
        (kernel_distance(first + shift, second) + kernel_distance(second + shift, first)) / 2
    )


def test_only_distances_in_inceptions_features_are_called_fid():
    features = RNG.normal(size=(4, 3))
    names = distances_of_halves("inceptionv3", features, features, [np.array([0, 1]), np.array([2, 3])])
    assert {name.partition("_")[0] for name in names} == {"fid", "kid"} and "fid_inceptionv3_2_swap" in names


class Means:
    """Features whose distances can be said by hand: the mean of each channel."""

    resolution = 8

    def features(self, images):
        return images.mean(axis=(1, 2)).astype(np.float32)


class Painter:
    """Fills the foreground with the gray that is its appearance, and keeps the background."""

    carries = False

    def render_batch(self, embeddings, portraits, masks):
        gray = embeddings["gray"] if "gray" in embeddings else np.full((len(masks), 1), 9)
        return np.where(masks[..., None] > 0, gray[:, None, None], portraits).astype(np.uint8)


def painted(source, embeddings):
    portraits = object.__new__(GeneratedPortraits)
    vars(portraits).update(networks=Painter(), source=source, names=source.names, embeddings=embeddings)
    return portraits


def test_the_diversity_of_appearances_that_are_known(source):
    """Grays 0, 10, ... 40: the ten pairs differ by 20 on average, on every mask."""
    found = appearance_diversity(painted(source, {"gray": np.arange(0, 50, 10)[:, None]}), {"parser": Means()})
    assert list(found) == ["diversity_l1_5x5", "diversity_parser_5x5", "diversity_parser_5x5_photographs"]
    assert found["diversity_l1_5x5"].value == pytest.approx(20)
    covered = np.mean([np.mean(source.load(number)[1] != labels.BACKGROUND) for number in range(5)])
    assert found["diversity_parser_5x5"].value == pytest.approx(20 * covered * 3**0.5, rel=0.02)
    photographs = features_of(Means(), np.stack([source.load(number)[0] for number in range(5)]))
    expected = [np.linalg.norm(photographs[a] - photographs[b]) for a in range(5) for b in range(a)]
    assert found["diversity_parser_5x5_photographs"].value == pytest.approx(np.mean(expected))


def test_a_network_that_draws_masks_alone_has_no_diversity(source):
    found = appearance_diversity(painted(source, {}), {"parser": Means()})
    assert found["diversity_l1_5x5"].value == found["diversity_parser_5x5"].value == 0


@pytest.fixture(scope="module")
def inception(tmp_path_factory):
    """A network with random weights, and its file."""
    import keras

    keras.utils.set_random_seed(0)
    network = keras.applications.InceptionV3(include_top=False, weights=None, pooling="avg", input_shape=(299, 299, 3))
    path = tmp_path_factory.mktemp("inception") / "random.weights.h5"
    network.save_weights(path)
    return network, path


def test_inceptions_features_are_those_of_the_given_weights(inception):
    network, path = inception
    pictures = RNG.integers(0, 256, (2, 299, 299, 3)).astype(np.uint8)
    found = InceptionFeatures(path).features(pictures)
    assert found.shape == (2, 2048) and found.dtype == np.float32
    expected = network(pictures / np.float32(127.5) - 1, training=False)
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert np.abs(found[0] - found[1]).max() > 1e-4


def test_files_that_hold_no_such_weights(tmp_path):
    import keras

    (tmp_path / "text.h5").write_text("no weights")
    other = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    other.save_weights(tmp_path / "other.weights.h5")
    for name, message in (
        ("none.h5", "there is no such file"),
        ("weights.npz", "ends in .h5 or .keras"),
        ("text.h5", "no weights of"),
        ("other.weights.h5", "no weights of"),
    ):
        with pytest.raises(UserError, match=message) as error:
            InceptionFeatures(tmp_path / name)
        assert name in str(error.value) and "\n" not in str(error.value)
