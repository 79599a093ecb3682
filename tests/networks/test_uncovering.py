"""The network that tells what a portrait looks like behind hair."""

from __future__ import annotations

import numpy as np
import pytest
from small import randomised

from mgpe_tf.errors import UserError
from mgpe_tf.labels import NUM_PARTS, PARTS
from mgpe_tf.networks.uncovering import Uncovering

RNG = np.random.default_rng(0)


def portrait() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Skin above, neck below, the right half hidden."""
    images = RNG.uniform(-0.2, 0.6, (1, 32, 32, 3)).astype(np.float32)
    known = np.ones((1, 32, 32, 1), np.float32)
    known[:, :, 16:] = 0
    parts = np.full((1, 32, 32), PARTS["skin"])
    parts[:, 20:] = PARTS["neck"]
    return images, known, np.eye(NUM_PARTS, dtype=np.float32)[parts]


def test_untrained_it_gives_the_tone_of_the_skin_that_is_seen():
    images, known, shares = portrait()
    tone = images[0, :20, :16].mean(axis=(0, 1))
    np.testing.assert_allclose(
        Uncovering((8, 8, 16))(images, known, shares)[0, ::9, ::9], np.tile(tone, (4, 4, 1)), atol=1e-5
    )


def test_nothing_hidden_counts():
    images, known, shares = portrait()
    network = randomised(Uncovering((8, 8, 16)).built_for(32))
    once = np.asarray(network(images, known, shares))
    np.testing.assert_allclose(network(np.where(known > 0, images, 9), known, shares), once, atol=1e-5)
    assert np.abs(np.asarray(network(images * known * 0.5, known, shares)) - once).max() > 0.05


def test_lighter_skin_makes_all_lighter():
    """Differences alone pass its normalisations."""
    images, known, shares = portrait()
    network = randomised(Uncovering((8, 8, 16)).built_for(32))
    once = np.asarray(network(images, known, shares))
    np.testing.assert_allclose(network(images + 0.25, known, shares), once + 0.25, atol=1e-4)


def test_sizes_must_be_halved_by_its_stages():
    with pytest.raises(UserError, match="multiples of 8"):
        Uncovering((8, 10, 16))
