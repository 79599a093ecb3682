"""Labels of data sets that know different classes: ids, losses, sources."""

from __future__ import annotations

import numpy as np
import pytest
from keras import ops
from PIL import Image

from mgpe_tf import labels, losses
from mgpe_tf.config import DataConfig
from mgpe_tf.data.open import open_source
from mgpe_tf.errors import UserError
from mgpe_tf.labels import CELEBAMASK_HQ_NAMES as PARTS
from mgpe_tf.labels import PARTIAL_FLIPPED, PARTIAL_HELEN, PARTIAL_PARTS, PARTIAL_TO_HELEN, UNLABELLED
from mgpe_tf.ops.classes import to_helen

RANDOM = np.random.default_rng(0)
LOGITS = RANDOM.normal(size=(2, 4, 5, len(PARTS))).astype("float32")


def helen(name: str) -> int:
    return PARTIAL_HELEN + labels.HELEN_NAMES.index(name)


def test_what_an_id_may_be():
    def parts(value):
        return {name for name, possible in zip(PARTS, PARTIAL_PARTS[value]) if possible}

    assert parts(PARTS.index("hat")) == {"hat"}
    assert parts(helen("skin")) == {"skin", "eye_g"}
    assert parts(helen("left_eye")) == {"r_eye"}
    assert parts(helen("background")) == {"background", "l_ear", "r_ear", "hat", "ear_r", "neck_l", "neck", "cloth"}
    assert parts(UNLABELLED) == set(PARTS)


def test_every_label_set_becomes_partial_ids_that_say_the_same():
    for name, known in labels.LABEL_SETS.items():
        ids = np.arange(len(known.names), dtype=np.uint8)[None]
        partial = labels.to_partial(ids, name)
        np.testing.assert_array_equal(np.array(PARTIAL_TO_HELEN)[partial], labels.to_helen(ids, name))
    assert labels.to_partial(np.array([[2, 18]]), "bisenet").tolist() == [[PARTS.index("l_brow"), PARTS.index("hat")]]
    with pytest.raises(UserError, match=r"label value 19 .* outside label set 'celebamask_hq'"):
        labels.to_partial(np.array([[19]]), "celebamask_hq")


def test_mirror_images():
    assert [PARTIAL_FLIPPED[i] for i in PARTIAL_FLIPPED] == list(range(UNLABELLED + 1))
    assert PARTIAL_FLIPPED[PARTS.index("l_ear")] == PARTS.index("r_ear")
    assert PARTIAL_FLIPPED[helen("left_brow")] == helen("right_brow")
    for value, other in enumerate(PARTIAL_FLIPPED):  # what it may be is what its mirror image may be, mirrored
        np.testing.assert_array_equal(PARTIAL_PARTS[value][list(labels.PARTS_FLIPPED)], PARTIAL_PARTS[other])


@pytest.mark.parametrize(("left", "right"), [("r_eye", "l_eye"), ("r_ear", "l_ear")])
def test_parts_that_are_exchanged_are_put_in_order(left, right):
    ordered = np.array([[PARTS.index(left), 0, PARTS.index(right)]], np.uint8)
    np.testing.assert_array_equal(labels.order_left_right(ordered, partial=True), ordered)
    np.testing.assert_array_equal(labels.order_left_right(ordered[:, ::-1], partial=True), ordered)


def test_the_loss_of_known_parts_is_the_cross_entropy():
    mask = RANDOM.integers(0, len(PARTS), LOGITS.shape[:3])
    found, wanted = losses.partial_parsing_loss(mask, LOGITS), losses.parsing_loss(mask, LOGITS)
    np.testing.assert_allclose(float(found), float(wanted), rtol=1e-5)
    np.testing.assert_allclose(
        float(losses.partial_dice_loss(mask, LOGITS)), float(losses.dice_loss(mask, LOGITS)), rtol=1e-5
    )


def test_the_loss_of_merged_parts_is_that_of_their_sum():
    mask = RANDOM.integers(0, labels.NUM_CLASSES, LOGITS.shape[:3])
    merged = np.asarray(to_helen(ops.softmax(LOGITS)))
    np.testing.assert_allclose(merged.sum(-1), 1, rtol=1e-5)
    wanted = -np.log(np.take_along_axis(merged, mask[..., None], -1)).mean()
    np.testing.assert_allclose(float(losses.partial_parsing_loss(mask + PARTIAL_HELEN, LOGITS)), wanted, rtol=1e-5)


def test_unlabelled_pixels_count_for_nothing():
    mask = np.full(LOGITS.shape[:3], UNLABELLED)
    np.testing.assert_allclose(float(losses.partial_parsing_loss(mask, LOGITS)), 0, atol=1e-6)
    mask[0], half = RANDOM.integers(0, len(PARTS), mask[0].shape), LOGITS.copy()
    before = float(losses.partial_dice_loss(mask, half))
    half[1] = RANDOM.normal(size=half[1].shape)
    assert float(losses.partial_dice_loss(mask, half)) == before


def test_a_source_keeps_what_its_label_set_knows(tmp_path):
    label = np.zeros((32, 32), np.uint8)
    label[:, 8:24], label[20:] = 1, 17  # skin, neck
    for kind, array in (("images", np.zeros((32, 32, 3), np.uint8)), ("labels", label)):
        (tmp_path / kind).mkdir()
        Image.fromarray(array).save(tmp_path / kind / "a.png")
    data = DataConfig(layout="folder", path=(str(tmp_path),), label_set=("celebamask_hq",), resolution=32)
    np.testing.assert_array_equal(open_source(data, "train", partial=True).load(0)[1], label)
    assert set(np.unique(open_source(data, "train").load(0)[1])) == {0, 1}
    two = DataConfig(layout="folder", path=(str(tmp_path),) * 2, label_set=("celebamask_hq", "bisenet"), resolution=32)
    source = open_source(two, "train", partial=True)
    assert source.partial and set(np.unique(source.load(1)[1])) == {0, 1, PARTS.index("hair")}
    drawn = open_source(DataConfig(layout="synthetic", synthetic_size=1, resolution=32), "train", partial=True)
    assert drawn.load(0)[1].min() >= PARTIAL_HELEN
