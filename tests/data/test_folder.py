"""The plain layout, and what all sources of files share."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from mgpe_tf import labels
from mgpe_tf.config import DataConfig
from mgpe_tf.data import images
from mgpe_tf.data.open import open_source
from mgpe_tf.errors import UserError

IMAGE = np.random.default_rng(0).integers(0, 256, (24, 24, 3), np.uint8)
MASK = np.zeros((24, 24), np.uint8)
MASK[4:20, 4:20] = labels.SKIN
MASK[8:10, 6:9], MASK[8:10, 14:17] = labels.LEFT_EYE, labels.RIGHT_EYE


def write(folder, name, image=IMAGE, label=MASK):
    """Writes a portrait; None leaves the file out."""
    for kind, array in (("images", image), ("labels", label)):
        (folder / kind).mkdir(parents=True, exist_ok=True)
        if array is not None:
            Image.fromarray(array).save(folder / kind / f"{name}.png")
    return folder


def open_folder(*paths, resolution=24, label_set=("helen",)):
    data = DataConfig(layout="folder", path=tuple(map(str, paths)), label_set=label_set, resolution=resolution)
    return open_source(data, "train")


def test_portraits_are_paired_by_name_and_sorted(tmp_path):
    write(tmp_path, "b", 255 - IMAGE)
    write(tmp_path, "a")
    for other in ("images/notes.txt", "images/.DS_Store", "labels/.hidden.png"):
        (tmp_path / other).write_text("no image")
    portraits = open_folder(tmp_path)
    assert portraits.names == ("a", "b") and len(portraits) == 2
    assert portraits.others == (str(tmp_path / "images/notes.txt"),)
    for index, expected in enumerate((IMAGE, 255 - IMAGE)):
        image, label = portraits.load(index)
        np.testing.assert_array_equal(image, expected)
        np.testing.assert_array_equal(label, MASK)
        assert image.dtype == label.dtype == np.uint8


def test_labels_are_converted_and_put_in_order(tmp_path):
    subject_left = MASK[:, ::-1].copy()  # CelebAMask-HQ's l_eye (4) is on the viewer's right: this order is right
    write(tmp_path, "a", label=subject_left)
    write(tmp_path, "b", label=MASK)
    portraits = open_folder(tmp_path, label_set=("celebamask_hq",))
    for index, stored in enumerate((subject_left, MASK)):
        label = portraits.load(index)[1]
        columns = [np.nonzero(label == eye)[1].mean() for eye in (labels.LEFT_EYE, labels.RIGHT_EYE)]
        assert columns[0] < 12 < columns[1]
        np.testing.assert_array_equal(label > 1, stored > 1)


@pytest.mark.parametrize("name", ["celebamask_hq", "bisenet"])
def test_labels_in_the_colours_of_their_label_set(name, tmp_path):
    ids = np.repeat(np.arange(19, dtype=np.uint8), 4)[None].repeat(76, 0)
    palette = Image.fromarray(ids)
    palette.putpalette(labels.legend(name).tobytes())
    write(tmp_path, "a", np.zeros((76, 76, 3), np.uint8), labels.legend(name)[ids])
    write(tmp_path, "b", np.zeros((76, 76, 3), np.uint8), ids)
    palette.save(tmp_path / "labels" / "b.png")
    source = open_folder(tmp_path, label_set=(name,), resolution=76)
    for index in range(2):
        np.testing.assert_array_equal(source.read_label(index), labels.to_helen(ids, name))


def test_resizing(tmp_path):
    write(tmp_path, "a")
    image, label = open_folder(tmp_path, resolution=8).load(0)
    means = IMAGE.reshape(8, 3, 8, 3, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(image, means, atol=0.51)
    np.testing.assert_array_equal(label, MASK[1::3, 1::3])  # the middle pixel of every 3x3 block
    image, label = open_folder(tmp_path, resolution=48).load(0)
    assert image.shape == (48, 48, 3)
    np.testing.assert_array_equal(label, MASK.repeat(2, 0).repeat(2, 1))


@pytest.mark.parametrize(
    ("image", "label", "words"),
    [
        (IMAGE, None, r"a.png: image without a label: add labels/a.png"),
        (None, MASK, r"a.png: label without an image"),
    ],
)
def test_files_without_partner(tmp_path, image, label, words):
    write(write(tmp_path, "ok"), "a", image, label)
    with pytest.raises(UserError, match=words + ".*check_data"):
        open_folder(tmp_path)


def test_names_that_occur_twice(tmp_path):
    write(tmp_path, "a")
    Image.fromarray(IMAGE).save(tmp_path / "images" / "a.jpg")
    with pytest.raises(UserError, match=r"a.png: has the name of a.jpg"):
        open_folder(tmp_path)


def test_empty_and_missing_folders(tmp_path):
    with pytest.raises(UserError, match=r"images: there is no such folder"):
        open_folder(tmp_path)
    write(tmp_path, "a", None, None)
    with pytest.raises(UserError, match=r"images: no images; allowed: .jpg"):
        open_folder(tmp_path)
    (tmp_path / "prepare.json").touch()
    for part, share in (("val", "larger --val_share; 0.4"), ("train", "smaller --val_share")):
        write(tmp_path / part, "a", None, None)
        with pytest.raises(UserError, match=f"{part}/images: prepare put no portraits there; .* {share}"):
            open_folder(tmp_path / part)


@pytest.mark.parametrize(
    ("image", "label", "words"),
    [
        (IMAGE, MASK[:12, :12], r"labels/a.png: 12 x 12 pixels; allowed: 24 x 24 as a.png"),
        (IMAGE[:12], MASK[:12], r"a: image of 24 x 12 pixels; allowed: squares"),
        (IMAGE, MASK * 80, r"labels/a.png: label values 64 .*80 .* outside label set 'helen'"),
        (IMAGE, IMAGE, r"labels/a.png: .* in colours far from the legend's"),
    ],
)
def test_unfit_files_are_found_on_loading(tmp_path, image, label, words):
    write(tmp_path, "a", image, label)
    portraits = open_folder(tmp_path)
    with pytest.raises(UserError, match=words):
        portraits.load(0)


def test_listing_decodes_nothing(tmp_path):
    for kind in ("images", "labels"):
        (tmp_path / kind).mkdir()
        (tmp_path / kind / "a.png").write_text("not an image")
    assert open_folder(tmp_path).names == ("a",)


def test_folders_are_joined_each_with_its_label_set(tmp_path):
    write(tmp_path / "one", "a")
    write(tmp_path / "one", "b", 255 - IMAGE)
    write(tmp_path / "two, cut", "a", IMAGE // 2, np.where(MASK == labels.SKIN, 13, 0).astype(np.uint8))
    folders = tmp_path / "one", tmp_path / "two, cut"
    joined = open_folder(*folders, label_set=("helen", "celebamask_hq"))
    assert joined.names == tuple(f"{tmp_path}/{name}" for name in ("one/a", "one/b", "two, cut/a"))
    for index, expected in enumerate((IMAGE, 255 - IMAGE, IMAGE // 2)):
        np.testing.assert_array_equal(joined.load(index)[0], expected)
    assert set(np.unique(joined.load(1)[1])) == set(np.unique(MASK))
    assert set(np.unique(joined.load(2)[1])) == {labels.BACKGROUND, labels.HAIR}
    with pytest.raises(UserError, match="2 label sets for 1 folders; allowed: one for all, or one for each"):
        open_folder(tmp_path / "one", label_set=("helen", "helen"))
    (tmp_path / "two, cut/labels/a.png").unlink()
    write(tmp_path / "two, cut", "c")
    with pytest.raises(UserError, match="two, cut.*a.*image without a label"):
        open_folder(*folders)


def test_folders_that_python_code_gives_as_text_are_read_as_in_earlier_versions(tmp_path):
    write(tmp_path / "one", "a")
    write(tmp_path / "two", "a")
    data = DataConfig(layout="folder", path=f"{tmp_path}/one,{tmp_path}/two", label_set="helen", resolution=24)
    assert open_source(data, "train").names == (f"{tmp_path}/one/a", f"{tmp_path}/two/a")


@pytest.mark.parametrize(
    ("data", "split", "words"),
    [
        (DataConfig(layout="folder"), "train", r"data.path: empty"),
        (DataConfig(layout="folder", path=("x",)), "validation", r"data.validation_path: empty"),
        (DataConfig(layout="tfrecord", path=("no/such",)), "train", r"data.path: there is no folder no.such"),
        (
            DataConfig(layout="foldr", path=(".",)),
            "train",
            r"data.layout is 'foldr'; .*: did you mean 'folder'",
        ),
        (DataConfig(layout="folder", path=(".",), label_set=("x",)), "train", r"label_set: 'x' is unknown"),
    ],
)
def test_config_mistakes_name_the_field(data, split, words):
    with pytest.raises(UserError, match=words):
        open_source(data, split)


def test_synthetic_splits_have_no_portrait_in_common():
    data = DataConfig(layout="synthetic", resolution=32, synthetic_size=5, validation_size=3)
    train, validation = open_source(data, "train"), open_source(data, "validation")
    assert (len(train), len(validation)) == (5, 3)
    assert not set(train.names) & set(validation.names)


def test_written_labels_can_be_read_back(tmp_path):
    write(tmp_path, "a", label=None)
    images.write_label(tmp_path / "labels" / "a.png", MASK)
    np.testing.assert_array_equal(open_folder(tmp_path).load(0)[1], MASK)
