"""The objective of what a portrait looks like behind hair, and a network that learns it."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import ops
from small import small_config

from mgpe_tf.labels import PARTS, UNLABELLED
from mgpe_tf.objectives import uncovering
from mgpe_tf.objectives.uncovering import DARKEST, UncoveringObjective

HAIR, SKIN, NECK = (PARTS[name] for name in ("hair", "skin", "neck"))
R = 64


def batch() -> dict[str, np.ndarray]:
    """Two people in plain colours: one with hair on the left, one with hair below, and a corner nobody labelled."""
    masks = np.full((2, R, R), SKIN)
    masks[0, :, :16] = HAIR
    masks[1] = NECK
    masks[1, :20] = SKIN
    masks[1, 48:] = HAIR
    masks[1, :8, -8:] = UNLABELLED
    images = np.full((2, R, R, 3), 200)
    images[0, 32:] = 140
    images[1] = 90
    images[masks == HAIR] = 10
    return {
        "target_mask": masks.astype(np.uint8),
        "target_image": images.astype(np.uint8),
        "noise": np.array([[0.0], [1.0]], np.float32),
    }


@pytest.fixture
def objective():
    return UncoveringObjective(small_config(task="uncovering", global_=1.0, structure=0.5, norm="l1"))


def test_hair_hides_what_is_to_be_told():
    covered = uncovering._covered(batch(), batch()["noise"])
    known, weights = (np.asarray(each)[..., 0] for each in (covered.known, covered.weights))
    assert not known[0, 50:, 20:].any() and known[0, :44, 20:].all()  # the second's hair is below
    assert not known[1, :, :16].any() and known[1, :44, 20:].all()  # the first's on the left
    assert (weights[0, 50:, 20:] == 1).all()
    assert (weights[0, :44, 20:] == np.float32(0.1)).all()
    assert not weights[0, :, :16].any() and not weights[1, 48:].any()  # nobody knows what own hair hides
    assert not weights[1, :8, -8:].any()
    assert not np.asarray(covered.shares)[..., HAIR].any()


def test_hair_throws_a_shadow_as_dark_as_the_noise_says():
    covered, images = uncovering._covered(batch(), batch()["noise"]), batch()["target_image"] / 127.5 - 1
    light = (np.asarray(covered.images) + 1) / (images + 1)
    assert light.max() <= 1 + 1e-6
    assert light[0, 60, 40].mean() == pytest.approx(1 - DARKEST / 2, abs=0.02)  # under it
    assert light[1, 20, 4].mean() == pytest.approx(1 - DARKEST / (1 + np.exp(-2)), abs=0.02)
    assert light[0, 4, 40].mean() == pytest.approx(1, abs=1e-3)  # far from it


def test_totals_are_the_weighted_terms(objective):
    totals, terms = objective.losses("paired", batch())
    assert float(totals["uncovering"]) == pytest.approx(float(terms["L_global"] + 0.5 * terms["L_SSIM"]), rel=1e-5)


def test_only_what_was_hidden_counts_in_its_scores(objective):
    """A network that is right about that alone is perfect."""
    target = ops.convert_to_tensor(batch()["target_image"] / 127.5 - 1, "float32")
    told = lambda images, known, shares: ops.where(known == 0, target, 0.0)  # noqa: E731
    scores = objective.validation(told, batch())
    assert float(scores["psnr_hidden"]) == pytest.approx(100)
    assert float(scores["psnr_hidden_filled"]) < 40


def test_pictures_show_it_under_hair_and_without(objective):
    pictures = objective.pictures(objective.networks["uncovering"], batch())
    assert {name: np.asarray(p).shape for name, p in pictures.items()} == {
        **dict.fromkeys(("x", "seen", "uncovered", "together"), (2, R, R, 3)),
        "m": (2, R, R),
    }


def test_it_learns(objective):
    """What a network is told again and again it tells."""
    import tensorflow as tf

    network, state = objective.networks["uncovering"], keras.optimizers.Adam(1e-2)
    first = float(objective.losses("paired", batch())[1]["L_global"])
    for _ in range(40):
        with tf.GradientTape() as tape:
            totals, terms = objective.losses("paired", batch())
        gradients = tape.gradient(totals["uncovering"], network.trainable_variables)
        state.apply_gradients(zip(gradients, network.trainable_variables))
    assert float(terms["L_global"]) < 0.3 * first
