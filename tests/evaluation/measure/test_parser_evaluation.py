"""Reading portraits with a parser: averaging over mirror images, counts, scores and ranks."""

from __future__ import annotations

import json

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from small import SIZE, randomised, small_config

from mgpe_tf import labels
from mgpe_tf.data.open import open_layout
from mgpe_tf.data.readable import ReadableSource
from mgpe_tf.data.synthetic import SyntheticSource
from mgpe_tf.errors import UserError
from mgpe_tf.evaluation.measure.parser_evaluation import ParserEvaluation, evaluate_parser, read_portraits
from mgpe_tf.evaluation.measure.parser_scores import PROTOCOLS, class_scores, parser_scores
from mgpe_tf.evaluation.report.parser_report import parser_document, parser_table
from mgpe_tf.evaluation.report.pictures import confusion_picture
from mgpe_tf.evaluation.report.tables import write_files
from mgpe_tf.export.card import findings_text
from mgpe_tf.metrics.segmentation import class_iou, mean_iou
from mgpe_tf.models.face_parser import FaceParser
from mgpe_tf.objectives.parser import build_parser

SOURCE = SyntheticSource(5, SIZE)
IMAGES = np.stack([SOURCE.load(index)[0] for index in range(3)])


@pytest.fixture(scope="module")
def parser():
    """A small network with random weights: what it reads is neither right nor symmetric."""
    network = randomised(build_parser(small_config(task="parser")))
    return FaceParser(lambda images: tf.nn.softmax(network(images, training=False)).numpy(), SIZE)


def counts(entries: dict[tuple[int, int], int]) -> np.ndarray:
    """A confusion matrix, int64 [11, 11], with these counts at (label, prediction)."""
    confusion = np.zeros((labels.NUM_CLASSES,) * 2, np.int64)
    for place, count in entries.items():
        confusion[place] = count
    return confusion


FIRST = counts({(0, 0): 50, (1, 1): 30, (1, 0): 10, (10, 10): 5, (10, 1): 5})
SECOND = counts({(0, 0): 90, (1, 1): 10})


def test_iou_of_a_confusion_made_by_hand():
    np.testing.assert_allclose(class_iou(FIRST)[[0, 1, 10]], [50 / 60, 30 / 45, 5 / 10])
    assert np.isnan(class_iou(FIRST)[2:10]).all()
    assert mean_iou(FIRST) == pytest.approx((5 / 6 + 2 / 3 + 1 / 2) / 3)
    assert mean_iou(counts({})) == 0


def test_scores_are_pooled_over_the_set_but_for_the_one_per_image():
    scores = {
        name: score.value
        for name, score in parser_scores(ParserEvaluation(("a", "b"), np.stack([FIRST, SECOND]))).items()
    }
    assert list(scores) == list(PROTOCOLS)
    skin, hair = 2 * 40 / (2 * 40 + 10 + 5), 2 * 5 / (2 * 5 + 5)
    assert scores["f1_macro_foreground"] == pytest.approx((skin + hair) / 2)
    assert scores["f1_macro_foreground_per_image"] == pytest.approx(((0.8 + hair) / 2 + 1) / 2)
    assert scores["miou_11_classes"] == pytest.approx((140 / 150 + 40 / 55 + 5 / 10) / 3)
    assert scores["pixel_accuracy"] == pytest.approx(185 / 200)
    assert scores["f1_helen_overall"] == 0


def test_flip_averaging_by_hand(parser):
    averaged = parser.flip_averaged().probabilities(IMAGES)
    mirrored = parser.probabilities(np.ascontiguousarray(IMAGES[:, :, ::-1]))
    exchanged = mirrored.copy()
    for left, right in ((labels.LEFT_BROW, labels.RIGHT_BROW), (labels.LEFT_EYE, labels.RIGHT_EYE)):
        exchanged[..., left], exchanged[..., right] = mirrored[..., right], mirrored[..., left]
    np.testing.assert_allclose(averaged, (parser.probabilities(IMAGES) + np.flip(exchanged, axis=2)) / 2, atol=1e-6)
    np.testing.assert_allclose(averaged.sum(axis=-1), 1, atol=1e-5)


def test_flip_averaged_predictions_are_symmetric(parser):
    averaged = parser.flip_averaged()
    straight, mirrored = averaged.probabilities(IMAGES), averaged.probabilities(IMAGES[:, :, ::-1])
    np.testing.assert_allclose(mirrored, straight[:, :, ::-1, labels.FLIPPED], atol=1e-6)
    single = parser.probabilities(np.ascontiguousarray(IMAGES[:, :, ::-1]))
    assert np.abs(single - parser.probabilities(IMAGES)[:, :, ::-1, labels.FLIPPED]).max() > 1e-3


def test_every_portrait_counts_once_whatever_the_batches(parser):
    whole, pairs = (evaluate_parser(parser, SOURCE, batch_size) for batch_size in (5, 2))
    assert whole.names == SOURCE.names
    np.testing.assert_array_equal(whole.confusions, pairs.confusions)
    for index, confusion in enumerate(whole.confusions):
        mask = SOURCE.load(index)[1]
        np.testing.assert_array_equal(confusion.sum(axis=1), np.bincount(mask.ravel(), minlength=11))
    first = evaluate_parser(parser, SOURCE, 2, limit=3)
    assert first.names == SOURCE.names[:3]
    np.testing.assert_array_equal(first.confusions, whole.confusions[:3])


