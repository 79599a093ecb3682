"""One photograph: what becomes of it, and why."""

from __future__ import annotations

import dataclasses
import io
import math
import re

import cv2
import numpy as np
import pytest
from drawn import PARSER, PORTRAITS, SETTINGS, SIZE, known
from PIL import Image

from mgpe_tf import labels
from mgpe_tf.data.alignment import TEMPLATE, Alignment, align, template_at
from mgpe_tf.data.detection import Face, MtcnnDetector
from mgpe_tf.data.images import encode_png
from mgpe_tf.data.source import resize_label
from mgpe_tf.data.synthetic import draw_portrait
from mgpe_tf.models.face_parser import FaceParser
from mgpe_tf.parsing.faces import FaceFinder
from mgpe_tf.preparation.photographs import NAME, PhotographFile
from mgpe_tf.preparation.quality import Filters, outside_share, sharpness
from mgpe_tf.preparation.sample import Preparer

IMAGE, MASK = PORTRAITS[0]
PHOTO = PhotographFile("a.png", "5" * 64)


class Known:
    """A detector of faces whose places are known."""

    def __init__(self, *faces: Face):
        self.faces = sorted(faces, key=lambda face: face.area, reverse=True)

    def detect(self, image):
        return self.faces


def face_at(left: float, top: float, size: float) -> Face:
    """The face of a portrait that lies in a photograph."""
    return Face((left, top, size, size), template_at(256) * size / 256 + (left, top), 0.9)


def prepare(image, detector=None, parser=PARSER, **changes):
    filters = dataclasses.replace(SETTINGS.filters, **changes.pop("filters", {}))
    settings = dataclasses.replace(SETTINGS, aligned=detector is None, filters=filters, **changes)
    data = image if isinstance(image, bytes) else encode_png(image)
    return Preparer(parser, detector, settings).prepare(PHOTO, lambda: data)


def reasons(prepared) -> list[tuple]:
    return [(line["face"], line["kind"], line["reason"]) for line in prepared.left_out]


def test_an_aligned_portrait_stays_as_it_is():
    prepared = prepare(IMAGE)
    (sample,) = prepared.samples
    assert not prepared.left_out
    np.testing.assert_array_equal(sample.image, IMAGE)
    np.testing.assert_array_equal(sample.label, MASK)
    line = sample.line
    assert NAME.fullmatch(line["name"]) and line["file"] == "a.png" and line["sha256"] == "5" * 64
    assert line["face"] == 1 and line["landmarks"] is None and line["outside"] == 0 and line["confidence"] == 1
    assert line["eye_distance"] == pytest.approx(63 / 4, abs=0.01)
    assert line["shares"]["hair"] == pytest.approx((MASK == labels.HAIR).mean(), abs=1e-6)
    assert (line["licence"], line["parser"]) == ("drawn", "0" * 64)


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({"filters": {"min_eye_distance": 16}}, "too small", "15.8 pixels between the eyes; at least 16"),
        ({"filters": {"min_sharpness": 1e6}}, "blurred", "sharpness .*; at least 1e.06"),
        (
            {"filters": {"min_confidence": 0.9}, "parser": FaceParser(lambda x: known(x, 0.8), SIZE)},
            "parser unsure",
            "confidence 0.818 of the parser; at least 0.9",
        ),
    ],
)
def test_a_bound_is_not_kept(changes, kind, words):
    prepared = prepare(IMAGE, **changes)
    ((face, found, reason),) = reasons(prepared)
    assert not prepared.samples and (face, found) == (1, kind)
    assert re.fullmatch(words, reason)


def test_parts_that_are_not_seen():
    one_eyed = np.where(MASK == labels.RIGHT_EYE, labels.SKIN, MASK)
    half = FaceParser(lambda images: np.eye(11, dtype=np.float32)[one_eyed][None], SIZE)
    ((_, kind, reason),) = reasons(prepare(IMAGE, parser=half))
    assert (kind, reason) == ("parts missing", "the parser sees no right_eye")
    assert len(prepare(IMAGE, parser=half, filters={"needed": ("skin", "left_eye")}).samples) == 1


