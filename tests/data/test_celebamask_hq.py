"""The official CelebAMask-HQ layout, on a small archive of the same form."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from mgpe_tf import labels
from mgpe_tf.config import DataConfig
from mgpe_tf.data.open import open_source
from mgpe_tf.errors import UserError

MAPPING = "idx\torig_idx\torig_file\n0\t119613\t119614.jpg\n2000\t162771\t162772.jpg\n2\t182638\t182639.jpg\n"


def part(rows, columns) -> np.ndarray:
    """A part mask as in the archive: RGB, white inside."""
    mask = np.zeros((16, 16, 3), np.uint8)
    mask[rows, columns] = 255
    return mask


PARTS = {
    "skin": part(slice(2, 14), slice(2, 14)),
    "hair": part(slice(0, 4), slice(0, 16)),
    "l_eye": part(slice(6, 8), slice(10, 12)),
    "r_eye": part(slice(6, 8), slice(4, 6)),
    "u_lip": part(slice(11, 12), slice(6, 10)),
    "neck": part(slice(14, 16), slice(4, 12)),
}


@pytest.fixture
def archive(tmp_path):
    (tmp_path / "CelebA-HQ-img").mkdir()
    (tmp_path / "CelebA-HQ-to-CelebA-mapping.txt").write_text(MAPPING)
    for number in (0, 2, 2000):
        colour = np.full((32, 32, 3), number // 10, np.uint8)
        Image.fromarray(colour).save(tmp_path / "CelebA-HQ-img" / f"{number}.jpg", quality=100)
        folder = tmp_path / "CelebAMask-HQ-mask-anno" / str(number // 2000)
        folder.mkdir(parents=True, exist_ok=True)
        for name, mask in PARTS.items():
            Image.fromarray(mask).save(folder / f"{number:05d}_{name}.png")
    return tmp_path


def config(archive) -> DataConfig:
    return DataConfig(layout="celebamask_hq", path=(str(archive),), resolution=16)


def test_the_split_is_celebas(archive):
    assert open_source(config(archive), "train").names == ("0",)
    assert open_source(config(archive), "validation").names == ("2000",)


def test_parts_become_helen_ids(archive):
    image, label = open_source(config(archive), "validation").load(0)
    assert image.shape == (16, 16, 3) and abs(int(image[5, 5, 0]) - 200) <= 1
    expected = np.zeros((16, 16), np.uint8)
    expected[2:14, 2:14] = labels.SKIN
    expected[:4] = labels.HAIR
    expected[6:8, 4:6], expected[6:8, 10:12] = labels.LEFT_EYE, labels.RIGHT_EYE
    expected[11, 6:10] = labels.UPPER_LIP
    np.testing.assert_array_equal(label, expected)


def test_missing_parts(archive):
    for file in (archive / "CelebAMask-HQ-mask-anno" / "0").glob("00000_*"):
        file.unlink()
    portraits = open_source(config(archive), "train")
    with pytest.raises(UserError, match="00000_skin.png: portrait 0 has no part masks"):
        portraits.load(0)


def test_parts_of_different_sizes(archive):
    Image.fromarray(PARTS["skin"][:8]).save(archive / "CelebAMask-HQ-mask-anno" / "0" / "00000_nose.png")
    with pytest.raises(UserError, match="different sizes"):
        open_source(config(archive), "train").load(0)


@pytest.mark.parametrize(("text", "words"), [(None, "there is no such file"), ("a\n0 1.5 2\n", "official file")])
def test_unfit_mapping(archive, text, words):
    mapping = archive / "CelebA-HQ-to-CelebA-mapping.txt"
    mapping.unlink() if text is None else mapping.write_text(text)
    with pytest.raises(UserError, match=f"mapping.txt: .*{words}"):
        open_source(config(archive), "train")