def test_a_bad_file_is_named(parser, tmp_path):
    for kind, array in (("images", IMAGES[0]), ("labels", np.full((SIZE, SIZE), 255, np.uint8))):
        (tmp_path / kind).mkdir()
        Image.fromarray(array).save(tmp_path / kind / "white.png")
    with pytest.raises(UserError, match=r"white.png: label value 255"):
        evaluate_parser(parser, open_layout("folder", tmp_path, "helen", SIZE), batch_size=2)


def test_portraits_come_in_the_order_asked_for(parser):
    found = list(read_portraits(parser, SOURCE, [4, 0, 2], batch_size=2))
    for index, (image, mask, prediction, parts) in zip([4, 0, 2], found, strict=True):
        assert parts is None
        np.testing.assert_array_equal(image, SOURCE.load(index)[0])
        np.testing.assert_array_equal(mask, SOURCE.load(index)[1])
        np.testing.assert_array_equal(prediction, parser.parse(image))


def test_the_worst_come_first():
    middling = counts({(0, 0): 50, (1, 1): 20, (1, 0): 20})
    evaluation = ParserEvaluation(tuple("abcd"), np.stack([SECOND, FIRST, counts({(1, 0): 9}), middling]))
    assert list(evaluation.worst(10)) == [2, 3, 1, 0]
    assert evaluation.worst(2) == pytest.approx({2: 0, 3: 40 / 60})
    unknown = ParserEvaluation(tuple("ab"), np.stack([SECOND, counts({})]))
    assert list(unknown.worst(10)) == [0]


PARTS = np.repeat(np.arange(19, dtype=np.uint8), 4)[:, None].repeat(76, 1)
"""A label of CelebAMask-HQ's ids, four rows each."""


@pytest.fixture
def confused(tmp_path):
    """A set of two such labels, and a parser of nineteen classes that is right but for the neck and half of the hat,
    which it takes for clothes and hair."""
    for name in "ab":
        for kind, array in (("images", np.stack([PARTS * 13 + 6] * 3, -1)), ("labels", PARTS)):
            (tmp_path / kind).mkdir(exist_ok=True)
            Image.fromarray(array.astype(np.uint8)).save(tmp_path / kind / f"{name}.png")
    read = PARTS.copy()
    read[PARTS == 17] = 18
    read[:, :38][PARTS[:, :38] == 14] = 13
    form = np.eye(19, dtype=np.float32)[read]
    parser = FaceParser(lambda images: np.stack([form] * len(images)), 76, label_set="celebamask_hq")
    return parser, open_layout("folder", tmp_path, "celebamask_hq", 76)


def test_eighteen_classes_are_scored_beside_the_eleven(confused):
    parser, source = confused
    source.partial = True
    evaluation = evaluate_parser(parser, ReadableSource(source), batch_size=2)
    scores = parser_scores(evaluation)
    # All pixels of a class are of one size: F1 is 2 TP / (labelled + read).
    f1 = np.ones(19)
    f1[[17, 18, 14, 13]] = 0, 2 / 3, 0.5 / 0.75, 1 / 1.25
    assert scores["f1_macro_parts"].value == pytest.approx(f1[1:].mean())
    assert list(class_scores(evaluation.parts, "celebamask_hq")) == list(labels.CELEBAMASK_HQ_NAMES)
    assert evaluation.parts.sum() == evaluation.confusions.sum() == 2 * 76 * 76
    # Of Helen's classes the hat alone is wrong: half of it, background, is read as hair.
    assert scores["f1_macro_foreground"].value == pytest.approx((9 + 1 / 1.25) / 10)
    source.partial = False
    eleven = evaluate_parser(parser, source, batch_size=1)
    assert eleven.parts is None and list(parser_scores(eleven)) == list(PROTOCOLS)
    np.testing.assert_array_equal(eleven.confusions, evaluation.confusions)


def test_tables_and_document_hold_both_sets_of_classes(confused):
    parser, source = confused
    source.partial = True
    evaluation = evaluate_parser(parser, source, batch_size=2)
    table = [line.split()[:2] for line in parser_table(evaluation).splitlines()]
    for line in (["neck", "0.000"], ["left_brow", "1.000"], ["f1_macro_parts", "0.896"]):
        assert line in table
    document = json.loads(json.dumps(parser_document(evaluation, {"model": "x", "data": "y"}), allow_nan=False))
    assert document["celebamask_hq"]["classes"]["neck"]["f1"] == 0
    assert np.sum(document["celebamask_hq"]["confusion"]["pixels"]) == 2 * 76 * 76
    assert document["scores"]["f1_macro_parts"] == parser_scores(evaluation)["f1_macro_parts"].value
    assert confusion_picture(evaluation.parts, "celebamask_hq").shape[1] > confusion_picture(evaluation.pooled).shape[1]


def test_the_model_card_takes_them_over(confused, tmp_path):
    parser, source = confused
    source.partial = True
    document = parser_document(evaluate_parser(parser, source, 2), {"model": "x", "data": "y"})
    write_files(tmp_path, document, {})
    card = findings_text([tmp_path / "scores.json"])
    for row in ("| F1 of neck (celebamask_hq) | 0.0000 |", "| F1 of left_brow | 1.0000 |", "| `f1_macro_parts` | 0.8"):
        assert row in card
