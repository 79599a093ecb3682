"""The registration's objective: known flows, two people's masks, and a network that learns to move squares."""

from __future__ import annotations

import numpy as np
import pytest
from keras import ops
from small import portraits, randomised, small_config

from mgpe_tf import losses
from mgpe_tf.config import RegistrationConfig
from mgpe_tf.metrics.segmentation import macro_f1
from mgpe_tf.networks.registration import Registration
from mgpe_tf.objectives.registration import CLASS_WEIGHTS, RegistrationObjective
from mgpe_tf.ops import class_shares, flow_warp, random_flow, resized_flow
from mgpe_tf.ops.flow import NUMBERS

WEIGHTS = dict(end_point=0.3, label=3.0, bending=2.0, strain=1.5)
BATCH = {**portraits(), "noise": np.random.default_rng(3).normal(size=(2, NUMBERS)).astype(np.float32)}


@pytest.fixture(scope="module")
def objective():
    objective = RegistrationObjective(small_config(task="registration", **WEIGHTS))
    randomised(objective.networks["registration"])
    return objective


def shares(mask):
    return class_shares(mask, 16)


def flow_of(objective, source, target):
    return objective.networks["registration"](shares(source), shares(target))


def test_paired_steps_ask_for_the_flow_that_is_known(objective):
    totals, terms = objective.losses("paired", BATCH)
    known, mask = random_flow(BATCH["noise"], 16), BATCH["source_mask"]
    moved = flow_warp(mask[..., None], resized_flow(known, 64), "nearest")[..., 0]
    assert np.mean(ops.convert_to_numpy(moved) != mask) > 0.05
    flow = flow_of(objective, mask, moved)
    distance = np.linalg.norm(ops.convert_to_numpy(flow) - ops.convert_to_numpy(known), axis=-1)
    foreground = 1 - ops.convert_to_numpy(shares(moved))[..., 0]
    expected = {
        "L_label": losses.label_loss(flow_warp(shares(mask), flow), shares(moved), CLASS_WEIGHTS),
        "L_EPE": (distance * foreground).sum() / foreground.sum(),
        "L_bending": losses.bending_loss(flow),
        "L_strain": losses.strain_loss(flow),
    }
    found = {name: float(value) for name, value in terms.items()}
    assert found == pytest.approx({name: float(value) for name, value in expected.items()}, rel=1e-4)
    total = 0.3 * found["L_EPE"] + 3 * found["L_label"] + 2 * found["L_bending"] + 1.5 * found["L_strain"]
    assert tuple(totals) == objective.updates("paired") and float(totals["registration"]) == pytest.approx(total)


def test_unpaired_steps_ask_for_the_other_persons_mask(objective):
    totals, terms = objective.losses("unpaired", BATCH)
    flow = flow_of(objective, BATCH["source_mask"], BATCH["target_mask"])
    warped, target = flow_warp(shares(BATCH["source_mask"]), flow), shares(BATCH["target_mask"])
    apart = np.abs(ops.convert_to_numpy(warped) - ops.convert_to_numpy(target)) @ CLASS_WEIGHTS
    assert float(terms["L_label"]) == pytest.approx(apart.mean(), rel=1e-4)
    total = 3 * terms["L_label"] + 2 * terms["L_bending"] + 1.5 * terms["L_strain"]
    assert float(totals["registration"]) == pytest.approx(float(total))


def test_an_untrained_network_moves_nothing_and_is_scored_for_it():
    objective = RegistrationObjective(small_config(task="registration"))
    network = objective.networks["registration"]
    assert not np.any(flow_of(objective, BATCH["source_mask"], BATCH["target_mask"]))
    found = objective.scores({k: np.asarray(v) for k, v in objective.validation(network, BATCH).items()})
    confusion = np.zeros((11, 11))
    np.add.at(confusion, (BATCH["target_mask"].ravel(), BATCH["source_mask"].ravel()), 1)
    assert found["f1_macro_foreground"] == pytest.approx(macro_f1(confusion)) and found["L_strain"] == 0
    assert 0.5 < found["L_EPE"] < 3
    np.testing.assert_array_equal(objective.pictures(network, BATCH)["m_s to m_t"], BATCH["source_mask"])


def test_the_shipped_sizes():
    network = RegistrationObjective.build(small_config(task="registration"))
    assert network.filters == (8, 8, 8) and network.classes == 11
    full = small_config(task="registration")
    full.registration = RegistrationConfig()
    assert RegistrationObjective.build(full).count_params() == pytest.approx(0.863e6, rel=0.01)


def test_it_learns_to_move_squares():
    """Of three classes: squares on squares that lie up to two cells elsewhere."""
    keras = pytest.importorskip("tensorflow").keras
    keras.utils.set_random_seed(0)
    network, optimizer = Registration(3, (16, 16, 16)), keras.optimizers.Adam(3e-3)
    rng = np.random.default_rng(0)

    def squares(count):
        masks = np.zeros((2, count, 16, 16), np.uint8)
        for pair in np.moveaxis(masks, 1, 0):
            for mask, (row, column) in zip(pair, rng.integers(4, 7, (2, 2))):
                mask[row - 2 : row + 8, column - 2 : column + 8], mask[row : row + 5, column : column + 5] = 1, 2
        return [class_shares(m, 16, 3) for m in masks]

    def loss(source, target):
        return losses.label_loss(flow_warp(source, network(source, target)), target, np.ones(3, np.float32))

    tf = pytest.importorskip("tensorflow")

    @tf.function
    def step(source, target):
        with tf.GradientTape() as tape:
            value = loss(source, target)
        optimizer.apply(tape.gradient(value, network.trainable_variables), network.trainable_variables)

    unseen = squares(32)
    before = float(loss(*unseen))
    for _ in range(150):
        step(*squares(8))
    assert float(loss(*unseen)) < 0.3 * before
