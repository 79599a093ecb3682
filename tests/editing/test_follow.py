"""Who is edited in a video, on real photographs in the public domain: astronaut Eileen Collins, Grace Hopper."""

from __future__ import annotations

from pathlib import Path

import cv2
import editors
import numpy as np
import pytest

import mgpe_tf
from mgpe_tf.data.alignment import transform
from mgpe_tf.data.detection import Face, MtcnnDetector
from mgpe_tf.data.images import read_image
from mgpe_tf.editing.portrait_editor import PortraitEditor
from mgpe_tf.editing.video.follow import SMOOTHING, Follower, similarity, smoothed
from mgpe_tf.errors import UserError
from mgpe_tf.parsing.faces import FaceFinder

EXAMPLES = Path(mgpe_tf.__file__).parent / "webapp" / "examples"
HEAD = 150
"""Side of a head that stands in a frame at size 1, in pixels."""


@pytest.fixture(scope="module")
def editor():
    return editors.shipped()


@pytest.fixture(scope="module")
def people(editor):
    """Square pictures of heads by name."""
    heads = {}
    for name in ("collins", "hopper"):
        photo = read_image(EXAMPLES / f"{name}.jpg")
        heads[name] = editor.read(photo).image
    return heads


def scene(people, *heads: tuple[str, int, int, float], back: int = 120) -> np.ndarray:
    """A gray frame [270, 480, 3] with heads: name, x and y of the middle, and size."""
    frame = np.full((270, 480, 3), back, np.uint8)
    for name, x, y, size in heads:
        side = round(HEAD * size)
        left, top = x - side // 2, y - side // 2
        frame[top : top + side, left : left + side] = cv2.resize(
            people[name], (side, side), interpolation=cv2.INTER_AREA
        )
    return frame


def places(editor, frames, which="largest") -> list:
    """Where the middle of the face is that is followed, in each frame: x, to ten pixels; None without."""
    follower = Follower(editor, which)
    found = []
    for portrait in map(follower.find, frames):
        middle = portrait and transform(portrait.alignment.inverse, np.array([[127.5, 127.5]]))[0, 0]
        found.append(middle and pytest.approx(middle, abs=10))
    return found


def test_somebody_who_enters_and_becomes_larger_is_not_edited(editor, people):
    """She moves, too; then she leaves, and the other one alone is nobody; she comes back."""
    frames = [
        scene(people, ("collins", 120, 100, 1.0)),
        scene(people, ("collins", 126, 104, 1.0), ("hopper", 360, 100, 0.9)),
        scene(people, ("collins", 134, 106, 1.0), ("hopper", 360, 140, 1.6)),
        scene(people, ("hopper", 340, 140, 1.6)),
        scene(people, ("hopper", 120, 100, 1.0)),
        scene(people, ("collins", 140, 110, 1.0), ("hopper", 340, 140, 1.6)),
    ]
    assert places(editor, frames) == [120, 126, 134, None, None, 140]


def test_a_number_is_looked_up_once(editor, people):
    """Hopper is the second from the left at first; later she is the first."""
    frames = [
        scene(people, ("collins", 100, 120, 1.2), ("hopper", 250, 120, 1.0)),
        scene(people, ("collins", 380, 120, 1.2), ("hopper", 250, 124, 1.0)),
    ]
    assert places(editor, frames, "2") == [250, 250]


def test_after_a_cut_she_is_found_by_her_looks(editor, people):
    """Elsewhere, smaller and darker, while somebody else is where she was before the cut."""
    frames = [
        scene(people, ("collins", 120, 120, 1.2)),
        scene(people, ("hopper", 120, 120, 1.2), ("collins", 380, 150, 0.9), back=30),
        scene(people, ("hopper", 120, 120, 1.2), back=200),
    ]
    frames[1] = (frames[1] * 0.8).astype(np.uint8)
    assert places(editor, frames) == [120, 380, None]


def test_no_face_yet_and_no_such_number(editor, people):
    empty, one = scene(people), scene(people, ("collins", 120, 120, 1.0))
    assert places(editor, [empty, one]) == [None, 120]
    assert places(editor, [one], "2") == [None]
    for which in ("all", "0", "-1", "left"):
        with pytest.raises(UserError, match=f"face: '{which}'; allowed in videos: largest"):
            Follower(editor, which)


class Counted(MtcnnDetector):
    """Counts the looks."""

    looks = 0

    def detect(self, image):
        """See ``Detector``."""
        self.looks += 1
        return super().detect(image)


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_once_a_face_was_found_its_turn_alone_is_looked_at_until_the_next_cut(editor, people, turns):
    """Also in the frames that do not show it."""
    counted = Counted()
    follower = Follower(PortraitEditor(editor.networks, editor.parser, FaceFinder(counted)))
    upright = [scene(people, ("collins", 120 + x, 120, 1.0)) for x in (0, 4)]
    frames = [*(np.rot90(frame, -turns) for frame in upright), np.rot90(scene(people), -turns)]
    found, looks = [], []
    for frame in [*frames, scene(people, ("collins", 300, 150, 1.0), back=220)]:
        counted.looks = 0
        found.append(follower.find(np.ascontiguousarray(frame)) is not None)
        looks.append(counted.looks)
    assert found == [True, True, False, True]
    assert looks == [4 if turns else 1, 1, 1, 1]


def test_similarity_of_people(editor, people):
    """One person in other light, and another one."""
    collins, hopper = (editor.read(head, aligned=True) for head in people.values())
    darker = editor.read((people["collins"] * [0.8, 0.9, 1.0]).astype(np.uint8), aligned=True)
    assert similarity(collins, collins) == pytest.approx(1)
    assert similarity(collins, darker) > 0.8 and similarity(collins, hopper) < 0.4


def test_landmarks_follow_slowly_but_not_to_another_face():
    base = np.array([(0.0, 0), (60, 0), (30, 40), (5, 70), (55, 70)])
    start, near, far = (Face((0, 0, 9, 9), base + (left, 0), 1.0) for left in (0, 2, 40))
    np.testing.assert_array_equal(smoothed(None, start), start.landmarks)
    np.testing.assert_allclose(smoothed(start.landmarks, near), base + (2 * (1 - SMOOTHING), 0))
    np.testing.assert_array_equal(smoothed(start.landmarks, far), far.landmarks)
