"""The objective of what lies behind hair: what another's hair covers, and a network that learns to tell it."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import ops
from small import small_config

from mgpe_tf.labels import NUM_PARTS, PARTS, UNLABELLED
from mgpe_tf.losses import share_loss
from mgpe_tf.objectives.behind_hair import BehindHairObjective
from mgpe_tf.ops import class_shares

HAIR, SKIN, NECK = (PARTS[name] for name in ("hair", "skin", "neck"))


def masks() -> np.ndarray:
    """Two people of 64 x 64 pixels: one with hair on the left, one with hair below, and a corner nobody labelled."""
    first = np.full((64, 64), SKIN)
    first[:, :16] = HAIR
    second = np.full((64, 64), NECK)
    second[48:] = HAIR
    second[:8, :8] = UNLABELLED
    return np.stack([first, second]).astype(np.int32)


@pytest.fixture(scope="module")
def objective():
    return BehindHairObjective(small_config(task="behind_hair"))


def test_only_what_is_covered_and_known_counts(objective):
    """The hair of each covers the other."""
    first, second = masks()
    covered = np.stack([np.where(second == HAIR, HAIR, first), np.where(first == HAIR, HAIR, second)])
    hidden = np.stack(
        [
            np.where((second == HAIR) & (first != HAIR), first, UNLABELLED),
            np.where((first == HAIR) & (second != HAIR), second, UNLABELLED),
        ]
    )
    totals, terms = objective.losses("paired", {"target_mask": masks()})
    logits = objective.networks["behind_hair"](class_shares(covered, 16, NUM_PARTS))
    shares = ops.convert_to_numpy(class_shares(hidden, 16, NUM_PARTS))
    assert shares.sum() == pytest.approx(((hidden != UNLABELLED).sum()) / 16)
    log = ops.convert_to_numpy(ops.log_softmax(logits))
    assert float(totals["behind_hair"]) == pytest.approx(-(shares * log).sum() / shares.sum(), rel=1e-4)
    assert terms["L_P"] is totals["behind_hair"]


def test_nothing_covered_costs_nothing():
    assert float(share_loss(np.zeros((1, 4, 4, 19)), np.ones((1, 4, 4, 19)))) == 0


def test_scores_count_covered_pixels(objective):
    """A network that says neck everywhere is right about the second person alone."""
    says_neck = lambda shares: ops.one_hot(ops.full(shares.shape[:3], NECK, "int32"), NUM_PARTS)  # noqa: E731
    found = objective.validation(says_neck, {"target_mask": masks()})
    scores = objective.scores({name: ops.convert_to_numpy(value) for name, value in found.items()})
    of_first, of_second = 16 * 48, 48 * 16 - 8 * 8
    assert scores["accuracy"] == pytest.approx(of_second / (of_first + of_second))


def test_pictures_show_the_mask_with_and_without_hair(objective):
    pictures = objective.pictures(objective.networks["behind_hair"], {"target_mask": masks()})
    assert [np.asarray(p).shape for p in pictures.values()] == [(2, 64, 64)] * 3


def test_it_learns(objective):
    """What a network is told again and again it tells."""
    network = objective.networks["behind_hair"]
    state = keras.optimizers.Adam(1e-2)
    batch = {"target_mask": masks()}
    first = float(objective.losses("paired", batch)[0]["behind_hair"])
    import tensorflow as tf

    for _ in range(30):
        with tf.GradientTape() as tape:
            loss = objective.losses("paired", batch)[0]["behind_hair"]
        state.apply_gradients(zip(tape.gradient(loss, network.trainable_variables), network.trainable_variables))
    assert float(loss) < 0.2 * first
