"""Which face of a video is edited: decided once, then followed from frame to frame by its place and its appearance.

Somebody else who enters, or who becomes larger, does not take the edit over. A face that was lost, or that is
somewhere else after a cut, is found again by its appearance. How the thresholds were measured is in
docs/how-to/video.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from mgpe_tf.data.alignment import align
from mgpe_tf.data.detection import Choice, Face, choose_one, flaw
from mgpe_tf.errors import UserError
from mgpe_tf.parsing.faces import FaceFinder

if TYPE_CHECKING:
    from mgpe_tf.editing.portrait import Portrait
    from mgpe_tf.editing.portrait_editor import PortraitEditor

SMOOTHING = 0.6
"""Share of the landmarks that comes from the frames before; 0 takes every frame's as they are."""

JUMP = 0.5
"""Landmarks that moved by more than this share of the eyes' distance are not smoothed."""

NEAR = 0.5
"""A face is at the place of another one if its centre is off by at most this share of their box's side, and if it is at
most 1 / (1 - NEAR) times as large or as small."""

SAME = 0.6
"""Least similarity of a face at the place of the one that is followed."""

FOUND = 0.75
"""Least similarity of a face anywhere else, and of any after a cut."""

CERTAIN = 0.85
"""From this similarity on a face that was found elsewhere may show further views of the person."""

NEW_VIEW = 0.9
"""A view that is less similar to all of the remembered ones is remembered, too."""

VIEWS = 8
"""Views of the person that are remembered: the first, and the last ones."""

PATIENCE = 10
"""Frames after which the place of a face that was not found is forgotten."""

CUT = 25.0
"""Mean difference, in levels of 255, between two frames shrunk to ``THUMBNAIL`` from which on they are of two shots."""

THUMBNAIL = (32, 18)
"""Width and height."""


def similarity(one: Portrait, other: Portrait) -> float:
    """How alike two portraits are, from -1 to 1: the mean over the components of their embeddings' cosines."""
    cosines = [
        a @ b / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-12)
        for a, b in ((vector, other.embeddings[name]) for name, vector in one.embeddings.items())
    ]
    return float(np.mean(cosines))


def smoothed(before: np.ndarray | None, face: Face) -> np.ndarray:
    """The landmarks float [5, 2] of a face, drawn towards those of the frame before."""
    if before is None or np.abs(before - face.landmarks).max() > JUMP * face.eye_distance:
        return face.landmarks
    return SMOOTHING * before + (1 - SMOOTHING) * face.landmarks


class Follower:
    """Follows one face through the frames of a video.

    Args:
      editor: finds and reads faces.
      which: the face, in the first frame that has it, fit for an edit: "largest", or a number from 1, counted from left
        to right.
      tell: is told which it is, once it is found.

    Attributes:
      editor: as above.

    Raises:
      UserError: `which` is neither.
    """

    def __init__(
        self,
        editor: PortraitEditor,
        which: str = "largest",
        tell: Callable[[Choice], None] = lambda choice: None,
    ):
        if which != "largest" and not (which.isdecimal() and int(which) > 0):
            raise UserError(f"face: {which!r}; allowed in videos: largest, or a number from 1, from left to right")
        self.editor, self._which, self._tell = editor, which, tell
        self._views: list[Portrait] = []
        self._certain = True
        self._place: Face | None = None
        self._landmarks: np.ndarray | None = None
        self._missing = 0
        self._turns: int | None = None
        self._thumbnail: np.ndarray | None = None

    def find(self, frame: np.ndarray) -> Portrait | None:
        """The face in the next frame, uint8 RGB [H, W, 3]; None if it is not there, or not fit for an edit."""
        cut = self._is_cut(frame)
        if cut:
            self._place = self._turns = None
        faces = self._faces(frame)
        if not self._views:
            return self._begin(frame, faces)
        near = [face for face in faces if self._place is not None and is_near(face, self._place)]
        found = self._best(frame, near, SAME)
        if found is None:
            found = self._best(frame, [face for face in faces if face not in near], FOUND)
            self._certain = found is not None and found[0] >= CERTAIN
        if found is None:
            self._miss(near)
            return None
        return self._follow(*found)

    def _faces(self, frame: np.ndarray) -> list[Face]:
        """The faces of a frame: in all quarter turns until the face was found in the shot, then in its turn alone, so
        that frames without it are no slower than others."""
        detector = self.editor.detector
        if self._turns is not None and isinstance(detector, FaceFinder):
            return detector.detect_in(self._turns, frame)
        return detector.detect(frame)

    def _begin(self, frame: np.ndarray, faces: Sequence[Face]) -> Portrait | None:
        """The face that is meant, if it is there."""
        try:
            face, choice = choose_one(faces, self._which, "frame")
        except UserError:
            return None
        self._tell(choice)
        portrait = self._read(frame, face)
        self._views.append(portrait)
        return self._follow(1.0, face, portrait)

    def _best(self, frame: np.ndarray, faces: Sequence[Face], least: float) -> tuple[float, Face, Portrait] | None:
        """The most similar one of some faces, if it is similar enough, with its similarity."""
        fit = [(face, self._read(frame, face)) for face in faces if flaw(face) is None]
        found = [(max(similarity(portrait, view) for view in self._views), face, portrait) for face, portrait in fit]
        best = max(found, key=lambda one: one[0], default=None)
        return best if best is not None and best[0] >= least else None

    def _follow(self, similar: float, face: Face, portrait: Portrait) -> Portrait:
        """Remembers where the face is and, as long as it is certain to be the person's, how it looks."""
        self._place, self._missing, self._turns = face, 0, quarter_turns(face)
        self._landmarks = smoothed(self._landmarks, face)
        if self._certain and similar < NEW_VIEW:
            self._views.append(portrait)
            del self._views[1:-VIEWS]
        return portrait

    def _miss(self, near: Sequence[Face]) -> None:
        """Remembers that the face was not found; one at its place that is unfit, as in profile, may still be it."""
        unfit = [face for face in near if flaw(face) is not None]
        self._landmarks = None
        if unfit:
            self._place = unfit[0]
            return
        self._missing += 1
        if self._missing > PATIENCE:
            self._place = None

    def _read(self, frame: np.ndarray, face: Face) -> Portrait:
        alignment = align(smoothed(self._landmarks, face), frame.shape[:2], self.editor.resolution)
        return self.editor.read(frame, alignment=alignment)

    def _is_cut(self, frame: np.ndarray) -> bool:
        """Whether the frame is of another shot than the one before it."""
        before, self._thumbnail = self._thumbnail, cv2.resize(frame, THUMBNAIL, interpolation=cv2.INTER_AREA)
        return before is not None and bool(cv2.absdiff(before, self._thumbnail).mean() > CUT)


def quarter_turns(face: Face) -> int:
    """After how many quarter turns of the frame against the clock, 0 to 3, the face stands most nearly upright."""
    x, y = face.landmarks[1] - face.landmarks[0]
    return round(math.degrees(math.atan2(y, x)) / 90) % 4


def is_near(face: Face, place: Face) -> bool:
    """Whether a face is where another one was, about as large."""
    (left, top, width, height), (old_left, old_top, old_width, old_height) = face.box, place.box
    side, old_side = (width * height) ** 0.5, (old_width * old_height) ** 0.5
    if not 1 - NEAR <= side / old_side <= 1 / (1 - NEAR):
        return False
    right, down = left + width / 2 - old_left - old_width / 2, top + height / 2 - old_top - old_height / 2
    return bool(np.hypot(right, down) <= NEAR * (side + old_side) / 2)
