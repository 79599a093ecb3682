"""The steps for one photograph: read, find faces, align, parse, judge."""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn

import cv2
import numpy as np

from mgpe_tf import labels
from mgpe_tf.data.alignment import align, template_at
from mgpe_tf.data.detection import Detector, Face, choose, choose_one
from mgpe_tf.data.images import decode_image
from mgpe_tf.data.source import resize_image
from mgpe_tf.errors import UserError
from mgpe_tf.models.face_parser import FaceParser
from mgpe_tf.parsing.faces import FaceFinder
from mgpe_tf.parsing.many import load_parser
from mgpe_tf.parsing.results import prediction
from mgpe_tf.preparation.known import KnownLabels
from mgpe_tf.preparation.photographs import PhotographFile
from mgpe_tf.preparation.quality import Filters, outside_share, sharpness

UNREADABLE, FAILED, DUPLICATE = "unreadable", "failed", "duplicate"
"""Kinds of photographs that are left out; the first two are errors."""

NO_FACE, NOT_SQUARE = "no usable face", "not square"
"""Kinds of photographs without a crop."""

NOT_LARGEST = "not the largest face"
"""Kind of the faces that could be taken beside the largest."""


@dataclasses.dataclass(frozen=True)
class SampleSettings:
    """All that determines what a data set holds, beside the photographs.

    Attributes:
      licence: under which the photographs may be used, and where consent is written down.
      parser_sha256: of the parser's files.
      resolution: side of the crops in pixels.
      face: "largest" or "all".
      aligned: the photographs are aligned portraits, of which no face is searched.
      image_format: "jpeg" of quality 95, or "png".
      val_share: share of the identities (or photographs) in the validation part.
      filters: bounds of quality.
      label_set: of the labels, one that the parser reads.
      flip: whether predictions are averaged with those of mirror images.
      unknown_below: class probability below which a pixel is ``labels.UNKNOWN``; 0 for none.
      known: folder of the data set whose portraits these are, and whose labels are kept to; "" for none.
    """

    licence: str
    parser_sha256: str
    resolution: int = 256
    face: str = "largest"
    aligned: bool = False
    image_format: str = "jpeg"
    val_share: float = 0.05
    filters: Filters = Filters()
    label_set: str = "helen"
    flip: bool = False
    unknown_below: float = 0.0
    known: str = ""


@dataclasses.dataclass(frozen=True, eq=False)
class Sample:
    """A face for the data set.

    Attributes:
      name: of its files.
      image: uint8 RGB [R, R, 3].
      label: uint8 [R, R], ids of the settings' label set.
      line: what the manifest says of it.
    """

    name: str
    image: np.ndarray
    label: np.ndarray
    line: dict


@dataclasses.dataclass(frozen=True, eq=False)
class Prepared:
    """The outcome for a photograph: faces for the data set, and lines (file, sha256, face, kind, reason) of others."""

    photograph: PhotographFile
    samples: tuple[Sample, ...] = ()
    left_out: tuple[dict, ...] = ()

    def record(self, more: Callable[[Sample], dict] = lambda sample: {}) -> dict:
        """The photograph's line in photographs.jsonl; `more` adds to the lines of its samples."""
        faces = [{**sample.line, **more(sample)} for sample in self.samples]
        return {**dataclasses.asdict(self.photograph), "faces": faces, "left_out": list(self.left_out)}


@dataclasses.dataclass(frozen=True, eq=False)
class _Crop:
    """A face cut out, uint8 RGB [R, R, 3], and what is known of it before it is parsed."""

    number: int
    image: np.ndarray
    facts: dict


class _LeftOut(Exception):
    """Ends the work on a photograph, or on one of its faces."""

    def __init__(self, kind: str, reason: str, face: int | None = None):
        super().__init__(reason)
        self.kind, self.reason, self.face = kind, reason, face


def left_out(photograph: PhotographFile, kind: str, reason: str, face: int | None = None) -> dict:
    """A line of rejected.jsonl; `face` is None if it is about the whole photograph."""
    return {**dataclasses.asdict(photograph), "face": face, "kind": kind, "reason": reason}


