"""The completion's objective: scenes with holes, swaps, and what their losses reach."""

from __future__ import annotations

import numpy as np
import pytest
from keras import ops
from small import compact, portraits, randomised, small_config

from mgpe_tf import labels, losses
from mgpe_tf.networks.efficientnet_lite import EfficientNetLite0
from mgpe_tf.networks.registration import Registration
from mgpe_tf.objectives.completion import CompletionObjective
from mgpe_tf.objectives.editor import build_generator, prepared
from mgpe_tf.objectives.parser import build_parser
from mgpe_tf.ops.holes import grown

WEIGHTS = dict(global_=2.0, perceptual=3.0, parsing=0.5, adversarial=0.25, gan="hinge", norm="l1")


@pytest.fixture(scope="module")
def objective():
    config = small_config(compact(skips=True), task="completion", **WEIGHTS)
    trunk = EfficientNetLite0(name="trunk")
    objective = CompletionObjective(
        config, build_parser(config), randomised(build_generator(config)), Registration(filters=(8, 8, 8)), trunk
    )
    randomised(objective.networks["completion"])
    return objective


@pytest.fixture(scope="module")
def batch(objective):
    noise = np.random.default_rng(3).normal(size=(2, *objective.noise)).astype(np.float32)
    noise[:, objective.half**2] = -9  # another's hair is missing
    return {**portraits(), "noise": noise}


def test_the_paired_steps_terms(objective, batch):
    totals, terms = objective.losses("paired", batch)
    assert tuple(totals) == objective.updates("paired") == ("completion", "D")
    expected = 2 * terms["L_global"] + 3 * terms["L_perc"] + 0.25 * terms["L_GD"]
    assert "L_GP" not in terms
    assert float(totals["completion"]) == pytest.approx(float(expected), rel=1e-5)
    assert float(totals["D"]) == pytest.approx(4 * float(terms["L_D"]), rel=1e-5)


def test_unpaired_steps_have_no_target(objective, batch):
    totals, terms = objective.losses("unpaired", batch)
    assert tuple(totals) == objective.updates("unpaired") == ("completion", "D2")
    assert set(terms) == {"L_global", "L_GP", "L_GD", "L_D", "gap", "L_G"}
    expected = 2 * terms["L_global"] + 0.5 * terms["L_GP"] + 0.25 * terms["L_GD"]
    assert float(totals["completion"]) == pytest.approx(float(expected), rel=1e-5)


def test_what_is_missing_is_hidden_from_the_scene(objective, batch):
    """Where a paired scene has a hole, nothing of x_t's pixels is left in what the completion reads."""
    _, holes, moves, tones = objective._noises(batch["noise"])
    still = np.zeros_like(moves)
    scenes = []
    known = None
    for _ in range(2):
        changed = dict(batch)
        if known is not None:
            hidden = (known == 0) & (batch["target_mask"] == labels.BACKGROUND)[..., None]
            assert hidden.sum() > 50
            changed["target_image"] = np.where(hidden, 255 - batch["target_image"], batch["target_image"])
        scene = objective._paired(prepared(changed, 1.0), holes, still, np.zeros_like(tones))
        known = ops.convert_to_numpy(scene.known)
        scenes.append(scene)
    first, second = scenes
    np.testing.assert_allclose(first.generated, second.generated, atol=1e-5)
    np.testing.assert_allclose(first.known * first.carried, second.known * second.carried, atol=1e-5)


def test_swaps_carry_the_source_where_the_labels_agree(objective, batch):
    """With an untrained registration, which moves nothing."""
    tones = np.full((2, 4), 1.0, np.float32)
    scene = objective._unpaired(prepared(batch, 1.0), tones)
    foreground = (batch["target_mask"] != labels.BACKGROUND)[..., None].astype(np.float32)
    far = ops.convert_to_numpy(grown(foreground, 3)) == 0
    target = batch["target_image"].astype(np.float32) / 127.5 - 1
    carried = ops.convert_to_numpy(scene.carried)
    np.testing.assert_allclose(carried[far[..., 0]], target[far[..., 0]], atol=1e-5)
    np.testing.assert_allclose(scene.known[far], 1, atol=1e-6)
    inner = np.zeros_like(far)
    inner[:, 30:42, 30:34] = True
    assert ops.convert_to_numpy(scene.known)[inner].min() > 0.9
    blind = dict(batch, source_mask=np.where(batch["source_mask"] == labels.SKIN, labels.HAIR, batch["source_mask"]))
    known = ops.convert_to_numpy(objective._unpaired(prepared(blind, 1.0), tones).known)[..., 0]
    assert known[batch["target_mask"] == labels.SKIN].mean() < 0.1


def test_weighted_scores_count_where_the_weights_are():
    real, fake = [np.array([[2.0, -1.0]])[..., None, None]], [np.array([[-2.0, 3.0]])[..., None, None]]
    weights = [np.array([[0.0, 2.0]])[..., None, None]]
    assert float(losses.discriminator_loss(real, fake, "hinge", weights)[0]) == pytest.approx(2 + 4)
    assert float(losses.adversarial_loss(fake, "hinge", weights)) == pytest.approx(-3)
    assert float(losses.adversarial_loss(fake, "hinge")) == pytest.approx(-0.5)


def test_validation_and_pictures(objective, batch):
    product = objective.networks["completion"]
    found = objective.validation(product, batch)
    assert set(found) == {"L_global", "L_perc", "psnr_holes", "psnr_holes_generated", "grid_excess", "L_GP_swap"}
    again = objective.validation(product, {k: v for k, v in batch.items() if k != "noise"})
    assert all(np.isfinite(float(v)) and float(v) == float(again[k]) for k, v in found.items())
    pictures = objective.pictures(product, batch)
    assert all(p.shape == (2, 64, 64, 3) for p in pictures.values()) and len(pictures) == 7
