"""Finding faces, the choice among them, and what makes one unfit."""

from __future__ import annotations

import subprocess
import sys

import cv2
import numpy as np
import pytest
from similarity import similarity_matrix

from mgpe_tf.data import detection
from mgpe_tf.data.alignment import TEMPLATE, align, transform
from mgpe_tf.data.detection import Face, MtcnnDetector, choose, flaw, sensible
from mgpe_tf.errors import UserError

BOX = np.array([(60.0, 40.0), (195.0, 230.0)])
"""Left top and right bottom of the face in a crop."""


def face(left: float = 0, scale: float = 1, landmarks: np.ndarray = TEMPLATE, score: float = 0.99) -> Face:
    """A face as in a crop, enlarged and moved to the right."""
    corner, size = BOX[0] * scale + (left, 0), (BOX[1] - BOX[0]) * scale
    return Face((*corner.tolist(), *size.tolist()), landmarks * scale + (left, 0), score)


def changed(landmark: int, x: float) -> np.ndarray:
    landmarks = TEMPLATE.copy()
    landmarks[landmark, 0] = x
    return landmarks


def test_importing_it_imports_no_tensorflow():
    code = (
        "import sys, mgpe_tf.data.detection, mgpe_tf.data.alignment; "
        "print(sorted({'tensorflow', 'mtcnn'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_missing_mtcnn_names_the_extra(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.delitem(sys.modules, "mtcnn", raising=False)
    with pytest.raises(UserError, match=r"mtcnn: pip install 'mgpe_tf\[detect\]'"):
        MtcnnDetector()


def test_faces_are_numbered_from_left_to_right():
    faces = [face(500, 2), face(900), face()]
    assert list(choose(faces, "all", "a.jpg").items()) == [(1, faces[2]), (2, faces[0]), (3, faces[1])]
    assert choose(faces, "largest", "a.jpg") == {2: faces[0]}
    assert choose(faces, 1, "a.jpg") == choose(faces, "1", "a.jpg") == {1: faces[2]}


@pytest.mark.parametrize(
    ("faces", "which", "words"),
    [
        ([], "largest", "a.jpg: no face was found, whichever way up; .*closer"),
        ([face(), face(400)], 3, "a.jpg: there is no face 3; allowed: 1 to 2, counted from left to right"),
        ([face()], "0", "a.jpg: there is no face 0; allowed: 1 to 1"),
        ([face()], "left", "'left'; allowed: largest, all, or a number"),
        ([face()], -1, "-1; allowed: largest, all, or a number"),
        ([face(scale=0.3)], "largest", "a.jpg: face 1 of 1 is tiny: 18.9 pixels.*at least 20; .*more pixels$"),
        ([face(scale=0.3)], "all", "face 1 of 1 is tiny"),
        ([face(), face(400, landmarks=changed(2, 165))], "2", "face 2 of 2 is seen from the side.*; other faces: 1$"),
    ],
)
def test_mistakes_of_choice(faces, which, words):
    with pytest.raises(UserError, match=words):
        choose(faces, which, "a.jpg")


def test_of_several_faces_the_others_are_told():
    class Known:
        def detect(self, image):
            return [face(900), face(500, 2), face(), face(scale=0.2)]

    _, choice = detection.locate(Known(), np.zeros((600, 1200, 3), np.uint8), "largest", 256, "a.jpg")
    assert choice.told("a.jpg", "--face=") == (
        "a.jpg shows 3 faces; the largest, face 3 from the left, is taken; for another: --face=2 or --face=4"
    )
    assert detection.Choice(1).told("a.jpg", "--face=") is None


def test_a_photograph_with_too_few_pixels_for_a_face_is_told_its_size():
    class Blind:
        def detect(self, image):
            return []

    for height, width in ((20, 20), (39, 500)):
        with pytest.raises(UserError, match=f"^a.jpg: only {width} x {height} pixels; use a larger photograph$"):
            detection.locate(Blind(), np.zeros((height, width, 3), np.uint8), "largest", 256, "a.jpg")
    with pytest.raises(UserError, match="no face was found"):
        detection.locate(Blind(), np.zeros((40, 40, 3), np.uint8), "largest", 256, "a.jpg")


def test_all_leaves_out_unfit_faces_but_keeps_their_numbers():
    small, good, profile = face(scale=0.2), face(300), face(600, landmarks=changed(2, 90))
    assert choose([good, small, profile], "all", "a.jpg") == {2: good}


@pytest.mark.parametrize("degrees", [0, 35, -90])
@pytest.mark.parametrize(
    ("landmarks", "profile"),
    [
        (TEMPLATE, False),
        (changed(2, 148), False),  # turned, the nose still between the eyes
        (changed(2, 162), True),
        (changed(2, 93), True),
        (changed(1, 126), True),  # the eyes close together
    ],
)
def test_profiles_are_told_by_their_geometry(landmarks, profile, degrees):
    matrix = similarity_matrix(3, degrees, (0, 0), (128, 128))
    turned = face(landmarks=transform(matrix, landmarks))
    assert ("side" in (flaw(turned) or "")) == profile


def test_what_cannot_be_a_face_is_left_out():
    large, small = face(scale=2), face(600)
    within = face(60, 0.8, score=1.0)
    outside = Face((900.0, 10.0, 50.0, 60.0), TEMPLATE, 0.99)
    beside = face(290, 0.7)  # a third of it within the largest
    assert sensible([small, within, outside, large, beside]) == [large, small, beside]


def test_search_sizes_keep_the_shape_and_never_enlarge():
    assert detection._sizes(1024, 1024) == [(512, 512), (1024, 1024)]
    assert detection._sizes(3000, 4000) == [(591, 443), (1182, 887)]
    assert detection._sizes(500, 600) == [(561, 467), (600, 500)]
    assert detection._sizes(200, 300) == [(300, 200)]


# Below, the networks run.


@pytest.fixture(scope="module")
def detector():
    pytest.importorskip("mtcnn")
    return MtcnnDetector()


@pytest.fixture(scope="module")
def astronaut():
    return pytest.importorskip("skimage.data").astronaut()


@pytest.fixture(scope="module")
def found(detector, astronaut):
    """The astronaut's one face."""
    (only,) = detector.detect(astronaut)
    return only


def test_a_portrait_has_one_face_with_its_parts_in_order(found):
    left_eye, right_eye, nose, left_mouth, right_mouth = found.landmarks
    np.testing.assert_allclose((left_eye, right_eye), [(204, 100), (245, 102)], atol=4)  # read off the picture
    np.testing.assert_allclose((nose, left_mouth, right_mouth), [(224, 126), (202, 139), (244, 140)], atol=5)
    assert found.score > 0.95 and flaw(found) is None


@pytest.mark.parametrize(("side", "bound"), [(1024, 2.0), (200, 4.0)])
def test_other_sizes_have_the_same_face(detector, astronaut, found, side, bound):
    interpolation = cv2.INTER_AREA if side < 512 else cv2.INTER_CUBIC
    (only,) = detector.detect(cv2.resize(astronaut, (side, side), interpolation=interpolation))
    landmarks = (only.landmarks + 0.5) * 512 / side - 0.5
    np.testing.assert_allclose(landmarks, found.landmarks, atol=bound)
    assert ("tiny" in (flaw(only) or "")) == (side == 200)


@pytest.mark.parametrize(("degrees", "bound"), [(20, 8), (-50, 8)])
def test_a_turned_photograph_gives_the_same_crop(detector, astronaut, found, degrees, bound):
    upright = align(found.landmarks, (512, 512))
    matrix = similarity_matrix(1, degrees, (0, 0), (224, 120))
    turned = cv2.warpAffine(astronaut, matrix, (512, 512), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    (only,) = detector.detect(turned)
    alignment = align(only.landmarks, (512, 512))
    corners = np.array([(0, 0), (255, 0), (0, 255), (255, 255)])
    there = transform(alignment.matrix, transform(matrix, transform(upright.inverse, corners)))
    assert np.linalg.norm(there - corners, axis=1).max() < bound  # pixels of 256
    face_only = np.s_[60:220, 60:200]
    assert np.abs(alignment.crop(turned).astype(float) - upright.crop(astronaut))[face_only].mean() < 20


def test_faces_side_by_side(detector, astronaut):
    """The smaller one stands at the left."""
    photo = np.zeros((512, 512 + 360, 3), np.uint8)
    photo[100:460, :360] = cv2.resize(astronaut, (360, 360), interpolation=cv2.INTER_AREA)
    photo[:, 360:] = astronaut
    faces = detector.detect(photo)
    assert len(faces) == 2 and faces[0].area > faces[1].area
    large, small = faces
    assert large.landmarks[:, 0].min() > 360 > small.landmarks[:, 0].max()
    assert choose(faces, "largest", "a") == {2: large} and choose(faces, "1", "a") == {1: small}


def test_no_face_in_a_wall_or_a_strip(detector):
    skimage_data = pytest.importorskip("skimage.data")
    assert detector.detect(np.repeat(skimage_data.brick()[..., None], 3, axis=-1)) == []
    assert detector.detect(np.full((10, 300, 3), 128, np.uint8)) == []
    with pytest.raises(UserError, match="uint8 of shape .20, 20.; allowed: uint8 RGB"):
        detector.detect(np.zeros((20, 20), np.uint8))


def test_weights_come_from_the_package_alone(detector, monkeypatch, tmp_path):
    """A file in the working folder with the name of the weights is not read: it would be unpickled."""
    for name in ("pnet.lz4", "rnet.lz4", "onet.lz4"):
        (tmp_path / name).write_bytes(b"no weights")
    monkeypatch.chdir(tmp_path)
    MtcnnDetector()
