"""Masks of nineteen classes in a folder, and what reads them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from red_parser import PARSER as ELEVEN
from test_many import lines, names, parse, run_verb, save

from mgpe_tf import labels
from mgpe_tf.data import masks
from mgpe_tf.data.folder import FolderSource
from mgpe_tf.data.images import decode_label, read_image, read_label
from mgpe_tf.data.label_sets import stated
from mgpe_tf.errors import UserError
from mgpe_tf.models.face_parser import FaceParser
from mgpe_tf.parsing.results import Results, Writer

SIZE = 19
PARTS = np.arange(SIZE, dtype=np.uint8)[None].repeat(SIZE, 0)
"""Every class, a column each."""

PORTRAIT = np.stack([PARTS * 13 + 6] * 3, axis=-1).astype(np.uint8)


def by_red(images: np.ndarray) -> np.ndarray:
    """A network that reads class 0 to 18 off the red channel, 13 levels each."""
    return np.eye(19, dtype=np.float32)[np.round((images[..., 0] + 1) * 127.5).astype(int) // 13]


PARSER = FaceParser(by_red, SIZE, label_set="celebamask_hq")


@pytest.fixture
def written(tmp_path):
    save(tmp_path / "in" / "a.png", PORTRAIT)
    assert parse([tmp_path / "in"], tmp_path / "out", PARSER, label_set="celebamask_hq") == 0
    return tmp_path / "out"


def test_what_is_written_is_read_back(written):
    assert names(written) == [
        "dataset.json", "labels", "left_out.txt", "legend.png", "overlay", "parse.jsonl", "preview",
    ]  # fmt: skip
    legend = labels.legend("celebamask_hq")
    np.testing.assert_array_equal(read_label(written / "labels/a.png"), PARTS)
    np.testing.assert_array_equal(read_image(written / "preview/a.png"), legend[PARTS])
    np.testing.assert_array_equal(masks.read_mask(written / "preview/a.png", legend), PARTS)
    np.testing.assert_array_equal(masks.read_mask(written / "labels/a.png", legend), PARTS)
    assert list(lines(written)[0]["shares"]) == list(labels.CELEBAMASK_HQ_NAMES)
    assert lines(written)[0]["label_set"] == "celebamask_hq"
    colours = {tuple(colour) for colour in read_image(written / "legend.png").reshape(-1, 3).tolist()}
    assert {tuple(colour) for colour in legend.tolist()} <= colours
    # Neck and clothes are seen in the overlay, the background stays as it was.
    overlay = read_image(written / "overlay/a.jpg").astype(int)
    assert np.abs(overlay[:, 0] - PORTRAIT[:, 0]).max() < 30
    assert np.abs(overlay[:, 17] - (PORTRAIT[:, 17] // 2 + legend[17] // 2)).max() < 60


@pytest.mark.parametrize("kind", ["labels", "preview"])
def test_the_folder_becomes_a_data_set(kind, written):
    """Of nineteen classes, whether its labels are ids or colours, for a training by parts and by Helen's classes."""
    if kind == "preview":
        (written / "labels/a.png").write_bytes((written / "preview/a.png").read_bytes())
    save(written / "images" / "a.png", PORTRAIT)
    assert stated(written) == "celebamask_hq"
    source = FolderSource(written, "", SIZE)
    helen = np.array(labels.LABEL_SETS["celebamask_hq"].to_helen)[PARTS]
    np.testing.assert_array_equal(source.read_label(0), helen)
    source.partial = True
    np.testing.assert_array_equal(source.read_label(0), PARTS)


def test_label_sets_are_not_mixed_in_a_folder(written, tmp_path):
    with pytest.raises(UserError, match="out has masks of label set celebamask_hq, not helen; choose another folder"):
        Results(Writer(written, "tiny"), overwrite=True)
    (written / "labels/a.png").unlink()
    assert parse([tmp_path / "in"], written, PARSER) == 0  # none is left, and none is finished
    assert stated(written) == "helen" and lines(written)[0]["label_set"] == "helen"
    assert read_label(written / "labels/a.png").max() == labels.HAIR
    (written / "dataset.json").unlink()  # as an earlier version left it
    with pytest.raises(UserError, match="has masks of label set helen, not celebamask_hq"):
        Results(Writer(written, "tiny", label_set="celebamask_hq"))


def test_eleven_classes_are_not_taken_for_nineteen(tmp_path):
    path = save(tmp_path / "a.png")
    with pytest.raises(UserError, match="reads helen, not celebamask_hq; a parser of nineteen classes does"):
        parse([path], tmp_path / "out", ELEVEN, label_set="celebamask_hq")
    assert names(tmp_path / "out/labels") == []


def test_the_verb_tells_which_parser_can(tmp_path):
    from stored_parser import store_run

    model, path = store_run(tmp_path / "run"), save(tmp_path / "a.png")
    result = run_verb(path, f"--output={tmp_path / 'out'}", f"--model={model}", "--label_set=celebamask_hq")
    assert result.returncode == 2 and result.stderr.count("\n") == 1
    assert (
        "a parser of nineteen classes does: the bundled one, or train one with --config=parser_lite_256"
        in result.stderr
    )
    assert run_verb(path, f"--output={tmp_path / 'out'}", f"--model={model}").returncode == 0


def test_the_verb_with_a_parser_of_nineteen_classes(tmp_path):
    from stored_parser import lite_config, random_lite_parser, store_run

    model = store_run(tmp_path / "run", config=lite_config(), parser=random_lite_parser())
    path = save(tmp_path / "a.png", np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8))
    result = run_verb(path, f"--output={tmp_path / 'out'}", f"--model={model}", "--label_set=celebamask_hq", "--flip")
    assert result.returncode == 0, result.stderr
    expected = FaceParser.load(model).flip_averaged().parse(np.array(Image.open(path)), "celebamask_hq")
    data = (tmp_path / "out/labels/a.png").read_bytes()
    np.testing.assert_array_equal(decode_label(data, "a"), expected)