def unusable(photograph: PhotographFile, kind: str, reason: str) -> Prepared:
    """The outcome for a photograph that is left out as a whole."""
    return Prepared(photograph, left_out=(left_out(photograph, kind, reason),))


class Preparer:
    """Makes samples of photographs.

    Args:
      parser: reads the masks.
      detector: finds the faces; None if the settings say that the photographs are aligned.
      settings: what the samples should be.
    """

    def __init__(self, parser: FaceParser, detector: Detector | None, settings: SampleSettings):
        self._parser, self._detector, self._settings = parser, detector, settings
        self._known = KnownLabels(Path(settings.known)) if settings.known else None

    @classmethod
    def load(cls, parser: Path, settings: SampleSettings, threads: int | None = None) -> Preparer:
        """With the parser stored at a path and a detector of its own. UserError if one cannot be loaded."""
        loaded = load_parser(parser, threads, settings.flip)
        return cls(loaded, None if settings.aligned else FaceFinder(), settings)

    def prepare(self, photograph: PhotographFile, read: Callable[[], bytes]) -> Prepared:
        """Makes the samples of a photograph.

        Args:
          photograph: which.
          read: gives the file's bytes.

        Whatever goes wrong becomes a line in ``left_out``: one file among millions must not stop the others.
        """
        samples, lines = [], []
        try:
            image = self._image(photograph, read)
            for step in self._steps(photograph, image):
                try:
                    samples.append(self._sample(photograph, step()))
                except _LeftOut as reason:
                    lines.append(left_out(photograph, reason.kind, reason.reason, reason.face))
        except _LeftOut as reason:
            lines.append(left_out(photograph, reason.kind, reason.reason))
        except Exception as error:  # from decoders, detector and parser, on input nobody has thought of
            lines.append(left_out(photograph, FAILED, f"{type(error).__name__}: {error}"))
        return Prepared(photograph, tuple(samples), tuple(lines))

    def _image(self, photograph: PhotographFile, read: Callable[[], bytes]) -> np.ndarray:
        try:
            return decode_image(read(), photograph.file)
        except OSError as error:
            raise _LeftOut(UNREADABLE, error.strerror or str(error)) from error
        except UserError as error:
            raise _LeftOut(UNREADABLE, _without_file(error, photograph)) from error

    def _steps(self, photograph: PhotographFile, image: np.ndarray) -> Iterator[Callable[[], _Crop]]:
        """For every face that is asked for what cuts it out, or raises _LeftOut."""
        if self._detector is None or self._settings.aligned:
            yield lambda: self._whole(image)
            return
        faces = self._detector.detect(image)
        cut_out = functools.partial(self._cut_out, photograph, image, faces)
        if self._settings.face == "all" and faces:
            yield from (functools.partial(cut_out, number) for number in range(1, len(faces) + 1))
            return
        yield functools.partial(cut_out, "largest")
        yield from _passed_over(photograph, faces)

    def _whole(self, image: np.ndarray) -> _Crop:
        """An aligned portrait as it is."""
        height, width = image.shape[:2]
        if height != width:
            raise _LeftOut(
                NOT_SQUARE,
                f"{width} x {height} pixels; aligned portraits are square; without --aligned "
                "faces are found and aligned",
            )
        left_eye, right_eye = template_at(height)[:2]
        facts = self._checked(1, math.dist(left_eye, right_eye), 0.0)
        return _Crop(1, resize_image(image, self._settings.resolution), {"landmarks": None, "score": None, **facts})

    def _cut_out(self, photograph: PhotographFile, image: np.ndarray, faces: list[Face], which: str | int) -> _Crop:
        """A face, aligned."""
        try:
            ((number, face),) = choose(faces, which, photograph.file).items()
        except UserError as error:
            asked = which if isinstance(which, int) else None
            raise _LeftOut(NO_FACE, _without_file(error, photograph), asked) from error
        alignment = align(face.landmarks, image.shape[:2], self._settings.resolution)
        facts = self._checked(number, face.eye_distance, outside_share(alignment))
        landmarks = face.landmarks.round(2).tolist()
        return _Crop(number, alignment.crop(image), {"landmarks": landmarks, "score": round(face.score, 6), **facts})

    def _checked(self, number: int, eye_distance: float, outside: float) -> dict:
        """Facts of a face in its photograph, or _LeftOut."""
        if flaw := self._settings.filters.flaw_in_photograph(eye_distance, outside):
            raise _LeftOut(*flaw, number)
        return {"eye_distance": round(eye_distance, 2), "outside": round(outside, 4)}

    def _sample(self, photograph: PhotographFile, crop: _Crop) -> Sample:
        """Parses and judges a crop."""
        settings, found = self._settings, self._read(crop.image, Path(photograph.file).stem)
        shares = {name: prediction(probabilities, name)[2] for name, probabilities in found.items()}
        mask, confidence, _ = prediction(found[settings.label_set], settings.label_set)
        sharp = round(sharpness(crop.image, prediction(found["helen"])[0]), 2)
        label = labels.order_left_right(mask, settings.label_set != "helen")
        label[found[settings.label_set].max(axis=-1) < settings.unknown_below] = labels.UNKNOWN
        unknown = round(float((label == labels.UNKNOWN).mean()), 6)
        if flaw := settings.filters.flaw_in_crop(confidence, sharp, shares, unknown):
            raise _LeftOut(*flaw, crop.number)
        name = photograph.face_name(crop.number)
        line = {
            "name": name, "split": photograph.split(settings.val_share), **dataclasses.asdict(photograph),
            "face": crop.number, **crop.facts, "confidence": confidence, "sharpness": sharp,
            "shares": shares[settings.label_set], **({"unknown": unknown} if settings.unknown_below else {}),
            "licence": settings.licence, "parser": settings.parser_sha256,
        }  # fmt: skip
        return Sample(name, crop.image, label, line)

    def _read(self, image: np.ndarray, name: str) -> dict[str, np.ndarray]:
        """By label set probabilities float32 [R, R, C] of its classes: of Helen's and, if labels or filters ask for
        them, of CelebAMask-HQ's; within what is known of the photograph of this name."""
        fitted, settings = self._parser.fit(image)[None], self._settings
        if settings.label_set == "helen" and not settings.filters.without:
            return {"helen": _resized(self._parser.probabilities(fitted)[0], settings.resolution)}
        parts = _resized(self._parser.probabilities(fitted, "celebamask_hq")[0], settings.resolution)
        if self._known:
            parts = self._known.narrowed(parts, name)
        return {"helen": parts @ labels.HELEN_SUMS, "celebamask_hq": parts}


def _passed_over(photograph: PhotographFile, faces: Sequence[Face]) -> Iterator[Callable[[], NoReturn]]:
    """For every fit face beside the largest what raises _LeftOut; none if the largest is unfit, which is told of it."""
    try:
        _, choice = choose_one(faces, "largest", photograph.file)
    except UserError:
        return
    reason = f"{choice.taken('the photograph')}; for all of them: --face=all"

    def leave_out(number: int) -> NoReturn:
        raise _LeftOut(NOT_LARGEST, reason, number)

    yield from (functools.partial(leave_out, number) for number in choice.others)


def _resized(probabilities: np.ndarray, resolution: int) -> np.ndarray:
    """Probabilities float32 [P, P, C] at another size: outlines come out smoother than from a resized mask."""
    if len(probabilities) == resolution:
        return probabilities
    method = cv2.INTER_AREA if len(probabilities) > resolution else cv2.INTER_LINEAR
    return cv2.resize(probabilities, (resolution, resolution), interpolation=method)


def _without_file(error: UserError, photograph: PhotographFile) -> str:
    """A message without the file that it starts with."""
    return str(error).removeprefix(f"{photograph.file}: ")