def with_parts(pixels: int, part: str) -> FaceParser:
    """A parser of nineteen classes that sees the first portrait's, and so many pixels of its skin as another part."""
    names = labels.CELEBAMASK_HQ_NAMES
    parts = np.array([labels.PARTS_TO_HELEN.index(helen) for helen in range(11)])[MASK]
    parts[tuple(index[:pixels] for index in np.nonzero(MASK == labels.SKIN))] = names.index(part)
    return FaceParser(lambda images: np.eye(19, dtype=np.float32)[parts][None], SIZE, label_set="celebamask_hq")


def test_glasses_and_hats_are_left_out_on_demand():
    """From 0.5 % of the crop on, 20.5 of 64 x 64 pixels."""
    without = {"without": ("glasses", "hat")}
    ((face, kind, reason),) = reasons(prepare(IMAGE, parser=with_parts(41, "eye_g"), filters=without))
    assert (face, kind, reason) == (1, "with glasses", "1.0% of the crop is glasses; at most 0.5%")
    assert reasons(prepare(IMAGE, parser=with_parts(21, "hat"), filters=without))[0][1] == "with hat"
    assert prepare(IMAGE, parser=with_parts(20, "hat"), filters=without).samples
    assert prepare(IMAGE, parser=with_parts(41, "hat"), filters={"without": ("glasses",)}).samples
    for filters in ({}, {"without": ("hat",)}):  # in the label glasses are skin, whether parts are looked for or not
        (sample,) = prepare(IMAGE, parser=with_parts(41, "eye_g"), filters=filters).samples
        np.testing.assert_array_equal(sample.label, MASK)
        assert sample.line["shares"]["skin"] == pytest.approx((MASK == labels.SKIN).mean(), abs=1e-6)


def test_a_portrait_that_is_not_square():
    ((_, kind, reason),) = reasons(prepare(IMAGE[:, :50]))
    assert kind == "not square" and reason.startswith("50 x 64 pixels")


def two_faces() -> tuple[np.ndarray, Face, Face]:
    """A portrait at the left, enlarged twofold, and another at the right, fourfold."""
    photo = np.full((4 * SIZE, 6 * SIZE, 3), 90, np.uint8)
    photo[: 2 * SIZE, : 2 * SIZE] = PORTRAITS[0][0].repeat(2, 0).repeat(2, 1)
    photo[:, 2 * SIZE :] = PORTRAITS[1][0].repeat(4, 0).repeat(4, 1)
    return photo, face_at(0, 0, 2 * SIZE), face_at(2 * SIZE, 0, 4 * SIZE)


def template_mask(images):
    """A network that reads skin, and eyes where the template has them."""
    mask = np.full(images.shape[:3], labels.SKIN)
    for label, (x, y) in zip((labels.LEFT_EYE, labels.RIGHT_EYE), template_at(SIZE).round().astype(int)):
        mask[:, y - 1 : y + 2, x - 1 : x + 2] = label
    return np.eye(11, dtype=np.float32)[mask]


FACE_PARSER = FaceParser(template_mask, SIZE)


def test_faces_are_cut_out_where_they_are():
    photo, small, large = two_faces()
    first, second = prepare(photo, Known(small, large), FACE_PARSER, face="all").samples
    inner = np.s_[2:-2, 2:-2]
    assert np.abs(first.image[inner].astype(int) - IMAGE[inner]).mean() < 8
    assert np.abs(second.image[inner].astype(int) - PORTRAITS[1][0][inner]).mean() < 8
    assert (first.line["face"], second.line["face"]) == (1, 2) and first.name != second.name
    assert first.line["eye_distance"] == pytest.approx(63 / 2) and second.line["eye_distance"] == pytest.approx(63)
    np.testing.assert_allclose(second.line["landmarks"], large.landmarks, atol=0.01)


