"""The sessions of all users, limited in number and age."""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from mgpe_tf.editing.faces import Faces
from mgpe_tf.editing.photograph import Photograph
from mgpe_tf.editing.portrait import Portrait
from mgpe_tf.editing.session import Session
from mgpe_tf.editing.state import EditState
from mgpe_tf.errors import UserError
from mgpe_tf.webapp.limits import Limits


@dataclasses.dataclass
class Desk:
    """What a user has open.

    Attributes:
      session: the edits of the face that is edited now.
      faces: those of the target's photograph that can be edited.
      folder: for files that this user downloads.
      used: when it was last used, by the store's clock.
      others: the edits of other faces of the photograph that were edited before, by number.
      source: whose appearance is taken.
      source_faces: those of its photograph.
      thumbnails, thumbnails_of: of the edits by one click, by name, and the face that they are of.
      wish: the edit that is made once there is a source.
      original: the face and the view of it that the page shows the original of.
    """

    session: Session
    faces: Faces
    folder: Path
    used: float
    others: dict[int, Session] = dataclasses.field(default_factory=dict)
    source: Portrait | None = None
    source_faces: Faces | None = None
    thumbnails: dict[str, np.ndarray] = dataclasses.field(default_factory=dict)
    thumbnails_of: Portrait | None = None
    wish: str = ""
    original: tuple[str, str] | None = None

    @property
    def target(self) -> Photograph:
        """The photograph that is edited."""
        return self.faces.photograph

    @property
    def face(self) -> int:
        """The number of the face that is edited now; a recipe may have opened it as the "largest"."""
        matrix = self.session.portrait.alignment.matrix
        return min(self.faces.places, key=lambda number: np.abs(self.faces.places[number].matrix - matrix).sum())

    @property
    def edited_besides(self) -> list[int]:
        """The numbers of the other faces that have edits, from left to right."""
        return sorted(number for number, session in self.others.items() if has_edits(session.state))

    @property
    def is_edited(self) -> bool:
        """Whether any face of the photograph has edits."""
        return has_edits(self.session.state) or bool(self.edited_besides)

    def go_on(self, session: Session) -> None:
        """Goes on with the edits of a face of the photograph; those of the face before are kept."""
        self.others[self.face] = self.session
        self.session = session
        self.others.pop(self.face, None)

    def new_file(self, name: str) -> Path:
        """A path for a new file in a new folder; only who is told it can fetch the file. Of a long name the end stays:
        inputs have names of up to 255 characters, files of 255 bytes."""
        return Path(tempfile.mkdtemp(dir=self.folder)) / name.encode()[-200:].decode(errors="ignore")


def has_edits(state: EditState) -> bool:
    """Whether something is asked for, which need not change a pixel."""
    return bool(state.steps or state.taken or state.dyed)


class Store:
    """Desks by key. A key is known to its user alone, and is all that is needed to use the desk.

    Args:
      limits: how many, and for how long.
      folder: where the desks' folders are made.
      clock: gives the time in seconds.
    """

    def __init__(self, limits: Limits, folder: Path, clock: Callable[[], float] = time.monotonic):
        self._limits, self._folder, self._clock = limits, folder, clock
        self._desks: dict[str, Desk] = {}
        self._lock = threading.Lock()

    def __contains__(self, key: str) -> bool:
        return key in self._desks

    def __len__(self) -> int:
        return len(self._desks)

    def check_room(self, key: str) -> None:
        """UserError if there is no place for one more desk; the user's own one is no obstacle."""
        self.expire()
        if key not in self._desks and len(self) >= self._limits.max_sessions:
            raise UserError(
                f"{len(self)} portraits are being edited, as many as this server takes at a time; try "
                "again in a few minutes"
            )

    def put(self, key: str, session: Session, faces: Faces) -> Desk:
        """A new desk in the place of the user's one before it, whose source it keeps; UserError if there is no room."""
        before = self._desks.get(key)
        self.close(key)
        with self._lock:
            self.check_room(key)
            folder = Path(tempfile.mkdtemp(dir=self._folder))
            desk = self._desks[key] = Desk(session, faces, folder, self._clock())
            if before:
                desk.source, desk.source_faces = before.source, before.source_faces
            return desk

    def get(self, key: str) -> Desk:
        """The desk of a user; UserError if there is none or it has ended."""
        self.expire()
        desk = self._desks.get(key)
        if desk is None:
            raise UserError(
                f"no photograph is open, or it was not used for {self._limits.session_minutes:g} minutes; open one"
            )
        desk.used = self._clock()
        return desk

    def close(self, key: str) -> None:
        """Forgets a desk and deletes its files; a key that is unknown is none too many."""
        desk = self._desks.pop(key, None)
        if desk:
            shutil.rmtree(desk.folder, ignore_errors=True)

    def expire(self) -> None:
        """Closes the desks that were not used for too long."""
        oldest = self._clock() - 60 * self._limits.session_minutes
        for key, desk in list(self._desks.items()):
            if desk.used < oldest:
                self.close(key)
