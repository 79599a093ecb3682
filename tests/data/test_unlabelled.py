"""Folders of aligned portraits without labels."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from mgpe_tf.data.unlabelled import UnlabelledSource
from mgpe_tf.errors import UserError


@pytest.mark.parametrize("inside", ["", "images"])
def test_pictures_of_a_folder_by_name(tmp_path, inside):
    folder = tmp_path / inside
    folder.mkdir(exist_ok=True)
    pictures = {f"{name}.png": np.full((32, 32, 3), level, np.uint8) for name, level in (("b", 20), ("a", 90))}
    for name, picture in pictures.items():
        Image.fromarray(picture).save(folder / name)
    (folder / "notes.txt").write_text("x")
    Image.fromarray(pictures["b.png"]).save(folder / ".hidden.png")
    source = UnlabelledSource(tmp_path, 64)
    assert source.names == ("a.png", "b.png")
    for number, name in enumerate(source.names):
        image, mask = source.load(number)
        assert image.shape == (64, 64, 3) and mask.shape == (64, 64) and not mask.any()
        np.testing.assert_array_equal(image[0, 0], pictures[name][0, 0])


def test_what_does_not_fit(tmp_path):
    with pytest.raises(UserError, match="none: there is no such folder"):
        UnlabelledSource(tmp_path / "none", 64)
    with pytest.raises(UserError, match=r"no pictures; allowed: \.jpg"):
        UnlabelledSource(tmp_path, 64)
    Image.new("RGB", (32, 48)).save(tmp_path / "long.png")
    with pytest.raises(UserError, match=r"long\.png: 32 x 48 pixels; allowed for an aligned portrait: squares"):
        UnlabelledSource(tmp_path, 64).load(0)
