"""Faces in photographs that lie any way up, and what looks like one to the detector alone."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from astronaut import LANDMARKS
from similarity import similarity_matrix

from mgpe_tf import labels
from mgpe_tf.data.alignment import align, template_at, transform
from mgpe_tf.data.detection import Face, choose
from mgpe_tf.data.images import read_image
from mgpe_tf.errors import UserError
from mgpe_tf.models.face_parser import FaceParser
from mgpe_tf.parsing.faces import PARTS, FaceFinder, turned_back
from mgpe_tf.webapp import EXAMPLES

SIZE = 64
CORNERS = np.array([(0, 0), (255, 0), (0, 255), (255, 255)])


def by_palette(images: np.ndarray) -> np.ndarray:
    """A parser that takes every pixel for the class of the nearest colour."""
    levels = (images[..., None, :] + 1) * 127.5 - labels.PALETTE.astype(np.float32)
    return np.eye(labels.NUM_CLASSES, dtype=np.float32)[np.square(levels).sum(-1).argmin(-1)]


def drawn_mask() -> np.ndarray:
    """Skin all over, and the parts of a face as disks where the template has its landmarks."""
    mask = np.full((SIZE, SIZE), labels.SKIN, np.uint8)
    *parts, left, right = template_at(SIZE)
    for (x, y), label in zip([*parts, (left + right) / 2], (labels.LEFT_EYE, labels.RIGHT_EYE, labels.NOSE, 7)):
        cv2.circle(mask, (round(x), round(y)), 4, label, -1)
    return mask


MASK = drawn_mask()


class Claims:
    """A detector that has an answer for a photograph and each of its quarter turns; a white corner says which."""

    def __init__(self, *faces: list[Face]):
        self.faces, self.calls = faces, 0

    def detect(self, image):
        """See ``Detector``."""
        self.calls += 1
        corners = [image[0, 0], image[0, -1], image[-1, -1], image[-1, 0]]
        turns = [int(corner.sum()) for corner in corners].index(765)
        return list(self.faces[turns]) if turns < len(self.faces) else []


def photograph(mask: np.ndarray = MASK) -> np.ndarray:
    """A mask's colours, twice as large, with a white corner at the top left."""
    photo = labels.colourise(mask).repeat(2, 0).repeat(2, 1)
    photo[0, 0] = 255
    return photo


def face_of(points: np.ndarray, score: float = 1.0) -> Face:
    return Face((*points.min(0).tolist(), *np.ptp(points, 0).tolist()), points, score)


UPRIGHT = (template_at(SIZE) + 0.5) * 2 - 0.5


def found(*claims: list[Face], mask: np.ndarray = MASK) -> tuple[list[Face], int]:
    """What is found where a detector sees these faces in the quarter turns of a photograph, and its calls."""
    claiming = Claims(*claims)
    return FaceFinder(claiming, FaceParser(by_palette, SIZE)).detect(photograph(mask)), claiming.calls


def without(*parts: int) -> np.ndarray:
    return np.where(np.isin(MASK, parts), labels.SKIN, MASK).astype(np.uint8)


def test_a_face_that_agrees_is_taken_at_once():
    face = face_of(UPRIGHT)
    assert found([face]) == ([face], 1)


def test_what_the_parser_does_not_see_is_no_face():
    assert found([face_of(UPRIGHT)], mask=np.zeros_like(MASK)) == ([], 4)
    upside_down = face_of(127 - UPRIGHT)  # eyes claimed at the mouth
    assert found([upside_down]) == ([], 4)


@pytest.mark.parametrize("part", ["eyes", "mouth"])
def test_a_face_of_which_a_part_is_hidden_is_taken_after_a_look_at_the_turns(part):
    face = face_of(UPRIGHT)
    assert found([face], mask=without(*PARTS[part].classes)) == ([face], 4)


def test_a_face_without_a_nose_is_none():
    assert found([face_of(UPRIGHT)], mask=without(labels.NOSE)) == ([], 4)


def test_a_face_beside_is_dropped_where_nothing_is_seen_and_the_other_stays():
    beside = face_of(UPRIGHT + (90, 0))
    face = face_of(UPRIGHT)
    assert found([beside, face])[0] == [face]


