"""Faces in photographs that lie any way up: what a detector takes for faces, doubted by a face parser."""

from __future__ import annotations

import dataclasses

import numpy as np

from mgpe_tf import labels
from mgpe_tf.data.alignment import align, transform
from mgpe_tf.data.detection import MIN_EYE_DISTANCE, Detector, Face, MtcnnDetector, sensible, share_inside
from mgpe_tf.geometry import REFERENCE_SIZE
from mgpe_tf.models.face_parser import FaceParser
from mgpe_tf.models.load import load


@dataclasses.dataclass(frozen=True)
class Part:
    """A part of the face that landmarks and parser have to see in one place.

    Attributes:
      landmarks: around the mean of each of these groups of landmarks there is a disc.
      classes: the parser's ids of the part.
      radius: of the discs, in pixels of a portrait of 256x256.
      share: the least share of the discs that has these ids.
    """

    landmarks: tuple[tuple[int, ...], ...]
    classes: tuple[int, ...]
    radius: float
    share: float

    def agrees(self, mask: np.ndarray, landmarks: np.ndarray) -> bool:
        """Whether it does in a portrait: its mask, uint8 [R, R], and landmarks, float [5, 2]."""
        y, x = np.indices(mask.shape)
        radius = self.radius * len(mask) / REFERENCE_SIZE
        centres = [landmarks[list(group)].mean(axis=0) for group in self.landmarks]
        discs = [np.hypot(x - left, y - top) < radius for left, top in centres]
        return bool(
            np.mean([np.isin(mask[disc], self.classes).mean() for disc in discs if disc.any()] or 0) >= self.share
        )


EYES = (labels.LEFT_BROW, labels.RIGHT_BROW, labels.LEFT_EYE, labels.RIGHT_EYE)
PARTS = {
    "eyes": Part(((0,), (1,)), EYES, 20, 0.04),
    "nose": Part(((2,),), (labels.NOSE,), 20, 0.25),
    "mouth": Part(((3, 4),), labels.MOUTH, 28, 0.05),
}
"""docs/explanation/alignment.md says how these were measured."""


@dataclasses.dataclass(frozen=True, eq=False)
class _Seen:
    """A face, which of its ``PARTS`` agree, the parser's confidence, 0 to 1, and after how many turns it was seen."""

    face: Face
    parts: tuple[str, ...]
    confidence: float
    turns: int = 0

    @property
    def rank(self) -> tuple[int, bool, float]:
        """Orders predictions of one place: by the parts that agree; what is sure is not turned; by confidence."""
        return len(self.parts), self.is_sure and not self.turns, self.confidence

    @property
    def is_sure(self) -> bool:
        """Whether it is beyond doubt."""
        return len(self.parts) == len(PARTS)

    @property
    def may_be_one(self) -> bool:
        """Whether it is taken if no turn shows a better one in its place: beards hide mouths, dark glasses eyes."""
        return "nose" in self.parts and len(self.parts) >= 2


class FaceFinder:
    """A ``Detector`` whose faces a parser has seen, too, also in photographs that lie on their side or upside down.

    MTCNN gives upside-down faces wrong landmarks, with scores as high as those of upright ones. So each of its faces is
    aligned and parsed. Where one is in doubt, or there is none, the photograph is also looked at in its other three
    quarter turns.

    Args:
      detector: what is doubted; None for MTCNN.
      parser: what doubts; None for the one that comes with the package, for which ``PARTS`` were measured.
    """

    def __init__(self, detector: Detector | None = None, parser: FaceParser | None = None):
        """Loads what is not given. Raises UserError if mtcnn is not installed."""
        self._detector, self._parser = detector or MtcnnDetector(), parser or load("parser")

    def detect(self, image: np.ndarray) -> list[Face]:
        """See ``Detector``; tiny faces, which cannot be parsed, only if there are no others."""
        faces = self._detector.detect(image)
        seen = [self._look(image, face) for face in large_enough(faces)]
        if not (seen and all(one.is_sure for one in seen)):
            seen += [one for turns in (1, 2, 3) for one in self._turned(image, turns)]
        return sensible(best(seen)) or [face for face in faces if face not in large_enough(faces)]

    def detect_in(self, turns: int, image: np.ndarray) -> list[Face]:
        """The faces that stand upright after so many quarter turns against the clock, more or less; no other turn is
        looked at, which takes a quarter of the time where there is no face."""
        return sensible(best(self._turned(image, turns)))

    def _turned(self, image: np.ndarray, turns: int) -> list[_Seen]:
        """The faces found after quarter turns against the clock, each at its place in the image."""
        turned = np.ascontiguousarray(np.rot90(image, turns))
        seen = [self._look(turned, face) for face in large_enough(self._detector.detect(turned))]
        size = image.shape[:2]
        return [dataclasses.replace(one, face=turned_back(one.face, turns, size), turns=turns) for one in seen]

    def _look(self, image: np.ndarray, face: Face) -> _Seen:
        """Aligns and parses a face."""
        alignment = align(face.landmarks, image.shape[:2], self._parser.resolution)
        probabilities = self._parser.probabilities(alignment.crop(image)[None])[0]
        mask, landmarks = probabilities.argmax(axis=-1), transform(alignment.matrix, face.landmarks)
        parts = tuple(name for name, part in PARTS.items() if part.agrees(mask, landmarks))
        return _Seen(face, parts, float(probabilities.max(axis=-1).mean()))


def large_enough(faces: list[Face]) -> list[Face]:
    """The faces that are not too coarse to be parsed, or edited."""
    return [face for face in faces if face.eye_distance >= MIN_EYE_DISTANCE]


def best(seen: list[_Seen]) -> list[Face]:
    """Of what may be faces in each place the one of the highest ``rank``."""
    kept: list[Face] = []
    for one in sorted(seen, key=lambda one: one.rank, reverse=True):
        if one.may_be_one and not any(_overlap(one.face, other) for other in kept):
            kept.append(one.face)
    return kept


def _overlap(one: Face, other: Face) -> bool:
    return max(share_inside(one, other), share_inside(other, one)) > 0.5


def turned_back(face: Face, turns: int, size: tuple[int, int]) -> Face:
    """A face of a photograph that was turned, in the photograph as it was.

    Args:
      face: as it was found.
      turns: quarter turns against the clock.
      size: (height, width) of the photograph before.
    """
    left, top, width, height = face.box
    points = np.array([*face.landmarks, (left, top), (left + width, top + height)])
    for turn in range(turns, 0, -1):  # the last turn is the first to be taken back
        before = size[turn % 2]  # width of the photograph before this turn
        points = np.stack([before - 1 - points[:, 1], points[:, 0]], axis=1)
    corners = points[5:]
    (left, top), (width, height) = corners.min(axis=0).tolist(), np.ptp(corners, axis=0).tolist()
    return dataclasses.replace(face, box=(left, top, width, height), landmarks=points[:5])
