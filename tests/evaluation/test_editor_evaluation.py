"""Drawing a data set with an editor and measuring it: pairs, regions, readings, distances and the sheets."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio
from small import SIZE, face_mask, randomised, small_config
from stored_parser import random_parser

from mgpe_tf import labels
from mgpe_tf.data.grids import HEADER
from mgpe_tf.data.source import open_layout
from mgpe_tf.data.synthetic import SyntheticSource
from mgpe_tf.editing.networks import EditorNetworks
from mgpe_tf.editing.portrait_editor import PortraitEditor
from mgpe_tf.errors import UserError
from mgpe_tf.evaluation.editor import (
    KINDS, distances_of_halves, evaluate_editor, free_background, portrait_values, read_masks)
from mgpe_tf.evaluation.editor_report import editor_document, editor_scores, editor_table
from mgpe_tf.evaluation.pictures import CAPTION, LEGEND
from mgpe_tf.evaluation.portraits import Drawn, DrawnPortraits, spread
from mgpe_tf.evaluation.sheets import SHAPES, TRANSFERS, editor_sheets
from mgpe_tf.export.editor_saved_model import write_editor
from mgpe_tf.objectives.editor import build_generator
from mgpe_tf.parsing.face_parser import FaceParser

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "celebamask_hq_256" / "val"
SOURCE = SyntheticSource(5, SIZE)
RNG = np.random.default_rng(0)


CONFIG = small_config()


@pytest.fixture(scope="module")
def generator():
    return randomised(build_generator(CONFIG))


@pytest.fixture(scope="module")
def networks(generator):
    return EditorNetworks.of(generator, CONFIG)


@pytest.fixture(scope="module")
def parser():
    return FaceParser.of(random_parser(), SIZE)


@pytest.fixture(scope="module")
def portraits(networks):
    return DrawnPortraits(networks, SOURCE, batch_size=2)


@pytest.fixture(scope="module")
def evaluation(portraits, parser):
    return evaluate_editor(portraits, parser, {"fd_parser": parser})


def test_every_portrait_takes_another_ones_appearance_within_its_half(portraits):
    assert [len(half) for half in portraits.halves] == [3, 2]
    np.testing.assert_array_equal(np.sort(np.concatenate(portraits.halves)), range(5))
    for half in portraits.halves:
        assert set(portraits.lenders[half]) == set(half)
    assert (portraits.lenders != np.arange(5)).all()
    np.testing.assert_array_equal(DrawnPortraits(None, SyntheticSource(9, 32), 3, limit=5).lenders, portraits.lenders)


def test_fewer_than_four_portraits_are_too_few():
    with pytest.raises(UserError, match="3 portraits; allowed: 4 or more"):
        DrawnPortraits(None, SOURCE, 8, limit=3)


def test_portraits_are_drawn_as_the_editor_edits_them(portraits, networks, parser):
    editor = PortraitEditor(networks, parser)
    drawn = Drawn(*map(np.concatenate, zip(*portraits.draw([4, 0, 2]))))
    for number, photograph, mask, reconstruction, swap in zip([4, 0, 2], *drawn, strict=True):
        image, label = SOURCE.load(number)
        np.testing.assert_array_equal(photograph, image)
        np.testing.assert_array_equal(mask, label)
        source, source_mask = SOURCE.load(portraits.lenders[number])
        for found, expected in ((reconstruction, editor.edit(image, image, label, label)),
                                (swap, editor.edit(source, image, source_mask, label))):
            assert np.ptp(found) > 20 and np.abs(found.astype(int) - expected).max() <= 1


def test_a_saved_model_draws_the_same_batches(portraits, generator, tmp_path):
    write_editor(generator, CONFIG, random_parser(), SIZE, tmp_path)
    stored = DrawnPortraits(EditorNetworks.load(tmp_path), SOURCE, batch_size=3)
    for found, expected in zip(next(stored.draw([3, 1])), next(portraits.draw([3, 1])), strict=True):
        assert np.abs(found.astype(int) - expected).max() <= 1


def test_values_are_those_of_the_pixels_of_their_region():
    masks = np.stack([face_mask(), np.zeros((SIZE, SIZE), np.uint8)])
    photographs, drawn, swaps = RNG.integers(0, 256, (3, 2, SIZE, SIZE, 3)).astype(np.uint8)
    values = portrait_values(Drawn(photographs, masks, drawn, swaps))
    face = (masks[0] > 0) & (masks[0] != labels.HAIR)
    for name, where in (("psnr_face", face), ("psnr_foreground", masks[0] > 0), ("psnr_all", masks[0] >= 0)):
        expected = peak_signal_noise_ratio(photographs[0][where], drawn[0][where], data_range=255)
        assert values[name][0] == pytest.approx(expected, abs=1e-3)
    free = free_background(masks[0])
    expected = peak_signal_noise_ratio(photographs[0][free], swaps[0][free], data_range=255)
    assert values["psnr_background_swap"][0] == pytest.approx(expected, abs=1e-3)
    assert np.isnan([values["psnr_face"][1], values["ssim_foreground"][1]]).all()
    assert not np.isnan([values["psnr_all"][1], values["psnr_background_swap"][1]]).any()


def test_a_perfect_reconstruction():
    photographs, masks = RNG.integers(0, 256, (1, SIZE, SIZE, 3)).astype(np.uint8), face_mask()[None]
    values = portrait_values(Drawn(photographs, masks, photographs, 255 - photographs))
    for name, value in values.items():
        if name != "psnr_background_swap":
            assert value == pytest.approx([1 if name.startswith("ssim") else 100], abs=1e-4), name


def test_the_free_background_lies_off_the_face_and_not_under_it():
    mask = face_mask()
    free = free_background(mask)
    rows, columns = np.nonzero(free)
    assert rows.max() == 50  # the lowest row of the mouth
    assert columns[rows == 30].tolist() == [*range(10), *range(54, SIZE)]  # hair from 12 to 51, two pixels away from it
    mask[np.isin(mask, (7, 8, 9))] = labels.SKIN
    assert np.nonzero(free_background(mask))[0].max() == 57  # the lowest row of the face
    assert free_background(np.zeros_like(mask)).all() and not free_background(np.ones_like(mask)).any()


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the development data")
def test_hardly_any_neck_is_in_the_free_background():
    source = open_layout("folder", SHARED, "celebamask_hq", 256)
    free, necks = [], []
    for number, name in enumerate(source.names[:20]):
        free.append(free_background(source.load(number)[1]))
        necks.append(np.asarray(Image.open(SHARED / "labels" / f"{name}.png")) == 17)
    free, necks = np.stack(free), np.stack(necks)
    assert free.mean() > 0.1 and necks.mean() > 0.02 and necks[free].mean() < 0.01


def test_masks_are_read_at_the_parsers_resolution():
    def by_palette(images):
        levels = (images[..., None, :] + 1) * 127.5 - labels.PALETTE.astype(np.float32)
        return np.eye(labels.NUM_CLASSES, dtype=np.float32)[np.square(levels).sum(-1).argmin(-1)]

    masks = np.stack([face_mask(), face_mask(down=2)]).repeat(2, axis=1).repeat(2, axis=2)
    readings = read_masks(FaceParser(by_palette, SIZE), labels.colourise(masks))
    np.testing.assert_array_equal(readings, masks)


def test_distances_of_swaps_that_are_photographs_moved():
    """A shift d of all swaps adds |d|^2 to the mean of the two ways: |a + d|^2 and |a - d|^2 have that mean."""
    features, shift = RNG.normal(size=(9, 4)), np.array([3.0, 0, 0, 4.0])
    halves = np.array_split(RNG.permutation(9), 2)
    same, moved = (distances_of_halves("fd", features, features + d, halves) for d in (0, shift))
    assert list(same) == ["fd_4_swap", "fd_4_real", "fd_4_ratio"]
    assert same["fd_4_ratio"] == pytest.approx(1) and same["fd_4_real"] == moved["fd_4_real"] > 0
    assert moved["fd_4_swap"] == pytest.approx(same["fd_4_real"] + 25)
    assert moved["fd_4_ratio"] == pytest.approx(moved["fd_4_swap"] / moved["fd_4_real"])


def test_all_is_measured_whatever_the_batches(evaluation, networks, parser):
    masks = np.stack([SOURCE.load(number)[1] for number in range(5)])
    for kind in KINDS:
        counts = np.bincount(masks.ravel(), minlength=labels.NUM_CLASSES)
        np.testing.assert_array_equal(evaluation.confusions[kind].sum(axis=1), counts)
    images = np.stack([SOURCE.load(number)[0] for number in range(5)])
    right = (parser.probabilities(images).argmax(-1) == masks).sum()
    assert np.trace(evaluation.confusions["photographs"]) == right
    whole = evaluate_editor(DrawnPortraits(networks, SOURCE, batch_size=5), parser, {})
    assert not whole.distances and sorted(evaluation.distances) == ["fd_parser_2_ratio", "fd_parser_2_real",
                                                                    "fd_parser_2_swap"]
    for name, values in evaluation.values.items():
        np.testing.assert_allclose(whole.values[name], values, atol=0.05)
    assert evaluation.worst(2) == np.argsort(evaluation.values["psnr_face"])[:2].tolist()


def test_the_report(evaluation):
    document = json.loads(json.dumps(editor_document(evaluation, {"model": "x"}), allow_nan=False))
    assert document["scores"] == editor_scores(evaluation) and set(document["protocols"]) == set(document["scores"])
    assert document["portraits"][SOURCE.names[0]]["x_s"] == SOURCE.names[evaluation.lenders[0]]
    lines = editor_table(evaluation).splitlines()
    assert max(map(len, lines)) <= 120
    assert [line.split()[0] for line in lines[1:12]] == list(labels.HELEN_NAMES)
    assert {line.split()[0]: line.split()[1] for line in lines[13:]} == {
        name: f"{value:.3f}" for name, value in document["scores"].items()}


def test_scores_that_no_portrait_has_are_null(evaluation):
    nothing = {name: np.full_like(values, np.nan) for name, values in evaluation.values.items()}
    document = editor_document(type(evaluation)(**{**vars(evaluation), "values": nothing}), {})
    assert document["scores"]["psnr_face"] is None and document["portraits"][SOURCE.names[0]]["ssim_all"] is None


def test_the_sheets_show_what_they_say(portraits, parser, evaluation):
    sheets = editor_sheets(portraits, parser, evaluation)
    columns = {"worst.png": 4, "swaps.png": 5, "appearance.png": 5 + len(TRANSFERS), "shapes.png": 2 + 2 * len(SHAPES)}
    assert {name: picture.shape for name, picture in sheets.items()} == {
        name: (LEGEND + HEADER + 5 * 192, CAPTION + count * 192, 3) for name, count in columns.items()}

    def cell(name: str, row: int, column: int) -> np.ndarray:
        top, left = LEGEND + HEADER + row * 192, CAPTION + column * 192
        return sheets[name][top : top + 192 : 3, left : left + 192 : 3]

    for row in range(5):
        image, mask = SOURCE.load(row)
        np.testing.assert_array_equal(cell("appearance.png", row, 0), image)
        np.testing.assert_array_equal(cell("shapes.png", row, 1), labels.colourise(mask))
        np.testing.assert_array_equal(cell("appearance.png", row, 3), SOURCE.load(portraits.lenders[row])[0])
        changes = [(cell("appearance.png", row, column) != image).any(-1).mean() for column in range(5, 9)]
        assert 0 < changes[TRANSFERS.index("eyes")] < changes[TRANSFERS.index("skin")] < 0.9
    drawn = next(portraits.draw(evaluation.worst(1)))
    np.testing.assert_array_equal(cell("worst.png", 0, 2), drawn.reconstructions[0])


def test_evenly_spread_numbers():
    assert spread(300, 4) == [0, 100, 199, 299] and spread(3, 8) == [0, 1, 2]
