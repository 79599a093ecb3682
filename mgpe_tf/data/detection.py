"""Finding faces and their five landmarks in photographs. TensorFlow is imported by ``MtcnnDetector`` alone."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.resources
import importlib.util
import math
import sys
from collections.abc import Iterator, Sequence
from typing import Protocol

import cv2
import numpy as np

from mgpe_tf.data.alignment import Alignment, align, transform
from mgpe_tf.errors import UserError

SIDES = (512, 1024)
"""A photograph is shrunk to the area of a square of the first side in pixels, and, if that shows no face, of the next.
MTCNN sees faces from 20 pixels in width, that is from 1/25 of the photograph's (geometric mean) side, then 1/50."""

MIN_SCORE = 0.75
"""Least score of a face. The main faces of 400 measured portraits had 0.77 or more, one excepted that was not found."""

MIN_EYE_DISTANCE = 20.0
"""Least distance between the eyes, in pixels of the photograph, of a face that ``choose`` accepts. In an aligned crop
of 256x256 it is about 63: a smaller face would be enlarged more than threefold."""

TURNED = 15.0
"""A face whose eyes lie on a line turned by more degrees is looked at again in an upright crop: MTCNN was trained on
upright faces, and the landmarks of one turned by 45 degrees come out up to a fifth of the eyes' distance off."""

LEAST_SIDE = 40
"""Pixels of the shorter side of a photograph in which there may be a face with ``MIN_EYE_DISTANCE``."""

_SMALLEST_SIDE = 24
"""MTCNN fails on images whose shorter side is smaller."""


@dataclasses.dataclass(frozen=True, eq=False)
class Face:
    """A face in a photograph. Positions are (x, y) in pixels; pixel centres lie on integers.

    Attributes:
      box: (left, top, width, height); it may reach beyond the photograph.
      landmarks: float64 [5, 2]: the viewer's left eye, right eye, nose tip, left mouth corner, right mouth corner.
      score: 0 to 1, how sure the detector is.
    """

    box: tuple[float, float, float, float]
    landmarks: np.ndarray
    score: float

    @property
    def area(self) -> float:
        """Of the box, in pixels."""
        return self.box[2] * self.box[3]

    @property
    def eye_distance(self) -> float:
        """In pixels."""
        return math.dist(self.landmarks[0], self.landmarks[1])


@dataclasses.dataclass(frozen=True)
class Choice:
    """Which face of a photograph was taken, by numbers from 1, counted from left to right.

    Attributes:
      number: of the face.
      others: of those that could have been taken, too.
    """

    number: int
    others: tuple[int, ...] = ()

    def taken(self, name: str) -> str | None:
        """Which face of the photograph `name` was taken, where nobody chose; None if there was no other."""
        if not self.others:
            return None
        return f"{name} shows {len(self.others) + 1} faces; the largest, face {self.number} from the left, is taken"

    def told(self, name: str, flag: str) -> str | None:
        """As ``taken``, and how another face is: `flag` takes its number, as in "--face="."""
        taken = self.taken(name)
        return taken and f"{taken}; for another: {' or '.join(f'{flag}{number}' for number in self.others)}"


class Detector(Protocol):
    """A detector of faces."""

    def detect(self, image: np.ndarray) -> list[Face]:
        """The faces of a photograph, uint8 RGB [H, W, 3], largest first; none is an empty list."""


