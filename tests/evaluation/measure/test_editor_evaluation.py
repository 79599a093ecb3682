"""Generating a data set with an editor and measuring it: pairs, predictions, what stays unchanged, and the
galleries."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from small import SIZE, by_palette, face_mask, randomised, small_config
from stored_parser import random_parser

from mgpe_tf import labels
from mgpe_tf.config import BaselineConfig
from mgpe_tf.data.synthetic import SyntheticSource
from mgpe_tf.editing import render
from mgpe_tf.editing.portrait_editor import PortraitEditor
from mgpe_tf.errors import UserError
from mgpe_tf.evaluation.measure.editor_evaluation import KINDS, evaluate_editor, read_masks
from mgpe_tf.evaluation.measure.editor_scores import editor_scores
from mgpe_tf.evaluation.measure.edits import SHAPES, TRANSFERS, changed_outside
from mgpe_tf.evaluation.measure.portraits import Generated, GeneratedPortraits, spread
from mgpe_tf.evaluation.measure.realism import COMPONENTS, LEAST
from mgpe_tf.evaluation.measure.views import GROWTH, TURN, view
from mgpe_tf.evaluation.report.editor_report import editor_document, editor_table
from mgpe_tf.evaluation.report.galleries import editor_galleries
from mgpe_tf.evaluation.report.tables import number_text
from mgpe_tf.export.editor_saved_model import write_editor
from mgpe_tf.models.editor_networks import EditorNetworks
from mgpe_tf.models.face_parser import FaceParser
from mgpe_tf.objectives.pix2pixhd import Pix2PixHDObjective

SOURCE = SyntheticSource(5, SIZE)


def test_every_portrait_takes_another_ones_appearance_within_its_half(portraits):
    assert [len(half) for half in portraits.halves] == [3, 2]
    np.testing.assert_array_equal(np.sort(np.concatenate(portraits.halves)), range(5))
    for half in portraits.halves:
        assert set(portraits.references[half]) == set(half)
    assert (portraits.references != np.arange(5)).all()
    np.testing.assert_array_equal(
        GeneratedPortraits(None, SyntheticSource(9, 32), 3, limit=5).references, portraits.references
    )


def test_a_view_is_turned_and_scaled_mask_and_picture_alike():
    mask = np.zeros((65, 65), np.uint8)
    mask[30:35, 50:55] = labels.NOSE  # 20 pixels right of the centre
    for number in range(4):
        image, moved = view(labels.colourise(mask), mask, number)
        middle = tuple(np.argwhere(moved == labels.NOSE).mean(0).round().astype(int))
        np.testing.assert_array_equal(image[middle], labels.colourise(mask)[32, 52])
        row, column = np.argwhere(moved == labels.NOSE).mean(0) - 32
        distance = 20 * (GROWTH if number // 2 else 1 / GROWTH)
        assert np.hypot(row, column) == pytest.approx(distance, abs=0.3)
        assert np.degrees(np.arctan2(-row, column)) == pytest.approx(TURN * (-1) ** number, abs=1)


def test_fewer_than_four_portraits_are_too_few():
    with pytest.raises(UserError, match="3 portraits; allowed: 4 or more"):
        GeneratedPortraits(None, SOURCE, 8, limit=3)


def test_portraits_are_drawn_as_the_editor_edits_them(portraits, networks, parser):
    editor = PortraitEditor(networks, parser)
    generated = Generated(*map(np.concatenate, zip(*portraits.generate([4, 0, 2]))))
    for number, photograph, mask, reconstruction, swap in zip([4, 0, 2], *generated, strict=True):
        image, label = SOURCE.load(number)
        np.testing.assert_array_equal(photograph, image)
        np.testing.assert_array_equal(mask, label)
        source, source_mask = SOURCE.load(portraits.references[number])
        for found, expected in (
            (reconstruction, editor.edit(image, image, label, label)),
            (swap, editor.edit(source, image, source_mask, label)),
        ):
            assert np.ptp(found) > 20 and np.abs(found.astype(int) - expected).max() <= 1


def test_an_editor_that_carries_reconstructs_from_another_view(generator, parser):
    """Here all that it completes is x_s, so what it is given is seen."""
    networks = EditorNetworks.of(generator, small_config(), carrying=lambda generated, source, *others: source)
    portraits = GeneratedPortraits(networks, SOURCE, batch_size=2)
    for number in range(4):
        generated = next(portraits.generate([number]))
        image, mask = SOURCE.load(number)
        np.testing.assert_array_equal(generated.reconstructions[0], view(image, mask, number)[0])
        np.testing.assert_array_equal(generated.swaps[0], SOURCE.load(portraits.references[number])[0])
    whole = GeneratedPortraits(networks.generating(), SOURCE, batch_size=2)
    np.testing.assert_array_equal(
        next(whole.generate([0])).swaps[0],
        PortraitEditor(networks.generating(), parser).edit(
            *(SOURCE.load(n)[part] for part in (0, 1) for n in (portraits.references[0], 0))
        ),
    )


def test_a_probe_judges_face_and_hair(portraits, parser):
    """By features that are means and deviations of colours."""

    class Colours:
        def maps(self, picture):
            return [np.tile(picture.astype(np.float32), COMPONENTS // 6 + 1)]

    many = GeneratedPortraits(portraits.networks, SyntheticSource(LEAST, SIZE), batch_size=8)
    scores = evaluate_editor(many, parser, {}, Colours()).set_scores
    assert 0.5 < scores["realism_auc_swaps"].value <= 1
    assert 0.5 < scores["realism_auc_reconstructions"].value <= 1
    assert evaluate_editor(portraits, parser, {}, Colours()).set_scores["realism_auc_swaps"].value is None


def test_a_saved_model_draws_the_same_batches(portraits, generator, tmp_path):
    write_editor(generator, small_config(), random_parser(), SIZE, tmp_path)
    stored = GeneratedPortraits(EditorNetworks.load(tmp_path), SOURCE, batch_size=3)
    for found, expected in zip(next(stored.generate([3, 1])), next(portraits.generate([3, 1])), strict=True):
        assert np.abs(found.astype(int) - expected).max() <= 1


def test_masks_are_read_at_the_parsers_resolution():
    masks = np.stack([face_mask(), face_mask(down=2)]).repeat(2, axis=1).repeat(2, axis=2)
    predictions = read_masks(FaceParser(by_palette, SIZE), labels.colourise(masks))
    np.testing.assert_array_equal(predictions, masks)


def test_all_is_measured_whatever_the_batches(evaluation, networks, parser):
    masks = np.stack([SOURCE.load(number)[1] for number in range(5)])
    for kind in KINDS:
        counts = np.bincount(masks.ravel(), minlength=labels.NUM_CLASSES)
        np.testing.assert_array_equal(evaluation.confusions[kind].sum(axis=1), counts)
    images = np.stack([SOURCE.load(number)[0] for number in range(5)])
    right = (parser.probabilities(images).argmax(-1) == masks).sum()
    assert np.trace(evaluation.confusions["photographs"]) == right
    whole = evaluate_editor(GeneratedPortraits(networks, SOURCE, batch_size=5), parser, {})
    assert list(whole.set_scores) == ["diversity_l1_5x5", "changed_outside_28"]
    assert {"fd_parser_2_ratio", "kid_parser_2_swap", "diversity_parser_5x5"} <= set(evaluation.set_scores)
    for name, values in evaluation.values.items():
        np.testing.assert_allclose(whole.values[name], values, atol=0.05, err_msg=name)
    assert evaluation.worst(2) == np.argsort(evaluation.values["psnr_face"])[:2].tolist()


def test_the_report(evaluation):
    document = json.loads(json.dumps(editor_document(evaluation, {"model": "x"}), allow_nan=False))
    scores = editor_scores(evaluation)
    assert document["scores"] == {name: score.value for name, score in scores.items()}
    assert document["protocols"] == {name: score.protocol for name, score in scores.items()}
    assert document["portraits"][SOURCE.names[0]]["x_s"] == SOURCE.names[evaluation.references[0]]
    lines = editor_table(evaluation).splitlines()
    assert max(map(len, lines)) <= 120
    assert [line.split()[0] for line in lines[1:12]] == list(labels.HELEN_NAMES)
    assert {line.split()[0]: line.split()[1] for line in lines[13:]} == {
        name: number_text(value) for name, value in document["scores"].items()
    }


def test_scores_that_no_portrait_has_are_null(evaluation):
    nothing = {name: np.full_like(values, np.nan) for name, values in evaluation.values.items()}
    document = editor_document(type(evaluation)(**{**vars(evaluation), "values": nothing}), {})
    assert document["scores"]["psnr_face"] is None and document["portraits"][SOURCE.names[0]]["ssim_all"] is None


def test_numbers_as_tables_show_them():
    assert list(map(number_text, (None, 3, 0.9995, 0.0, 23.00795, 0.1, 0.0121, -0.00031249))) == [
        "-",
        "3",
        "0.999500",
        "0.000",
        "23.008",
        "0.100",
        "0.0121",
        "-0.000312",
    ]


def test_pasted_back_edits_leave_the_rest_alone(portraits, parser, monkeypatch):
    ((name, score),) = changed_outside(portraits, parser).items()
    assert (name, score.value) == ("changed_outside_28", 0)
    draw = render.laid_over
    monkeypatch.setattr(render, "laid_over", lambda photo, *others: draw(photo + np.uint8(1), *others))
    assert changed_outside(portraits, parser)[name].value > 0.5


def test_the_galleries_show_what_they_say(portraits, parser, evaluation):
    galleries = editor_galleries(portraits, parser, evaluation)
    columns = {"worst": 4, "swaps": 5, "appearance": 5 + len(TRANSFERS), "shapes": 2 + 2 * len(SHAPES)}
    assert {name: len(gallery.columns) for name, gallery in galleries.items()} == columns
    assert all(len(gallery.captions) == 5 for gallery in galleries.values())
    appearance, shapes = galleries["appearance"].columns, galleries["shapes"].columns
    for row in range(5):
        image, mask = SOURCE.load(row)
        np.testing.assert_array_equal(appearance["x_t"][row], image)
        np.testing.assert_array_equal(shapes["m_t"][row], mask)
        np.testing.assert_array_equal(appearance["x_s"][row], SOURCE.load(portraits.references[row])[0])
        changed = {what: (appearance[f"{what} of x_s"][row] != image).any(-1).mean() for what in TRANSFERS}
        assert 0 < changed["eyes"] < changed["skin"] < 0.9
    generated = next(portraits.generate(evaluation.worst(1)))
    np.testing.assert_array_equal(galleries["worst"].columns["reconstruction"][0], generated.reconstructions[0])


def test_a_network_that_draws_masks_alone(parser):
    config = dataclasses.replace(small_config(task="pix2pixhd"), baseline=BaselineConfig(filters=(4, 8), blocks=1))
    networks = EditorNetworks.of(randomised(Pix2PixHDObjective.build(config)), config)
    portraits = GeneratedPortraits(networks, SOURCE, batch_size=3)
    evaluation = evaluate_editor(portraits, parser, {"parser": parser})
    scores = editor_scores(evaluation)
    assert scores["diversity_l1_5x5"].value == scores["changed_outside_12"].value == 0
    assert scores["psnr_background_swap"].value < 40  # its background is its own
    assert list(editor_galleries(portraits, parser, evaluation)) == ["worst", "swaps", "shapes"]


def test_evenly_spread_numbers():
    assert spread(300, 4) == [0, 100, 199, 299] and spread(3, 8) == [0, 1, 2]
