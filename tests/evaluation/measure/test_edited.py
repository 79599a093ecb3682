"""Edits of photographs measured: who takes from whom, what is counted, and what each measure sees."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
from skimage import data
from small import SIZE, by_palette, coloured, face_mask

from mgpe_tf import labels
from mgpe_tf.data.source import Source
from mgpe_tf.editing import render
from mgpe_tf.editing.portrait_editor import PortraitEditor
from mgpe_tf.errors import UserError
from mgpe_tf.evaluation.measure.edited import OTHER, changed, evaluate_edits, solid
from mgpe_tf.evaluation.measure.edited_scores import PROTOCOLS, REALISM, edit_scores
from mgpe_tf.evaluation.measure.photo_edits import EDITS, chosen
from mgpe_tf.evaluation.report.edited_report import edits_document, edits_table
from mgpe_tf.evaluation.report.galleries import edits_gallery
from mgpe_tf.evaluation.report.pages import edits_page
from mgpe_tf.evaluation.report.pictures import before_and_after
from mgpe_tf.evaluation.report.tables import number_text
from mgpe_tf.metrics.seam import seam
from mgpe_tf.models.face_parser import FaceParser

NAMES = ("smile", "hair_colour", "haircut")


class Coloured(Source):
    """Portraits that ``by_palette`` reads as these masks."""

    def __init__(self, masks):
        self.resolution, self.names, self._masks = SIZE, tuple(f"p{i}" for i in range(len(masks))), masks

    def load(self, index):
        mask = self._masks[index]
        return coloured(mask, index), mask


@pytest.fixture(scope="module")
def editor(networks):
    return PortraitEditor(networks, FaceParser(by_palette, SIZE))


@pytest.fixture(scope="module")
def source():
    """Three portraits with hair, one without, one without a mouth."""
    masks = [face_mask(down=i, right=2 * i) for i in range(5)]
    masks[3][masks[3] == labels.HAIR] = labels.BACKGROUND
    masks[4][np.isin(masks[4], labels.MOUTH)] = labels.SKIN
    return Coloured(masks)


@pytest.fixture(scope="module")
def evaluation(editor, source):
    return evaluate_edits(editor, source, NAMES)


def test_what_is_refused_and_what_changes_nothing(evaluation):
    """The other face of p2 is p3, which has no hair; p4 has no mouth."""
    values = evaluation.values
    assert evaluation.others.tolist() == [1, 2, 3, 4, 0]
    assert values["hair_colour"]["refused"].tolist() == values["haircut"]["refused"].tolist() == [0, 0, 1, 0, 0]
    assert values["smile"]["no_change"].tolist() == [0, 0, 0, 0, 1] and not values["smile"]["refused"].any()
    assert np.isnan(values["smile"]["detail"]).tolist() == [False] * 4 + [True]
    assert (evaluation.pictures["haircut"][2] == 255).all()
    scores = edit_scores(evaluation)
    assert (scores["haircut"]["refused"], scores["smile"]["no_change"]) == (1, 1)
    assert scores["smile"]["detail"] == pytest.approx(np.median(values["smile"]["detail"][:4]))
    assert all(score["unchanged"] == 1 and 0 < score["seconds"] < 10 for score in scores.values())


def test_the_other_face_is_the_next_but_six(editor):
    many = evaluate_edits(editor, Coloured([face_mask(down=i % 3) for i in range(OTHER + 2)]), ["smile"])
    assert many.others.tolist() == [7, 8, 0, 1, 2, 3, 4, 5, 6]
    with pytest.raises(UserError, match="1 portrait; allowed: 2 or more"):
        evaluate_edits(editor, Coloured([face_mask()]), ["smile"])


def test_pixels_off_the_region_that_change_are_seen(editor, source, monkeypatch):
    draw = render.laid_over
    monkeypatch.setattr(render, "laid_over", lambda photo, *others: draw(photo + np.uint8(1), *others))
    scores = edit_scores(evaluate_edits(editor, source, ["smile"]))
    assert scores["smile"]["unchanged"] < 0.5


def test_a_hard_border_is_a_seam_and_specks_are_none():
    photo = data.astronaut()[::2, ::2] // 2
    disk = cv2.circle(np.zeros((256, 256), np.float32), (112, 60), 40, 1, -1)
    specks = np.zeros((256, 256), bool)
    specks[4::16, 4::16] = True
    seams = {}
    for name, weights in (("hard", disk), ("soft", cv2.GaussianBlur(disk, (0, 0), 6)), ("specks", specks)):
        picture = (photo + np.round(40 * weights[..., None])).astype(np.uint8)
        seams[name] = seam(picture, photo, solid(changed(picture, photo)))
    assert seams["hard"] > 3 and 0.8 < seams["soft"] < 1.2 and np.isnan(seams["specks"])
    np.testing.assert_array_equal(solid((disk > 0) & ~specks), solid(disk > 0))


def test_the_report(evaluation, tmp_path):
    document = json.loads(json.dumps(edits_document(evaluation, {"model": "x"}), allow_nan=False))
    lines = edits_table(evaluation).splitlines()
    assert max(map(len, lines)) <= 120 and [line.split()[0] for line in lines[1:4]] == list(NAMES)
    assert {line.split()[0]: line.split()[1] for line in lines[5:]} == {
        name: number_text(value) for name, value in document["scores"].items()
    }
    assert REALISM not in document["scores"] and document["scores"].keys() == PROTOCOLS.keys() - {REALISM}
    assert document["scores"]["refused"] == 2
    assert document["scores"]["seam"] == pytest.approx(np.mean([document["edits"][name]["seam"] for name in NAMES]))
    assert document["portraits"]["p2"]["other"] == "p3" and document["portraits"]["p2"]["haircut"]["detail"] is None
    about = {"model": "x", "data": "a/b"}
    page = edits_page(tmp_path, evaluation, about, tmp_path / "none").read_text(encoding="utf-8")
    assert "no_<wbr>change" in page and "hair_<wbr>colour" in page
    assert len(list((tmp_path / "pictures").iterdir())) == 5 * (1 + len(NAMES))


def test_the_pictures_show_what_they_say(evaluation, source):
    gallery = edits_gallery(evaluation)
    assert gallery.captions[2] == "p2\nother: p3" and list(gallery.columns) == ["photograph", *NAMES]
    np.testing.assert_array_equal(gallery.columns["photograph"][1], source.load(1)[0])
    sheet = before_and_after(evaluation.names, evaluation.photographs, evaluation.pictures["smile"])
    side = sheet.shape[1] // 5
    assert sheet.shape[1] == 5 * side and side >= 192
    before, after = sheet[-2 * side : -side, side : 2 * side], sheet[-side:, side : 2 * side]
    np.testing.assert_array_equal(before[:: side // SIZE, :: side // SIZE], source.load(1)[0])
    np.testing.assert_array_equal(after[:: side // SIZE, :: side // SIZE], evaluation.pictures["smile"][1])


def test_names_of_edits():
    assert chosen([]) == tuple(EDITS) and chosen(["swap", "nose", "swap"]) == ("swap", "nose")
    with pytest.raises(
        UserError, match=r"--edits: 'smlie' is unknown: did you mean 'smile'\?; allowed: smile, open_mouth"
    ):
        chosen(["smlie"])
