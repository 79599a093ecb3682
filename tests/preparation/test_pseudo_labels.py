"""Labels that a parser gives portraits, for another one to learn from: of nineteen classes, unknown where unsure."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from drawn import PORTRAITS, SETTINGS, SIZE, known, label_of, save
from test_prepare_folder import lines_of, prepare, run_verb

from mgpe_tf import labels
from mgpe_tf.config import DataConfig
from mgpe_tf.data.images import read_image
from mgpe_tf.data.label_sets import has_unknown, stated
from mgpe_tf.data.open import open_source
from mgpe_tf.errors import UserError
from mgpe_tf.models.face_parser import FaceParser

PARTS = np.array([labels.PARTS_TO_HELEN.index(helen) for helen in range(labels.NUM_CLASSES)])
"""A part of each Helen class: background, skin, r_brow, ..."""

UNSURE = slice(48, None)
"""Rows of which the parser below is unsure."""


def by_parts(images, unsure=UNSURE):
    """A network of nineteen classes that knows the synthetic portraits, some rows by half."""
    sure = np.where(np.isin(np.arange(SIZE), np.arange(SIZE)[unsure]), np.float32(0.6), np.float32(0.98))[:, None, None]
    return sure * known(images) @ np.eye(19, dtype=np.float32)[PARTS] + (1 - sure) / 19


PARSER = FaceParser(by_parts, SIZE, label_set="celebamask_hq")
PSEUDO = dataclasses.replace(
    SETTINGS, label_set="celebamask_hq", unknown_below=0.9, filters=dataclasses.replace(SETTINGS.filters, without=())
)


def test_what_the_parser_is_unsure_of_is_unknown(tmp_path):
    for seed in range(4):
        save(tmp_path / "in" / f"{seed}.png", PORTRAITS[seed][0])
    summary, bad = prepare(tmp_path / "in", tmp_path / "out", PARSER, PSEUDO)
    assert bad == 0 and summary.startswith("4 faces (") and summary.endswith("of 4 photographs; left out: none")
    for line in lines_of(tmp_path / "out/manifest.jsonl"):
        wanted = PARTS[PORTRAITS[int(line["file"][0])][1]]
        wanted[UNSURE] = labels.UNKNOWN
        label = label_of(tmp_path / "out", line)
        np.testing.assert_array_equal(label, wanted)
        preview = read_image(tmp_path / "out" / line["split"] / "preview" / f"{line['name']}.png")
        np.testing.assert_array_equal(preview, labels.colourise(label, "celebamask_hq"))
        assert line["unknown"] == 0.25 and list(line["shares"]) == list(labels.CELEBAMASK_HQ_NAMES)
    for split in ("train", "val"):
        assert stated(tmp_path / "out" / split) == "celebamask_hq" and has_unknown(tmp_path / "out" / split)


def test_portraits_that_are_mostly_unknown_are_counted(tmp_path):
    save(tmp_path / "in/a.png")
    parser = FaceParser(lambda images: by_parts(images, slice(31, None)), SIZE, label_set="celebamask_hq")
    filters = dataclasses.replace(PSEUDO.filters, min_confidence=0.0)
    summary, _ = prepare(tmp_path / "in", tmp_path / "out", parser, dataclasses.replace(PSEUDO, filters=filters))
    assert summary.endswith("of 1 photographs; left out: 1 mostly unknown")
    (line,) = lines_of(tmp_path / "out/rejected.jsonl")
    assert line["reason"] == "52% of the label is unknown; at most 50%"


def test_the_folder_joins_labels_of_people(tmp_path):
    save(tmp_path / "in/a.png")
    for output, settings in (("real", SETTINGS), ("pseudo", PSEUDO)):
        prepare(tmp_path / "in", tmp_path / output, PARSER, dataclasses.replace(settings, val_share=0.0))
    folders = tuple(str(tmp_path / name / "train") for name in ("real", "pseudo"))
    data = DataConfig(layout="folder", path=folders, resolution=SIZE)
    source = open_source(data, "train", partial=True, unknown=True)
    mask = PORTRAITS[0][1]
    np.testing.assert_array_equal(source.load(0)[1], mask + labels.PARTIAL_HELEN)
    np.testing.assert_array_equal(source.load(1)[1][:48], PARTS[mask][:48])
    assert (source.load(1)[1][UNSURE] == labels.UNLABELLED).all()
    with pytest.raises(UserError, match="pseudo/train: its labels may have unknown pixels"):
        open_source(data, "train")


def test_a_folder_of_an_earlier_version_has_helens_labels(tmp_path):
    save(tmp_path / "in/a.png")
    prepare(tmp_path / "in", tmp_path / "out", PARSER)
    settings = tmp_path / "out/prepare.json"
    old = {name: value for name, value in json.loads(settings.read_text()).items() if name not in ADDED}
    settings.write_text(json.dumps(old))
    assert prepare(tmp_path / "in", tmp_path / "out", PARSER)[0].startswith("1 faces")
    settings.write_text(json.dumps(old))
    with pytest.raises(UserError, match="begun with label_set 'helen', not 'celebamask_hq'"):
        prepare(tmp_path / "in", tmp_path / "out", PARSER, PSEUDO)


ADDED = ("label_set", "flip", "unknown_below", "known")


def test_the_verb(tmp_path):
    from stored_parser import lite_config, random_lite_parser, store_run

    model = store_run(tmp_path / "run", config=lite_config(), parser=random_lite_parser())
    image = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    path = save(tmp_path / "in/a.png", image)
    about = [f"--input={path.parent}", f"--parser={model}", "--licence=x", "--aligned", "--resolution=64"]
    loose = ["--needed=", "--min_confidence=0", "--val_share=0", "--image_format=png", "--min_eye_distance=0"]
    reader = FaceParser.load(model).flip_averaged()
    wanted, sure = reader.parse(image, "celebamask_hq"), reader.confidence(image, "celebamask_hq")
    bound = round(float(np.quantile(sure, 0.2)), 4)
    arguments = ["--label_set=celebamask_hq", "--flip", f"--unknown_below={bound}", "--min_sharpness=0"]
    result = run_verb(*about, *loose, *arguments, f"--output={tmp_path / 'out'}")
    assert result.returncode == 0, result.stderr
    (line,) = lines_of(tmp_path / "out/manifest.jsonl")
    found = label_of(tmp_path / "out", line)
    np.testing.assert_array_equal(found == labels.UNKNOWN, sure < bound)
    same = labels.order_left_right(wanted, partial=True)
    np.testing.assert_array_equal(found[sure >= bound], same[sure >= bound])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["--label_set=celebamask_hq"],
            "--label_set=celebamask_hq: this parser reads helen, not celebamask_hq",
        ),
        (
            ["--label_set=lapa"],
            "--label_set=lapa: label_set: 'lapa' is read by no parser; allowed: helen",
        ),
        (["--known=.", "--aligned"], "--known=.: its labels are of whole portraits: add --aligned --label_set"),
        (["--from_editor", "--unknown_below=0.5"], "--unknown_below is of photographs; leave it out"),
    ],
)
def test_mistakes(arguments, words, tmp_path):
    from stored_parser import store_run

    save(tmp_path / "in/a.png")
    model = store_run(tmp_path / "run")
    about = [f"--input={tmp_path / 'in'}", f"--output={tmp_path / 'out'}", "--licence=x", f"--parser={model}"]
    result = run_verb(*about, *arguments)
    assert result.returncode == 2 and result.stderr.startswith(f"error: {words}"), result.stderr
    assert result.stderr.count("\n") == 1 and not (tmp_path / "out").exists()
