"""The face parser as users call it, over a network whose answer is known; its stored forms: tests/export."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from red_parser import CLASSES, PARSER, picture

from mgpe_tf.errors import UserError
from mgpe_tf.models.face_parser import FaceParser


def test_a_portrait_of_its_own_size():
    mask = PARSER.parse(picture(CLASSES))
    assert mask.dtype == np.uint8
    np.testing.assert_array_equal(mask, CLASSES)


def test_a_larger_portrait_gives_a_mask_of_its_size():
    np.testing.assert_array_equal(
        PARSER.parse(picture(CLASSES.repeat(3, 0).repeat(3, 1))), CLASSES.repeat(3, 0).repeat(3, 1)
    )


def test_a_smaller_portrait_gives_a_mask_of_its_size():
    halves = np.array([[2] * 2 + [7] * 2] * 4, np.uint8)
    mask = PARSER.parse(picture(halves))
    assert mask.shape == (4, 4)
    np.testing.assert_array_equal(mask[:, [0, 3]], halves[:, [0, 3]])  # cubic enlargement swings at the edge


def test_no_images_give_no_probabilities():
    assert PARSER.probabilities(np.zeros((0, 8, 8, 3), np.uint8)).shape == (0, 8, 8, 11)


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (np.zeros((1, 8, 8, 3), np.float32), "float32 of shape .*allowed: uint8 .B, 8, 8, 3."),
        (np.zeros((8, 8, 3), np.uint8), "shape .8, 8, 3."),
        (np.zeros((1, 9, 9, 3), np.uint8), "shape .1, 9, 9, 3."),
    ],
)
def test_images_of_another_kind(images, words):
    with pytest.raises(UserError, match=words):
        PARSER.probabilities(images)


@pytest.mark.parametrize(
    ("portrait", "words"),
    [
        (np.zeros((8, 6, 3), np.uint8), "portrait: 6 x 8 pixels; allowed: squares; align .*mgpe_tf.prepare"),
        (np.zeros((8, 8), np.uint8), "uint8 of shape .8, 8.; allowed: uint8 RGB"),
        (np.zeros((8, 8, 3)), "float64"),
        (np.zeros((0, 0, 3), np.uint8), "0 x 0 pixels"),
    ],
)
def test_portraits_of_another_kind(portrait, words):
    with pytest.raises(UserError, match=words):
        PARSER.parse(portrait)


def test_a_path_without_a_parser(tmp_path):
    with pytest.raises(UserError, match="nowhere: there is no such parser; allowed: a run folder"):
        FaceParser.load(tmp_path / "nowhere")


def test_the_package_offers_it_lightly():
    code = """
import sys, mgpe_tf
assert "FaceParser" in dir(mgpe_tf)
assert mgpe_tf.FaceParser.__name__ == "FaceParser"
assert not {"tensorflow", "keras"} & set(sys.modules)
try:
    mgpe_tf.FacePraser
except AttributeError as error:
    print(error)
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "module 'mgpe_tf' has no attribute 'FacePraser'\n"
