"""Nineteen classes and Helen's eleven of one parser, over networks whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from mgpe_tf import labels
from mgpe_tf.errors import UserError
from mgpe_tf.labels import CELEBAMASK_HQ_NAMES as NAMES
from mgpe_tf.models.face_parser import FaceParser

SIZE = 8
PORTRAIT = np.zeros((SIZE, SIZE, 3), np.uint8)


def always(**shares: float) -> FaceParser:
    """A parser that gives some parts these probabilities everywhere."""
    probabilities = np.zeros(len(NAMES), np.float32)
    for name, share in shares.items():
        probabilities[NAMES.index(name)] = share
    return FaceParser(
        lambda images: np.broadcast_to(probabilities, (*images.shape[:3], len(NAMES))), SIZE, label_set="celebamask_hq"
    )


def test_merged_classes_win_by_their_sum():
    parser = always(hair=0.4, neck=0.2, cloth=0.2, l_ear=0.2)
    assert set(parser.parse(PORTRAIT).ravel()) == {labels.BACKGROUND}  # 0.6, none of which is above 0.2
    assert set(parser.parse(PORTRAIT, "celebamask_hq").ravel()) == {NAMES.index("hair")}
    assert_allclose(parser.confidence(PORTRAIT), np.full((SIZE, SIZE), 0.6), atol=1e-6)
    assert_allclose(parser.confidence(PORTRAIT, "celebamask_hq"), np.full((SIZE, SIZE), 0.4), atol=1e-6)


def test_glasses_count_as_skin():
    probabilities = always(eye_g=0.5, skin=0.125, hair=0.375).probabilities(PORTRAIT[None])
    assert_allclose(probabilities[0, 0, 0], np.eye(11)[labels.SKIN] * 0.625 + np.eye(11)[labels.HAIR] * 0.375)


def test_sums_follow_the_table_of_the_label_set():
    random = np.random.default_rng(0).dirichlet(np.ones(len(NAMES)), (1, SIZE, SIZE)).astype(np.float32)
    parser = FaceParser(lambda images: random, SIZE, label_set="celebamask_hq")
    expected = np.zeros((1, SIZE, SIZE, labels.NUM_CLASSES))
    np.add.at(expected, (..., list(labels.LABEL_SETS["celebamask_hq"].to_helen)), random)
    found = parser.probabilities(PORTRAIT[None])
    assert found.dtype == np.float32
    assert_allclose(found, expected, atol=1e-6)
    assert_array_equal(parser.probabilities(PORTRAIT[None], "celebamask_hq"), random)
    confidence = parser.confidence(np.zeros((2 * SIZE, 2 * SIZE, 3), np.uint8))
    assert confidence.dtype == np.float32
    assert_allclose(confidence, expected[0].max(-1).repeat(2, 0).repeat(2, 1), atol=1e-6)
    assert parser.probabilities(PORTRAIT[None][:0]).shape == (0, SIZE, SIZE, 11)
    assert parser.probabilities(PORTRAIT[None][:0], "celebamask_hq").shape == (0, SIZE, SIZE, 19)


def test_mirror_images_exchange_the_nineteen_classes():
    """A network that reads the left ear wherever the picture is bright, and the nose elsewhere."""
    left, right, nose = (NAMES.index(name) for name in ("l_ear", "r_ear", "nose"))
    parser = FaceParser(
        lambda images: np.eye(19, dtype=np.float32)[np.where(images[..., 0] > 0, left, nose)],
        SIZE,
        label_set="celebamask_hq",
    )
    portrait = PORTRAIT.copy()
    portrait[:, :2] = 255
    averaged = parser.flip_averaged()
    found = averaged.probabilities(portrait[None], "celebamask_hq")[0, 0]
    assert_allclose(found[0, [left, right, nose]], [0.5, 0.5, 0])
    assert_allclose(found[-1, [left, right, nose]], [0, 0, 1])
    assert_allclose(averaged.probabilities(portrait[None])[0, 0, 0], np.eye(11)[labels.BACKGROUND])


def test_a_parser_of_eleven_classes_does_not_know_nineteen():
    parser = FaceParser(lambda images: np.zeros((*images.shape[:3], 11), np.float32), SIZE)
    for ask in (parser.parse, parser.confidence, parser.flip_averaged().parse):
        with pytest.raises(
            UserError, match="reads helen, not celebamask_hq; a parser of nineteen classes does: the bundled"
        ):
            ask(PORTRAIT, "celebamask_hq")
    with pytest.raises(UserError, match="'lapa' is read by no parser; allowed: helen, celebamask_hq"):
        parser.parse(PORTRAIT, "lapa")
