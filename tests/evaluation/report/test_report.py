"""The report: JSON that comes back as it was, a table that lines up, pictures that show what was read."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image
from small import face_mask

from mgpe_tf import labels
from mgpe_tf.data.grids import HEADER
from mgpe_tf.errors import UserError
from mgpe_tf.evaluation.measure.parser_evaluation import ParserEvaluation, Prediction
from mgpe_tf.evaluation.measure.parser_scores import parser_scores
from mgpe_tf.evaluation.report.galleries import prediction_gallery
from mgpe_tf.evaluation.report.parser_report import parser_document, parser_table
from mgpe_tf.evaluation.report.pictures import CAPTION, CELL, LEGEND, MARGIN, confusion_picture, sheet
from mgpe_tf.evaluation.report.tables import write_files

CONFUSIONS = np.zeros((2, 11, 11), np.int64)
CONFUSIONS[:, 0, 0] = 6
CONFUSIONS[0, labels.SKIN, labels.SKIN] = 3
CONFUSIONS[1, labels.SKIN, labels.HAIR] = 1
EVALUATION = ParserEvaluation(("a portrait", "b"), CONFUSIONS)
MASK = face_mask()
IMAGE = np.full((64, 64, 3), 200, np.uint8)
PREDICTION = np.where(MASK == labels.NOSE, labels.SKIN, MASK).astype(np.uint8)


def test_files_come_back_as_they_were(tmp_path):
    document, picture = parser_document(EVALUATION, {"model": "x"}), confusion_picture(EVALUATION.pooled)
    write_files(tmp_path, document, {"confusion.png": picture})
    assert json.loads((tmp_path / "scores.json").read_text()) == document
    assert document["scores"] == {name: score.value for name, score in parser_scores(EVALUATION).items()}
    assert document["classes"]["skin"] == {"f1": 6 / 7, "iou": 3 / 4, "share_of_pixels": 4 / 16}
    assert document["classes"]["nose"] == {"f1": None, "iou": None, "share_of_pixels": 0}
    assert document["f1_macro_foreground_of_images"] == {"a portrait": 1, "b": 0}
    np.testing.assert_array_equal(document["confusion"]["pixels"], CONFUSIONS.sum(axis=0))
    np.testing.assert_array_equal(Image.open(tmp_path / "confusion.png"), picture)


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "scores.json").mkdir()
    with pytest.raises(UserError, match="scores.json: "):
        write_files(tmp_path, {}, {})


def test_the_table_lines_up():
    lines = parser_table(EVALUATION).splitlines()
    classes, scores = lines[:12], lines[13:]
    column = classes[0].index("IoU")
    assert [line[column : column + 5].strip() for line in classes[1:]] == ["1.000", "0.750", *["-"] * 8, "0.000"]
    assert {line.split()[0]: line.split()[1] for line in scores} == {
        name: f"{score.value:.3f}" for name, score in parser_scores(EVALUATION).items()
    }
    assert max(map(len, lines)) <= 120


def test_the_confusion_picture_is_dark_where_classes_are_read():
    picture = confusion_picture(EVALUATION.pooled)
    corners = [
        [picture[MARGIN[1] + row * CELL[1] + 4, MARGIN[0] + column * CELL[0] + 4].mean() for column in range(11)]
        for row in range(11)
    ]
    order = np.array(corners)
    assert (order < 255).sum() == 3  # background as background, skin as skin, skin as hair
    assert order[0, 0] < order[labels.SKIN, labels.SKIN] < order[labels.SKIN, labels.HAIR] < 255


def test_the_worst_predictions_show_in_red_where_they_differ_from_the_label():
    picture = sheet(
        prediction_gallery(EVALUATION, [Prediction(IMAGE, MASK, PREDICTION), Prediction(IMAGE, MASK, MASK)])
    )
    assert picture[LEGEND + HEADER :].shape == (2 * 192, CAPTION + 4 * 192, 3)
    cells = np.split(picture[LEGEND + HEADER :: 3, CAPTION::3], 4, axis=1)
    np.testing.assert_array_equal(cells[0], np.concatenate([IMAGE] * 2))
    np.testing.assert_array_equal(cells[2], labels.colourise(np.concatenate([PREDICTION, MASK])))
    red = cells[3][..., 0] > cells[3][..., 1].astype(int) + 50
    np.testing.assert_array_equal(red, np.concatenate([MASK == labels.NOSE, np.zeros_like(MASK, bool)]))
    assert (picture[LEGEND + HEADER : LEGEND + HEADER + 60, :CAPTION] < 100).any()


def test_captions_of_the_worst_predictions():
    captions = prediction_gallery(
        EVALUATION, [Prediction(IMAGE, MASK, PREDICTION), Prediction(IMAGE, MASK, MASK)]
    ).captions
    assert captions == ["1. b\nmacro F1 0.000", "2. a portrait\nmacro F1 1.000"]


def test_the_worst_predictions_of_nineteen_classes():
    """In the colours of their own label set; what a label leaves open is not wrong."""
    hat, neck = (labels.CELEBAMASK_HQ_NAMES.index(name) for name in ("hat", "neck"))
    label, prediction = np.full(MASK.shape, neck, np.uint8), np.full(MASK.shape, neck, np.uint8)
    label[:20], prediction[:40], label[40:50] = hat, hat, labels.UNLABELLED
    confusion = np.zeros((1, 19, 19), np.int64)
    np.add.at(confusion[0], (label[label < 19], prediction[label < 19]), 1)
    evaluation = ParserEvaluation(("a",), CONFUSIONS[:1], confusion)
    gallery = prediction_gallery(
        evaluation, [Prediction(IMAGE, MASK, PREDICTION, (label, prediction))], "celebamask_hq"
    )
    assert gallery.captions == [f"1. a\nmacro F1 {evaluation.worst(1, parts=True)[0]:.3f}"]
    picture = sheet(gallery)
    cells = np.split(picture[2 * LEGEND + HEADER :: 3, CAPTION::3], 4, axis=1)
    np.testing.assert_array_equal(cells[1], labels.colourise(label, "celebamask_hq"))
    np.testing.assert_array_equal(cells[2], labels.colourise(prediction, "celebamask_hq"))
    red = cells[3][..., 0] > cells[3][..., 1].astype(int) + 50
    np.testing.assert_array_equal(red, (label != prediction) & (label < 19))
