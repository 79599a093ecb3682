"""The objective of what is seen in an opened mouth: what is hidden of one, and what its losses reach."""

from __future__ import annotations

import numpy as np
import pytest
from keras import ops
from small import SIZE, randomised, small_config

from mgpe_tf.geometry import INSIDE_OF_MOUTH, crop_size
from mgpe_tf.labels import INNER_MOUTH, LOWER_LIP, SKIN, UNKNOWN, UPPER_LIP
from mgpe_tf.networks.efficientnet_lite import EfficientNetLite0
from mgpe_tf.objectives import inner_mouth
from mgpe_tf.objectives.inner_mouth import BELOW_TEETH, CLOSED, InnerMouthObjective

HEIGHT, WIDTH = crop_size(INSIDE_OF_MOUTH, SIZE)
TOP, BOTTOM, LEFT, RIGHT = 40, 50, 24, 40
WHOLE, TEETH, SOME = CLOSED - 1, (CLOSED + BELOW_TEETH) / 2, BELOW_TEETH + 1


def batch(number: float = WHOLE, height: float = 0.0) -> dict[str, np.ndarray]:
    """A mouth of white teeth above and dark below them, and a closed one."""
    masks = np.full((2, SIZE, SIZE), SKIN, np.uint8)
    masks[:, TOP - 3 : TOP, LEFT:RIGHT], masks[:, BOTTOM : BOTTOM + 3, LEFT:RIGHT] = UPPER_LIP, LOWER_LIP
    masks[0, TOP:BOTTOM, LEFT:RIGHT] = INNER_MOUTH
    masks[0, :5] = UNKNOWN
    images = np.full((2, SIZE, SIZE, 3), 150, np.uint8)
    images[0, TOP : TOP + 5, LEFT:RIGHT] = 230
    images[0, TOP + 5 : BOTTOM, LEFT:RIGHT] = 20
    noise = np.tile(np.float32((number, height, 0.0)), (2, 1))
    return {"target_mask": masks, "target_image": images, "noise": noise}


def hidden(number: float, height: float = 0.0) -> np.ndarray:
    """Rows of the open mouth's middle column that are hidden, counted from the upper lip."""
    given = batch(number, height)
    known = np.asarray(inner_mouth._mouths(given, given["noise"]).known)[0, :, WIDTH // 2, 0]
    middle = (TOP + BOTTOM - 1) // 2
    return np.flatnonzero(known == 0) + middle - HEIGHT // 2 - TOP


@pytest.fixture(scope="module")
def objective():
    config = small_config(task="inner_mouth", global_=2.0, perceptual=3.0, adversarial=0.25, gan="hinge", norm="l1")
    objective = InnerMouthObjective(config, EfficientNetLite0(name="trunk"))
    randomised(objective.networks["inner_mouth"])
    return objective


def test_of_a_closed_mouth_nothing_is_known():
    assert hidden(WHOLE).tolist() == list(range(BOTTOM - TOP))


def test_of_teeth_what_lies_below_them_is_hidden():
    below = hidden(TEETH)
    assert below[-1] == BOTTOM - TOP - 1 and below[0] in (4, 5, 6)


@pytest.mark.parametrize(("height", "first"), [(-9.0, 2), (0.0, 5), (9.0, 9)])
def test_else_an_upper_part_is_known(height, first):
    assert abs(hidden(SOME, height)[0] - first) <= 1


def test_crops_lie_about_the_mouth_and_a_closed_one_hides_nothing():
    mouths = inner_mouth._mouths(batch(), batch()["noise"])
    assert mouths.images.shape == (2, HEIGHT, WIDTH, 3) and np.asarray(mouths.known)[1].all()
    inside = np.asarray(mouths.classes)[0, ..., INNER_MOUTH]
    rows, columns = np.nonzero(inside)
    assert inside.sum() == (BOTTOM - TOP) * (RIGHT - LEFT)
    assert abs(rows.mean() - HEIGHT / 2) <= 1 and abs(columns.mean() - WIDTH / 2) <= 1


def test_totals_are_the_weighted_terms(objective):
    totals, terms = objective.losses("paired", batch())
    expected = 2 * terms["L_global"] + 3 * terms["L_perc"] + 0.25 * terms["L_GD"]
    assert float(totals["inner_mouth"]) == pytest.approx(float(expected), rel=1e-5)
    assert float(totals["D"]) == pytest.approx(3 * float(terms["L_D"]), rel=1e-5)


def test_without_a_discriminator_there_is_none():
    config = small_config(task="inner_mouth", adversarial=0.0)
    objective = InnerMouthObjective(config, EfficientNetLite0(name="trunk"))
    assert set(objective.networks) == {"inner_mouth"}
    assert set(objective.losses("paired", batch())[0]) == {"inner_mouth"}


def test_what_is_hidden_reaches_the_network_by_no_way(objective):
    """Another picture there makes another loss, not another completion."""
    given, other = batch(), batch()
    other["target_image"][0, TOP:BOTTOM, LEFT:RIGHT] = 90
    pictures = [objective.pictures(objective.networks["inner_mouth"], each)["opened"] for each in (given, other)]
    np.testing.assert_allclose(*pictures, atol=1e-5)


def test_only_what_was_hidden_counts_in_its_scores(objective):
    """A network that is right about that alone is perfect."""
    given = batch()
    right = inner_mouth._closed(given)
    told = lambda images, known, classes: ops.where(known == 0, right.images, 0.0)  # noqa: E731
    scores = objective.scores(objective.validation(told, given))
    assert scores["psnr_inside"] > 60 > 20 > scores["psnr_inside_filled"]
    assert scores["L_perc"] == pytest.approx(0, abs=1e-6)
