"""The Helen layout of Smith et al., on a small archive of the same form."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from mgpe_tf import labels
from mgpe_tf.config import DataConfig
from mgpe_tf.data.open import open_source
from mgpe_tf.errors import UserError

HEIGHT, WIDTH = 12, 20
LISTS = {"exemplars.txt": ["100_1", "101_1"], "tuning.txt": ["102_1"], "testing.txt": ["103_1"]}


def channels(face_column: int) -> np.ndarray:
    """Soft channels [11, H, W]: a face of six columns, hair above it, an unsure border."""
    soft = np.zeros((labels.NUM_CLASSES, HEIGHT, WIDTH), np.uint8)
    soft[labels.SKIN, 4:10, face_column : face_column + 6] = 200
    soft[labels.NOSE, 6:8, face_column + 2 : face_column + 4] = 201
    soft[labels.HAIR, 1:4, face_column : face_column + 6] = 90
    soft[labels.BACKGROUND] = 100
    soft[labels.BACKGROUND, 4:10, face_column : face_column + 6] = 55
    return soft


@pytest.fixture
def archive(tmp_path):
    (tmp_path / "images").mkdir()
    columns = np.tile(np.arange(WIDTH, dtype=np.uint8)[None, :, None] * 10, (HEIGHT, 1, 3))
    for file, names in LISTS.items():
        (tmp_path / file).write_text("".join(f"{i + 1} , {name}\n" for i, name in enumerate(names)) + "\n")
        for name in names:
            Image.fromarray(columns).save(tmp_path / "images" / f"{name}.jpg", quality=100)
            (tmp_path / "labels" / name).mkdir(parents=True)
            for i, channel in enumerate(channels(12 if name == "103_1" else 5)):
                Image.fromarray(channel).save(tmp_path / "labels" / name / f"{name}_lbl{i:02d}.png")
    return tmp_path


def config(archive) -> DataConfig:
    return DataConfig(layout="helen", path=(str(archive),), resolution=HEIGHT)


def test_the_lists_are_the_split(archive):
    assert open_source(config(archive), "train").names == ("100_1", "101_1", "102_1")
    assert open_source(config(archive), "validation").names == ("103_1",)


@pytest.mark.parametrize(("split", "face", "left"), [("train", 5, 1), ("validation", 12, 8)])
def test_surest_class_in_the_square_around_the_face(archive, split, face, left):
    image, label = open_source(config(archive), split).load(0)
    expected = np.argmax(channels(face), axis=0)[:, left : left + HEIGHT]
    np.testing.assert_array_equal(label, expected)
    assert set(np.unique(label)) == {labels.BACKGROUND, labels.SKIN, labels.NOSE}
    np.testing.assert_allclose(image[0, :, 0], np.arange(left, left + HEIGHT) * 10, atol=3)


def test_missing_channel_is_named(archive):
    (archive / "labels" / "100_1" / "100_1_lbl07.png").unlink()
    with pytest.raises(UserError, match="100_1_lbl07.png: there is no such file"):
        open_source(config(archive), "train").load(0)


def test_photograph_of_another_size(archive):
    Image.new("RGB", (30, 30)).save(archive / "images" / "100_1.jpg")
    with pytest.raises(UserError, match="100_1: .*differ in size"):
        open_source(config(archive), "train").load(0)


@pytest.mark.parametrize(
    ("text", "words"), [("", "empty"), ("100_1\n", "the line '100_1'"), ("1 , ../100_1\n", "allowed: 'number , name'")]
)
def test_unfit_lists(archive, text, words):
    (archive / "testing.txt").write_text(text)
    with pytest.raises(UserError, match=f"testing.txt: .*{words}"):
        open_source(config(archive), "validation")