class MtcnnDetector:
    """The networks of Zhang et al., "Joint Face Detection and Alignment Using Multi-task Cascaded Convolutional
    Networks" (2016), from the package mtcnn, whose files hold their weights: nothing is downloaded.

    They run on the CPU. Profiles, and faces turned in the image by more than about 60 degrees, are missed or found with
    wrong landmarks: ``parsing.faces.FaceFinder`` doubts them.
    """

    def __init__(self) -> None:
        """Loads the networks. Raises UserError if mtcnn is not installed."""
        self._mtcnn = _load_mtcnn()

    def detect(self, image: np.ndarray) -> list[Face]:
        """See ``Detector``. Raises UserError if `image` is no uint8 RGB array."""
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
            raise UserError(f"photograph: {image.dtype} of shape {image.shape}; allowed: uint8 RGB [H, W, 3]")
        faces = []
        for width, height in _sizes(*image.shape[:2]):
            faces = sensible(self._find(image, width, height))
            if faces:
                break
        return [self._straightened(image, face) for face in faces]

    def _find(self, image: np.ndarray, width: int, height: int) -> list[Face]:
        """The candidates of MTCNN in the image shrunk to `width` x `height`, in pixels of the image."""
        if min(width, height) < _SMALLEST_SIDE:
            return []
        factor = np.array([image.shape[1] / width, image.shape[0] / height])
        if (factor != 1).any():
            image = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
        # Arrays, since its dictionaries hold rounded positions. Its min_face_size stays 20: a larger one leaves the
        # number of scales as it is, the last become smaller than the network's window, and the error that this
        # raises is taken for "no face".
        rows = self._mtcnn.detect_faces(image, fit_to_image=False, output_type="numpy", threshold_onet=MIN_SCORE)
        return [_face(row[1:].astype(np.float64), factor) for row in rows]

    def _straightened(self, image: np.ndarray, face: Face) -> Face:
        """The face, its landmarks found again in its own upright crop, at most thrice, while it stands turned there."""
        roll = _roll(face.landmarks)
        for _ in range(3):
            if abs(roll) <= TURNED:
                break
            alignment = align(face.landmarks, image.shape[:2])
            faces = sensible(self._find(alignment.crop(image), alignment.resolution, alignment.resolution))
            if not faces:
                break
            roll = _roll(faces[0].landmarks)
            face = dataclasses.replace(face, landmarks=transform(alignment.inverse, faces[0].landmarks))
        return face


def _load_mtcnn():
    """An mtcnn.MTCNN with the weights of its own package."""
    if importlib.util.find_spec("mtcnn") is None:
        raise UserError("finding faces needs mtcnn: pip install 'mgpe_tf[detect]'")
    from mgpe_tf.quiet import import_tensorflow

    import_tensorflow()
    from mtcnn import MTCNN
    from mtcnn.stages import StageONet, StagePNet, StageRNet

    # Full paths: by its default, the bare name, mtcnn would first unpickle a file of that name in the working folder.
    weights = importlib.resources.files("mtcnn") / "assets" / "weights"
    stages = [(StagePNet, "pnet.lz4"), (StageRNet, "rnet.lz4"), (StageONet, "onet.lz4")]
    with _without_late_errors():
        return MTCNN(stages=[stage(weights=str(weights / file)) for stage, file in stages])


@contextlib.contextmanager
def _without_late_errors() -> Iterator[None]:
    """Python 3.13 prints an "exception ignored" for each lz4 file that is thrown away after it was read and closed."""
    before = sys.unraisablehook

    def report(late: sys.UnraisableHookArgs) -> None:
        if not (isinstance(late.exc_value, ValueError) and "closed file" in str(late.exc_value)):
            before(late)

    sys.unraisablehook = report
    try:
        yield
    finally:
        sys.unraisablehook = before


def _sizes(height: int, width: int) -> list[tuple[int, int]]:
    """The (width, height) at which faces are searched for, one after the other."""
    factors = dict.fromkeys(min(1.0, side / math.sqrt(height * width)) for side in SIDES)
    return [(max(1, round(width * factor)), max(1, round(height * factor))) for factor in factors]


def _face(row: np.ndarray, factor: np.ndarray) -> Face:
    """A row of mtcnn (left, top, width, height, score, five x, five y) as a Face of an image `factor` as large."""
    left, top = (row[:2] + 0.5) * factor - 0.5
    width, height = row[2:4] * factor
    landmarks = (row[5:].reshape(2, 5).T + 0.5) * factor - 0.5
    return Face((float(left), float(top), float(width), float(height)), landmarks, float(row[4]))


def _roll(landmarks: np.ndarray) -> float:
    """The angle in degrees by which the line from the left to the right eye is turned from the horizontal."""
    x, y = landmarks[1] - landmarks[0]
    return math.degrees(math.atan2(y, x))


def sensible(faces: Sequence[Face]) -> list[Face]:
    """The detections that can be faces, largest first.

    Left out are those with a landmark outside their box by more than a quarter of its side, and those of which more
    than half lies in the box of a larger one.
    """
    kept: list[Face] = []
    for face in sorted(faces, key=lambda face: face.area, reverse=True):
        if _landmarks_fit(face) and not any(share_inside(face, larger) > 0.5 for larger in kept):
            kept.append(face)
    return kept


def _landmarks_fit(face: Face) -> bool:
    """Whether the landmarks lie in the box, a quarter of its sides added all around."""
    size = np.array(face.box[2:])
    inside = (face.landmarks - face.box[:2]) / size
    return bool((size > 0).all() and ((inside > -0.25) & (inside < 1.25)).all())