def test_of_two_predictions_for_one_place_the_one_that_agrees_wins():
    """The mouth of an upside-down face read as an eye: nose and brows agree, all does in the turn by 180 degrees."""
    mask = np.rot90(MASK, 2)
    half_right = face_of(UPRIGHT)
    (face,), _ = found([half_right], [], [face_of(UPRIGHT)], mask=mask)
    np.testing.assert_allclose(face.landmarks, 127 - UPRIGHT)


def test_a_tiny_face_is_named_if_there_is_no_other():
    tiny, face = face_of(UPRIGHT * 0.2 + (100, 100)), face_of(UPRIGHT)
    assert found([tiny]) == ([tiny], 4) and found([face, tiny]) == ([face], 1)
    with pytest.raises(UserError, match="face 1 of 1 is tiny"):
        choose([tiny], "largest", "a.png")


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_place_in_a_turned_photograph_is_turned_back(turns):
    photo = np.zeros((40, 70), np.uint8)
    points = np.array([(5, 3), (30, 4), (20, 11), (8, 33), (27, 36)])
    photo[points[:, 1], points[:, 0]] = np.arange(1, 6)
    turned = np.rot90(photo, turns)
    there = np.array([np.argwhere(turned == number)[0][::-1] for number in range(1, 6)], float)
    face = turned_back(face_of(there), turns, photo.shape)
    np.testing.assert_array_equal(face.landmarks, points)
    assert face.box == (5, 3, 25, 33)


# Below, the networks run.


@pytest.fixture(scope="module")
def counted():
    """The finder over the shipped parser, and a list with an entry for each call of its detector."""
    pytest.importorskip("mtcnn")
    from mgpe_tf.data.detection import MtcnnDetector

    mtcnn, calls = MtcnnDetector(), []

    class Counted:
        def detect(self, image):
            calls.append(image.shape)
            return mtcnn.detect(image)

    return FaceFinder(Counted()), calls


@pytest.fixture(scope="module")
def finder(counted):
    return counted[0]


@pytest.fixture(scope="module")
def skimage_data():
    return pytest.importorskip("skimage.data")


@pytest.mark.parametrize("degrees", range(0, 360, 30))
def test_a_photograph_may_lie_any_way_up(counted, skimage_data, degrees):
    """Of 300x300 pixels about the astronaut's face, on gray."""
    finder, calls = counted
    matrix = similarity_matrix(1, degrees, (0, 0), (149.5, 149.5))
    matrix[:, 2] += 50
    photo = skimage_data.astronaut()[:300, 80:380]
    turned = cv2.warpAffine(photo, matrix, (400, 400), flags=cv2.INTER_CUBIC, borderValue=(128, 128, 128))
    calls.clear()
    (face,) = finder.detect(turned)
    assert len(calls) == 1 or degrees
    upright, alignment = align(LANDMARKS - (80, 0), (300, 300)), align(face.landmarks, (400, 400))
    there = transform(alignment.matrix, transform(matrix, transform(upright.inverse, CORNERS)))
    assert np.linalg.norm(there - CORNERS, axis=1).max() < 12  # pixels of 256; LANDMARKS were read off by eye


@pytest.mark.parametrize(("name", "turns"), [("collins.jpg", 2), ("hopper.jpg", 1)])
def test_photographs_that_are_not_square(finder, name, turns):
    photo = read_image(EXAMPLES / name)
    (upright,), (turned,) = finder.detect(photo), finder.detect(np.ascontiguousarray(np.rot90(photo, turns)))
    height, width = photo.shape[:2]
    x, y = upright.landmarks.T
    expected = (y, width - 1 - x) if turns == 1 else (width - 1 - x, height - 1 - y)
    np.testing.assert_allclose(turned.landmarks, np.stack(expected, 1), atol=1e-3)


def two_dots() -> np.ndarray:
    photo = np.full((300, 300, 3), 255, np.uint8)
    for x in (100, 200):
        cv2.circle(photo, (x, 110), 14, (0, 0, 0), -1)
    return photo


@pytest.mark.parametrize("name", ["chelsea", "rocket", "dots"])
def test_a_cat_a_landscape_and_two_dots_are_no_faces(finder, skimage_data, name):
    photo = two_dots() if name == "dots" else getattr(skimage_data, name)()
    with pytest.raises(UserError, match=r"a.jpg: no face was found, whichever way up; .*from the front") as error:
        choose(finder.detect(photo), "largest", "a.jpg")
    assert "\n" not in str(error.value)
