"""The parser's objective: its loss, its confusion matrix in pixels per image, its scores."""

from __future__ import annotations

import numpy as np
import pytest
from keras import ops
from small import SIZE, portraits, randomised, small_config

from mgpe_tf import losses
from mgpe_tf.config import ParserConfig
from mgpe_tf.labels import PARTIAL_HELEN
from mgpe_tf.metrics.segmentation import segmentation_scores
from mgpe_tf.models.face_parser import FaceParser
from mgpe_tf.objectives.parser import ParserObjective, flip_averaged

BATCH = portraits()
IMAGES = BATCH["target_image"] / np.float32(127.5) - 1


@pytest.fixture(scope="module")
def objective():
    objective = ParserObjective(small_config(task="parser"))
    randomised(objective.networks["parser"])
    return objective


def test_the_loss_is_the_only_term(objective):
    totals, terms = objective.losses("paired", BATCH)
    assert tuple(totals) == objective.updates("paired") == ("parser",)
    assert list(terms) == ["L_P"] and float(terms["L_P"]) == float(totals["parser"]) > 0


def test_the_dice_loss_is_added_by_its_weight():
    objective = ParserObjective(small_config(task="parser", dice=0.5))
    totals, terms = objective.losses("paired", BATCH)
    assert list(terms) == ["L_P", "L_Dice"] and 0 < float(terms["L_Dice"]) < 1
    assert float(totals["parser"]) == pytest.approx(float(terms["L_P"]) + 0.5 * float(terms["L_Dice"]))


def test_a_teacher_is_learnt_from_by_its_weight():
    config = small_config(task="parser", distillation=0.5)
    assert ParserObjective.reads(config) == ("parser",)
    teacher = randomised(ParserObjective.build(config), seed=1)
    objective = ParserObjective(config, teacher)
    totals, terms = objective.losses("paired", BATCH)
    assert list(terms) == ["L_P", "L_distil"]
    assert float(totals["parser"]) == pytest.approx(float(terms["L_P"]) + 0.5 * float(terms["L_distil"]))
    assert list(objective.networks) == ["parser"] and not teacher.trainable_weights


def test_a_teacher_reads_the_mirror_image_too():
    teacher = randomised(ParserObjective.build(small_config(task="parser")))
    found = ops.convert_to_numpy(flip_averaged(teacher, IMAGES))
    reader = FaceParser.of(teacher, SIZE)
    np.testing.assert_allclose(found, reader.flip_averaged().probabilities(BATCH["target_image"]), atol=1e-6)
    assert np.abs(found - reader.probabilities(BATCH["target_image"])).max() > 0.01


def test_dropout_is_on_in_training_alone(objective):
    draws = {float(objective.losses("paired", BATCH)[1]["L_P"]) for _ in range(3)}
    assert len(draws) == 3
    parser = objective.networks["parser"]
    assert len({float(objective.validation(parser, BATCH)["L_P"]) for _ in range(2)}) == 1


def test_validation_counts_pixels_per_image(objective):
    parser = objective.networks["parser"]
    result = objective.validation(parser, BATCH)
    logits = parser(IMAGES)
    reading = ops.convert_to_numpy(logits).argmax(axis=-1)
    confusion = np.zeros((11, 11))
    np.add.at(confusion, (BATCH["target_mask"], reading), 1)
    np.testing.assert_allclose(result["confusion"], confusion / 2)
    assert float(ops.sum(result["confusion"])) == SIZE * SIZE
    means = {name: ops.convert_to_numpy(value) for name, value in result.items()}
    loss = float(losses.parsing_loss(BATCH["target_mask"], logits))
    assert objective.scores(means) == pytest.approx({"L_P": loss, **segmentation_scores(confusion)}, rel=1e-5)


def test_pictures_are_the_columns_of_a_grid(objective):
    pictures = objective.pictures(objective.networks["parser"], BATCH)
    assert list(pictures) == ["x", "m", "P_F(x)"]
    assert {tuple(v.shape[:3]) for v in pictures.values()} == {(2, SIZE, SIZE)}
    np.testing.assert_allclose(pictures["x"], IMAGES, atol=1e-6)


def test_a_parser_of_nineteen_classes_learns_from_partial_labels():
    config = small_config(task="parser", dice=1.0)
    config.parser = ParserConfig(kind="lite", up_filters=(4, 4, 4, 4), up_blocks=(0, 0, 0, 0))
    config.data.resolution = size = 32
    objective = ParserObjective(config)
    random = np.random.default_rng(0)
    batch = {"target_image": random.integers(0, 256, (2, size, size, 3), np.uint8)}
    batch["target_mask"] = np.stack([np.full((size, size), 17), np.full((size, size), PARTIAL_HELEN)]).astype(np.uint8)
    totals, terms = objective.losses("paired", batch)
    assert list(terms) == ["L_P", "L_Dice"] and np.isfinite(float(totals["parser"]))
    found = objective.validation(objective.networks["parser"], batch)
    # Neck is Helen's background; of the picture that knows Helen's classes alone no parts are counted.
    assert np.asarray(found["parts"]).sum() == np.asarray(found["parts"])[17].sum() == size * size / 2
    assert np.asarray(found["confusion"]).sum() == np.asarray(found["confusion"])[0].sum() == size * size
    assert "f1_macro_parts" in objective.scores({name: np.asarray(value) for name, value in found.items()})
    pictures = objective.pictures(objective.networks["parser"], batch)
    assert np.asarray(pictures["m"]).max() == 0