def test_of_several_faces_the_largest_is_taken_and_each_other_has_a_line():
    photo, small, large = two_faces()
    tiny = face_at(0, 2 * SIZE, 20)
    *_, second = prepare(photo, Known(small, large, tiny), FACE_PARSER, face="all").samples
    prepared = prepare(photo, Known(small, large, tiny), FACE_PARSER)
    [only] = prepared.samples
    np.testing.assert_array_equal(only.image, second.image)
    words = "the photograph shows 2 faces; the largest, face 3 from the left, is taken; for all of them: --face=all"
    assert reasons(prepared) == [(2, "not the largest face", words)]
    assert prepare(photo, Known(small), FACE_PARSER).left_out == ()


def test_each_face_that_is_left_out_has_a_line():
    photo, _, large = two_faces()
    landmarks = large.landmarks.copy()
    landmarks[2, 0] += 99  # the nose tip
    profile = dataclasses.replace(large, landmarks=landmarks)
    tiny, cut = face_at(0, 0, 20), face_at(4 * SIZE, 0, 4 * SIZE)
    prepared = prepare(photo, Known(tiny, profile, cut), FACE_PARSER, face="all")
    assert not prepared.samples
    (_, *tiny_line), (_, *profile_line), (_, *cut_line) = sorted(reasons(prepared))
    assert tiny_line[0] == profile_line[0] == "no usable face"
    assert "is tiny" in tiny_line[1] and "from the side" in profile_line[1] and not tiny_line[1].startswith("a.png")
    assert cut_line == ["cut off", "50% of the crop lies outside the photograph; at most 20%"]


@pytest.mark.parametrize("which", ["largest", "all"])
def test_no_face(which):
    ((face, kind, reason),) = reasons(prepare(IMAGE, Known(), face=which))
    assert face is None and kind == "no usable face" and reason.startswith("no face was found")


@pytest.mark.parametrize("size", [32, 128])
def test_a_parser_of_another_size(size):
    """Labels have the size of the crops, and outlines are finer than the pixels of a small parser."""

    def inside(side):
        y, x = (np.indices((side, side)) + 0.5) / side
        return np.clip(0.5 + 10 * (0.37 - np.hypot(x - 0.5, y - 0.5)), 0, 1)

    def probabilities(images):
        return np.stack([1 - inside(size), inside(size), *[np.zeros((size, size))] * 9], -1)[None].astype(np.float32)

    (sample,) = prepare(
        IMAGE, parser=FaceParser(probabilities, size), filters={"needed": (), "min_confidence": 0}
    ).samples
    wanted = inside(SIZE) > 0.5
    nearest = resize_label((inside(size) > 0.5).astype(np.uint8), SIZE)
    assert sample.label.shape == (SIZE, SIZE) and (sample.label != wanted).sum() < 0.5 * (nearest != wanted).sum()


def bomb() -> bytes:
    """A file of 50000 x 50000 pixels, as its header says."""
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "BMP")
    data = bytearray(buffer.getvalue())
    data[18:26] = np.array([50_000, 50_000], "<i4").tobytes()
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not an image"),
        (b"hello", "not an image"),
        (bomb(), "pixels; allowed"),
        (encode_png(IMAGE)[:-60], "broken or truncated"),
    ],
)
def test_files_that_are_no_photographs(data, words):
    ((face, kind, reason),) = reasons(prepare(data))
    assert face is None and kind == "unreadable" and words in reason and not reason.startswith("a.png")


def test_a_single_pixel_is_too_small():
    assert reasons(prepare(IMAGE[:1, :1]))[0][1] == "too small"


def test_whatever_fails_stops_nothing():
    class Broken:
        def detect(self, image):
            raise ValueError("of a kind nobody has thought of")

    assert reasons(prepare(IMAGE, Broken())) == [(None, "failed", "ValueError: of a kind nobody has thought of")]


