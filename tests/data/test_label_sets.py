"""A folder says whose ids its labels hold, and labels that are read by the wrong set are noticed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mgpe_tf import labels
from mgpe_tf.config import DataConfig
from mgpe_tf.data.label_sets import DESCRIPTION, SAMPLE, describe_folder, label_set_of, misfit, stated
from mgpe_tf.data.open import merging, open_layout, open_source, require_sound, with_label_sets
from mgpe_tf.data.synthetic import draw_portrait
from mgpe_tf.errors import UserError

MASKS = [draw_portrait(seed, 64)[1] for seed in range(12)]
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def in_ids_of(mask: np.ndarray, name: str) -> np.ndarray:
    """A Helen mask in the ids of another label set."""
    to_helen = labels.LABEL_SETS[name].to_helen
    return np.array([to_helen.index(i) for i in range(labels.NUM_CLASSES)], np.uint8)[mask]


def write_folder(folder: Path, name: str, described: bool = False) -> Path:
    """Synthetic portraits in the layout "folder" with labels in ids of a label set."""
    for part in ("images", "labels"):
        (folder / part).mkdir(parents=True)
    for i, mask in enumerate(MASKS):
        Image.fromarray(labels.colourise(mask)).save(folder / "images" / f"{i}.png")
        Image.fromarray(in_ids_of(mask, name)).save(folder / "labels" / f"{i}.png")
    if described:
        describe_folder(folder, name)
    return folder


@pytest.mark.parametrize("stored", labels.LABEL_SETS)
@pytest.mark.parametrize("wanted", labels.LABEL_SETS)
@pytest.mark.parametrize("count", [3, 12])
def test_labels_that_are_read_by_the_wrong_set_are_noticed_and_the_right_one_named(stored, wanted, count):
    line = misfit(Path("DATA"), wanted, count, lambda index: in_ids_of(MASKS[index], stored))
    if labels.LABEL_SETS[stored].to_helen == labels.LABEL_SETS[wanted].to_helen:
        assert line == ""
    else:
        named = "helen" if stored == "lapa" else stored
        assert line.startswith(f"DATA: read as {wanted!r}, {count} of its labels have ") and "\n" not in line
        assert line.endswith(f"give --label_set={named} (in training --config.data.label_set={named})")


def test_the_line_says_what_is_not_as_in_a_face():
    line = misfit(Path("DATA"), "bisenet", 12, lambda index: MASKS[index])
    assert "the left eye right of the right eye" in line and "no upper lip" in line
    assert "ids beyond 10" in misfit(Path("D"), "helen", 12, lambda index: in_ids_of(MASKS[index], "bisenet"))


def test_faces_of_few_parts_mirrored_faces_and_unfit_files_are_no_misfit():
    def read(index):
        mask = MASKS[index].copy()
        if index % 4 == 0:
            raise UserError("unfit")
        if index % 4 == 1:
            mask[mask != labels.HAIR] = 0
        return mask[:, ::-1] if index % 4 == 2 else mask

    assert misfit(Path("DATA"), "helen", 12, read) == ""
    assert misfit(Path("DATA"), "helen", 12, lambda index: np.zeros((8, 8), np.uint8)) == ""
    assert misfit(Path("DATA"), "helen", 12, lambda index: np.full((8, 8), 255, np.uint8)) == ""


def test_large_sets_are_sampled():
    seen = []
    assert misfit(Path("DATA"), "helen", 10**6, lambda index: seen.append(index) or MASKS[0]) == ""
    assert len(seen) == SAMPLE and (seen[0], seen[-1]) == (0, 10**6 - 1)


def test_what_a_folder_says_of_itself(tmp_path):
    assert stated(tmp_path) == "" and label_set_of("folder", tmp_path, "") == "helen"
    assert label_set_of("folder", tmp_path, "lapa") == "lapa"
    describe_folder(tmp_path, "celebamask_hq")
    assert json.loads((tmp_path / DESCRIPTION).read_text())["label_set"] == "celebamask_hq"
    assert label_set_of("folder", tmp_path, "") == label_set_of("folder", tmp_path, "celebamask_hq") == "celebamask_hq"
    with pytest.raises(UserError, match=f"'helen' for {tmp_path}, but .*dataset.json says 'celebamask_hq'; leave"):
        label_set_of("folder", tmp_path, "helen")
    with pytest.raises(UserError, match="label_set is 'celebamask_hq'; allowed with layout 'helen': helen"):
        label_set_of("helen", tmp_path, "celebamask_hq")


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"label_set": 3}', '{"label_set": "celeba"}', "\x00", '"' * 9])
def test_a_damaged_description_is_named(tmp_path, text):
    (tmp_path / DESCRIPTION).write_text(text)
    with pytest.raises(UserError, match=r"dataset.json: names no label set; allowed: .*helen, celebamask_hq") as error:
        stated(tmp_path)
    assert "\n" not in str(error.value)


def test_a_described_folder_is_read_as_it_says(tmp_path):
    folder = write_folder(tmp_path / "a", "bisenet", described=True)
    source = open_layout("folder", folder, "", 64)
    require_sound(source)
    np.testing.assert_array_equal(source.load(source.names.index("3"))[1], MASKS[3])
    with pytest.raises(UserError, match="says 'bisenet'"):
        open_layout("folder", folder, "helen", 64)


def test_an_undescribed_folder_is_read_by_the_set_that_fits(tmp_path):
    folder = write_folder(tmp_path / "a", "celebamask_hq")
    for wanted in ("", "bisenet"):
        source = open_layout("folder", folder, wanted, 64)
        with pytest.raises(UserError, match="--config.data.label_set=celebamask_hq"):
            require_sound(source)
    require_sound(open_layout("folder", folder, "celebamask_hq", 64))


def test_each_of_several_folders_says_its_own(tmp_path):
    folders = [write_folder(tmp_path / name, name, described=True) for name in ("bisenet", "helen")]
    data = DataConfig(layout="folder", path=tuple(map(str, folders)), resolution=64)
    source = open_source(data, "train")
    assert len(source) == 24
    np.testing.assert_array_equal(source.load(0)[1], source.load(12)[1])
    assert with_label_sets(data).label_set == ("bisenet", "helen")
    data.path = data.path[:1]
    assert with_label_sets(data).label_set == ("bisenet",)
    data.layout = "packed"
    assert with_label_sets(data).label_set == ()


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs CelebAMask-HQ and Helen")
@pytest.mark.parametrize(("folder", "name"), [("celebamask_hq_256", "celebamask_hq"), ("helen_star_256", "helen")])
def test_real_portraits(folder, name):
    for wanted in labels.LABEL_SETS:
        problems = open_layout("folder", SHARED / folder / "val", wanted, 64).problems
        fits = labels.LABEL_SETS[wanted].to_helen == labels.LABEL_SETS[name].to_helen
        assert problems == () if fits else f"--label_set={name} " in problems[0]


@pytest.mark.parametrize(
    ("label_sets", "expected"),
    [
        (("helen", "celebamask_hq", "helen"), ["a"]),
        (("helen",), ["a", "b"]),
        (("lapa", "bisenet", "lapa"), ["a"]),
        (("celebamask_hq",), []),
        ((), []),
    ],
)
def test_folders_whose_labels_merge_parts(label_sets, expected):
    assert merging(DataConfig(path=("a", "b", "a"), label_set=label_sets)) == expected