def share_inside(face: Face, other: Face) -> float:
    """The share of the area of a face's box that lies in another's."""
    starts, sizes = np.array([face.box[:2], other.box[:2]]), np.array([face.box[2:], other.box[2:]])
    overlap = np.minimum(*(starts + sizes)) - np.maximum(*starts)
    return float(overlap.clip(0).prod() / face.area)


def choose(faces: Sequence[Face], which: str | int, name: str) -> dict[int, Face]:
    """The faces of a photograph to work on, by their numbers from 1, counted from left to right.

    Args:
      faces: what a detector found.
      which: "largest" (by the box), "all" (those without a ``flaw``), or a number, also as text.
      name: file to name in errors.

    Raises:
      UserError: no face, no such number, or the chosen face (of "all": each) has a ``flaw``.
    """
    if not faces:
        raise UserError(
            f"{name}: no face was found, whichever way up; use a photograph that shows a face from the front, and cut"
            " it closer if the face is less than 1/50 of its width"
        )
    numbered = dict(enumerate(sorted(faces, key=lambda face: face.box[0] + face.box[2] / 2), start=1))
    fit = {number: face for number, face in numbered.items() if flaw(face) is None}
    if which == "all" and fit:
        return fit
    if which in ("largest", "all"):
        number = max(numbered, key=lambda number: numbered[number].area)
    else:
        number = _number(which, len(faces), name)
    if number not in fit:
        others = f"; other faces: {', '.join(map(str, fit))}" if fit else ""
        raise UserError(f"{name}: face {number} of {len(faces)} {flaw(numbered[number])}{others}")
    return {number: numbered[number]}


def locate(
    detector: Detector, photo: np.ndarray, which: str | int, resolution: int, name: str
) -> tuple[Alignment, Choice]:
    """How one face lies in a photograph, and which it is.

    Args:
      detector: finds the faces.
      photo: uint8 RGB [H, W, 3].
      which: "largest", or a number from 1, counted from left to right.
      resolution: side of the crop in pixels.
      name: file to name in errors.

    Raises:
      UserError: the photograph is too small, or as of ``choose``.
    """
    check_size(photo, name)
    face, choice = choose_one(detector.detect(photo), which, name)
    return align(face.landmarks, photo.shape[:2], resolution), choice


def check_size(photo: np.ndarray, name: str) -> None:
    """UserError if a photograph, [H, W, 3], has too few pixels for any face."""
    height, width = photo.shape[:2]
    if min(height, width) < LEAST_SIDE:
        raise UserError(f"{name}: only {width} x {height} pixels; use a larger photograph")


def choose_one(faces: Sequence[Face], which: str | int, name: str) -> tuple[Face, Choice]:
    """One face of a photograph, and which it is; arguments and errors as of ``choose``, without "all"."""
    if which == "all":
        raise UserError("face: 'all'; allowed here: largest, or a number from 1, counted from left to right")
    [(number, face)] = choose(faces, which, name).items()
    return face, Choice(number, tuple(other for other in choose(faces, "all", name) if other != number))


def _number(which: str | int, count: int, name: str) -> int:
    """The number of a face among `count`, or a UserError."""
    if not str(which).isdecimal():
        raise UserError(f"face: {which!r}; allowed: largest, all, or a number from 1, counted from left to right")
    if not 1 <= int(which) <= count:
        raise UserError(f"{name}: there is no face {which}; allowed: 1 to {count}, counted from left to right")
    return int(which)


def flaw(face: Face) -> str | None:
    """Why a face is unfit for alignment, with the remedy, as the end of a sentence; None if it is fit."""
    if face.eye_distance < MIN_EYE_DISTANCE:
        return (
            f"is tiny: {face.eye_distance:.1f} pixels between the eyes; allowed: at least {MIN_EYE_DISTANCE:g}; use a"
            " photograph with more pixels"
        )
    if _is_profile(face.landmarks):
        return "is seen from the side; use a photograph that shows both eyes and the nose between them"
    return None


def _is_profile(landmarks: np.ndarray) -> bool:
    """Whether the nose tip lies beside the span of the eyes, or they are closer than half the way to the mouth."""
    left, right, nose, mouth_left, mouth_right = landmarks
    eyes = right - left
    position = (nose - left) @ eyes / (eyes @ eyes)  # along the line of the eyes: 0 at the left eye, 1 at the right
    to_mouth = np.linalg.norm((mouth_left + mouth_right - left - right) / 2)
    return not 0 <= position <= 1 or bool(np.linalg.norm(eyes) < 0.5 * to_mouth)