def test_photographs_are_turned_upright():
    buffer, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.rot90(IMAGE)).save(buffer, "PNG", exif=exif)
    np.testing.assert_array_equal(prepare(buffer.getvalue()).samples[0].image, IMAGE)


@pytest.mark.parametrize(("shift", "share"), [((0, 0), 0), ((64, 0), 0.25), ((64, 128), 1 - 0.75 * 0.5), ((256, 0), 1)])
def test_the_share_outside(shift, share):
    matrix = np.array([(1.0, 0, shift[0]), (0, 1, shift[1])])
    assert outside_share(Alignment(matrix, 256, (256, 256))) == pytest.approx(share, abs=1e-9)


def test_the_share_outside_of_a_turned_crop():
    """A square turned by 45 degrees about the middle of one of its size: beyond its borders are four corners."""
    turned = (TEMPLATE - 127.5) @ np.array([(1, 1), (-1, 1)]) / math.sqrt(2) + 127.5
    assert outside_share(align(turned, (256, 256))) == pytest.approx(1 - 2 * (math.sqrt(2) - 1), abs=0.01)


def test_sharpness_is_of_the_face_alone():
    rng = np.random.default_rng(0)
    image, label = rng.integers(0, 256, (256, 256, 3)).astype(np.uint8), np.zeros((256, 256), np.uint8)
    assert sharpness(image, label) == 0
    label[64:192, 64:192] = labels.SKIN
    noise = sharpness(image, label)
    assert noise > 1000
    image[60:196, 60:196] = 128
    assert sharpness(image, label) == 0


def test_sharpness_falls_with_enlargement_and_is_judged_at_one_size():
    image, label = draw_portrait(3, 256)
    small = cv2.resize(image, (64, 64), interpolation=cv2.INTER_AREA)
    blurred = cv2.resize(small, (256, 256), interpolation=cv2.INTER_CUBIC)
    sharp = sharpness(image, label)
    assert sharpness(blurred, label) < sharp / 4
    assert sharpness(*(array.repeat(2, 0).repeat(2, 1) for array in (image, label))) == pytest.approx(sharp, rel=0.05)


def test_filters_by_default_accept_a_good_face():
    shares = dict.fromkeys(labels.HELEN_NAMES, 0.1)
    assert (
        Filters().flaw_in_photograph(40, 0.1) is None and Filters().flaw_in_crop(0.95, 300, {"helen": shares}) is None
    )


# Below, MTCNN runs.


def test_a_real_photograph():
    pytest.importorskip("mtcnn")
    astronaut, brick = (getattr(pytest.importorskip("skimage.data"), name)() for name in ("astronaut", "brick"))
    detector = MtcnnDetector()
    (sample,) = prepare(astronaut, detector, FACE_PARSER, filters={"min_sharpness": 10}).samples
    assert sample.line["eye_distance"] == pytest.approx(42, abs=3) and sample.line["outside"] == 0
    assert sample.line["score"] > 0.95 and sample.line["sharpness"] > 50
    x, y = template_at(SIZE)[:2].round().astype(int).T
    assert sample.image[y, x].mean() < 120 < sample.image[36, 28:36].mean()  # dark eyes, a bright nose
    ((face, kind, _),) = reasons(prepare(brick, detector))
    assert (face, kind) == (None, "no usable face")


def test_an_upside_down_photograph_gives_an_upright_sample():
    pytest.importorskip("mtcnn")
    astronaut = pytest.importorskip("skimage.data").astronaut()[:300, 80:380]
    upright, upside_down = (
        prepare(np.rot90(astronaut, turns).copy(), FaceFinder(), FaceParser.load(), resolution=256).samples
        for turns in (0, 2)
    )
    assert (upright[0].label != upside_down[0].label).mean() < 0.02
    assert np.abs(upright[0].image.astype(int) - upside_down[0].image).max() <= 2
