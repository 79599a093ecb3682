"""The completion and what judges it."""

from __future__ import annotations

import numpy as np
import pytest
from keras import ops
from small import SIZE, as_inputs, portraits, randomised

from mgpe_tf.errors import UserError
from mgpe_tf.networks.completion import Completion, fixed_noise
from mgpe_tf.networks.projected_discriminator import ProjectedDiscriminator, shrunk

RNG = np.random.default_rng(0)
GENERATED, _, CARRIED, MASK = as_inputs(portraits())
KNOWN = RNG.uniform(size=(2, SIZE, SIZE, 1)).astype(np.float32)


@pytest.fixture
def network():
    return Completion((4, 6, 8), (1, 0, 1)).built_for(SIZE)


def test_untrained_it_lays_the_carried_over_the_generated(network):
    picture, blend = network(GENERATED, CARRIED, KNOWN, MASK)
    np.testing.assert_allclose(blend, KNOWN * (1 / (1 + np.exp(-4))), rtol=1e-5)
    np.testing.assert_allclose(picture, blend * CARRIED + (1 - blend) * GENERATED, atol=1e-5)


def test_whatever_it_learns_nothing_unknown_is_carried(network):
    randomised(network)
    nothing = np.zeros_like(KNOWN)
    picture, blend = network(GENERATED, CARRIED, nothing, MASK)
    assert not np.any(blend)
    other, _ = network(GENERATED, RNG.uniform(-1, 1, CARRIED.shape).astype(np.float32), nothing, MASK)
    np.testing.assert_array_equal(picture, other)
    _, blend = network(GENERATED, CARRIED, KNOWN, MASK)
    assert np.all(np.asarray(blend) <= KNOWN) and np.asarray(blend).std() > 0.1


def test_its_noise_is_the_same_each_time_unless_given(network):
    randomised(network)
    once, again = (network(GENERATED, CARRIED, KNOWN, MASK)[0] for _ in range(2))
    np.testing.assert_array_equal(once, again)
    noise = RNG.normal(size=(2, SIZE // 2, SIZE // 2, 1)).astype(np.float32)
    assert np.abs(np.asarray(network(GENERATED, CARRIED, KNOWN, MASK, noise)[0]) - once).max() > 1e-3
    assert np.asarray(fixed_noise(128)).std() == pytest.approx(1, abs=0.02)


def test_a_constant_portrait_gets_no_grid(network):
    """Far from the borders the result of a constant portrait is constant: no place of a 2x2 pixel differs."""
    randomised(network)
    for layer in network.noise:
        layer.scale.assign(np.zeros(layer.scale.shape, np.float32))
    grey, skin = np.full((1, 128, 128, 3), 0.2, np.float32), np.ones((1, 128, 128), np.int32)
    picture = np.asarray(network(grey, grey, np.zeros((1, 128, 128, 1), np.float32), skin)[0])
    inner = picture[0, 48:80, 48:80]
    assert np.ptp(inner, axis=(0, 1)).max() < 1e-3 * max(1, np.abs(inner).max())


@pytest.mark.parametrize(("filters", "blocks"), [((), ()), ((4, 8), (1,))])
def test_stages_that_do_not_fit_are_named(filters, blocks):
    with pytest.raises(
        UserError, match=rf"completion.filters and blocks have {len(filters)} and {len(blocks)} entries"
    ):
        Completion(filters, blocks)


def test_the_shipped_size():
    network = Completion().built_for(256)
    assert 1.3e6 < network.count_params() < 1.4e6


def test_discriminators_look_at_classes_and_never_change_their_projection():
    maps = [RNG.normal(size=(2, size, size, 5)).astype(np.float32) for size in (16, 8)]
    classes = np.eye(11, dtype=np.float32)[MASK]
    network = ProjectedDiscriminator(2, 6, name="D")
    scores = network(classes, maps)
    assert [s.shape for s in scores] == [(2, 16, 16, 1), (2, 8, 8, 1)]
    others = network(classes[:, ::-1], maps)
    assert all(np.abs(np.asarray(a) - np.asarray(b)).max() > 1e-4 for a, b in zip(scores, others))
    assert not any("projection" in v.path for v in network.trainable_variables)
    assert len([v for v in network.variables if "projection" in v.path]) == 2


def test_shrunk_maps_are_means():
    values = RNG.normal(size=(1, 8, 8, 3)).astype(np.float32)
    means = values.reshape(1, 4, 2, 4, 2, 3).mean((2, 4))
    np.testing.assert_allclose(shrunk(ops.convert_to_tensor(values), 4), means, atol=1e-6)
