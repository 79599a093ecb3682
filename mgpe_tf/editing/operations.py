"""An edit step by step, as a recipe holds it, so that a recipe makes the same picture again.

A recipe comes from anybody, so every operation is a dataclass whose fields are checked when it is read.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mgpe_tf.config import did_you_mean
from mgpe_tf.data.alignment import Alignment
from mgpe_tf.data.detection import Choice
from mgpe_tf.data.picture import Picture
from mgpe_tf.editing.portrait_editor import Portrait, PortraitEditor
from mgpe_tf.editing.session import Session, appearance
from mgpe_tf.errors import UserError
from mgpe_tf.provenance import fields
from mgpe_tf.provenance.fields import checked
from mgpe_tf.provenance.recipe import mask_from_json

MAX_STEPS = 64
"""Largest number of portraits in a picture."""

TILES = 8
"""Portraits in a row of a picture."""


def _number(low: float, high: float) -> Callable[[Any, str], float]:
    """A check that takes a number from `low` to `high`."""

    def take(value: Any, where: str) -> float:
        if type(value) not in (int, float) or not low <= value <= high:
            fields.refuse(value, where, f"a number from {low:g} to {high:g}")
        return float(value)

    return take


def _yes_or_no(value: Any, where: str) -> bool:
    if type(value) is not bool:
        fields.refuse(value, where, "true or false")
    return value


def _amounts(value: Any, where: str) -> dict[str, float]:
    """Takes an object of numbers; which names there are is for ``shapes`` to say."""
    if not isinstance(value, dict):
        fields.refuse(value, where, "an object of numbers")
    return {fields.NAME(name, where): _number(-1, 1)(amount, f"{where}.{name}") for name, amount in value.items()}


def _similarity(value: Any, where: str) -> tuple[float, ...] | None:
    """Takes the six numbers of a similarity [2, 3] that shrinks or enlarges at most 1000 times; or null."""
    if value is None:
        return None
    numbers = fields.several(_number(-1e6, 1e6), 6)(value, where)
    if (
        len(numbers) != 6
        or numbers[0] != numbers[4]
        or numbers[1] != -numbers[3]
        or not (1e-3 <= math.hypot(numbers[0], numbers[1]) <= 1e3)
    ):
        fields.refuse(value, where, "a, -b, x, b, a, y of a similarity")
    return numbers


@dataclasses.dataclass(frozen=True)
class FaceOf:
    """A face in one of the inputs.
      pictures: see ``carry_out``.

    Attributes:
      input: number of the input, from 0.
      face: "largest", or a number from 1, counted from left to right.
      aligned: whether the input is an aligned portrait already.
      matrix: rows of the alignment's matrix, once the face was found: detectors round differently from run to run.
    """

    input: int = checked(fields.integer(0, 63))
    face: str = checked(fields.text("largest|[1-9][0-9]{0,3}", '"largest" or a number from 1'))
    aligned: bool = checked(_yes_or_no)
    matrix: tuple[float, ...] | None = checked(_similarity)

    @property
    def affine(self) -> np.ndarray:
        """The matrix, float64 [2, 3]; ValueError before the face was found."""
        return np.array(self.matrix, float).reshape(2, 3)


def _faces(value: Any, where: str) -> tuple[FaceOf, ...]:
    """Takes a list of faces, of one at least."""
    return fields.several(fields.record(FaceOf), MAX_STEPS)(value, where) or fields.refuse(
        value, where, "a face or more"
    )


Tell = Callable[[FaceOf, Choice], None]
"""Is told which face of a photograph was read."""


class Run:
    """The operations' workbench.

    Args:
      editor: edits.
      photos: (name, uint8 RGB [H, W, 3]) of the inputs.
      strict: see ``Session``.
      tell: is given each face that was read, and which it is.

    Attributes:
      editor, strict: as above.
      session: the face that is edited, once it is opened.
      onto: the picture into which it is pasted; None: the photograph as it is worked on.
      picture: uint8 [H, W, C], once it is drawn; of an animation the frames [N, H, W, 3].
    """

    def __init__(
        self,
        editor: PortraitEditor,
        photos: Sequence[tuple[str, np.ndarray]],
        pictures: Sequence[Picture] = (),
        strict: bool = False,
        tell: Tell = lambda face, choice: None,
    ):
        self.editor, self.strict = editor, strict
        self._photos, self._pictures, self._tell = photos, pictures, tell
        self.onto: Picture | None = None
        self._opened: Session | None = None
        self._portraits: dict[FaceOf, Portrait] = {}
        self.picture: np.ndarray | None = None

    def portrait(self, face: FaceOf) -> Portrait:
        """The face of an input, read once."""
        if face not in self._portraits:
            if face.input >= len(self._photos):
                raise UserError(f"input {face.input} is missing; there are {len(self._photos)}, counted from 0")
            name, photo = self._photos[face.input]
            alignment = None
            if face.matrix is not None:
                alignment = Alignment(face.affine, self.editor.resolution, photo.shape[:2])
            portrait = self._portraits[face] = self.editor.read(photo, face.face, face.aligned, name, alignment)
            if portrait.choice:
                self._tell(face, portrait.choice)
        return self._portraits[face]

    def found(self, face: FaceOf) -> FaceOf:
        """The face with the matrix by which it was read."""
        return dataclasses.replace(face, matrix=tuple(self.portrait(face).alignment.matrix.ravel().tolist()))

    @property
    def session(self) -> Session:
        """UserError before an "open"."""
        if self._opened is None:
            raise UserError('nothing is open yet; the first operation must be "open"')
        return self._opened

    def use(self, session: Session) -> None:
        """Makes it the one that operations work on."""
        self._opened = session

    def open(self, face: FaceOf) -> None:
        """Makes a new session of a face the one that operations work on."""
        self.use(Session(self.editor, self.portrait(face)))
        self.onto = self._pictures[face.input] if self._pictures else None


@dataclasses.dataclass(frozen=True)
class Open:
    """The face that is edited."""

    target: FaceOf = checked(fields.record(FaceOf))

    def apply(self, run: Run) -> None:
        """See ``Session``. Nothing is kept before a ``Keep``: there was none when the first recipes were written."""
        run.open(self.target)
        run.session.strict = run.strict
        run.session.keep(tone=0, detail=0)


@dataclasses.dataclass(frozen=True)
class SetMask:
    """The face drawn on another mask."""

    mask: dict = checked(lambda value, where: mask_from_json(value, where) is not None and value)

    def apply(self, run: Run) -> None:
        """See ``Session.set_mask``."""
        run.session.set_mask(mask_from_json(self.mask, "mask"))


@dataclasses.dataclass(frozen=True)
class Shape:
    """Scripted edits of the mask, amounts by name."""

    amounts: dict = checked(_amounts)

    def apply(self, run: Run) -> None:
        """See ``Session.shape``."""
        run.session.shape(self.amounts)


@dataclasses.dataclass(frozen=True)
class Replace:
    """A component of the mask from another face's mask."""

    component: str = checked(fields.NAME)
    source: FaceOf = checked(fields.record(FaceOf))

    def apply(self, run: Run) -> None:
        """See ``Session.replace``."""
        run.session.replace(self.component, run.portrait(self.source))


@dataclasses.dataclass(frozen=True)
class Take:
    """A component's appearance from another face."""

    component: str = checked(fields.NAME)
    source: FaceOf = checked(fields.record(FaceOf))
    strength: float = checked(_number(0, 1))

    def apply(self, run: Run) -> None:
        """See ``Session.take``."""
        run.session.take(self.component, run.portrait(self.source), self.strength)

    def done(self, run: Run) -> list[Take]:
        """What it has done, as recipes hold it, from which nothing is left out when they are followed: where only parts
        of a whole were taken, these."""
        if not (run.strict and self.strength):
            return [self]
        shown = run.session.shown(self.component, run.portrait(self.source))
        if shown == appearance(self.component):
            return [self]
        return [dataclasses.replace(self, component=name) for name in shown]


@dataclasses.dataclass(frozen=True)
class Keep:
    """What of the photographs stays."""

    tone: float = checked(_number(0, 1))
    detail: float = checked(_number(0, 1))

    def apply(self, run: Run) -> None:
        """See ``Session.keep``."""
        run.session.keep(self.tone, self.detail)


@dataclasses.dataclass(frozen=True)
class Render:
    """The edited photograph."""

    blend: str = checked(fields.NAME)

    def apply(self, run: Run) -> None:
        """See ``Session.render``."""
        run.picture = run.session.render(self.blend, run.onto)


@dataclasses.dataclass(frozen=True)
class Strip:
    """Aligned portraits side by side, from the face's own appearance to another's."""

    component: str = checked(fields.NAME)
    source: FaceOf = checked(fields.record(FaceOf))
    steps: int = checked(fields.integer(2, MAX_STEPS))

    def apply(self, run: Run) -> None:
        """Draws ``frames``."""
        run.picture = tiled(self.frames(run))

    def frames(self, run: Run) -> list[np.ndarray]:
        """The portraits, uint8 [R, R, 3] each."""
        frames, other = [], run.portrait(self.source)
        if run.strict:
            run.session.shown(self.component, other)
        for strength in np.linspace(0, 1, self.steps).tolist():
            run.session.mix(appearance(self.component), other, strength)
            frames.append(run.session.render_portrait())
        return frames


@dataclasses.dataclass(frozen=True)
class Animate(Strip):
    """The portraits of a strip as an animation, there and back."""

    def apply(self, run: Run) -> None:
        """Makes the frames, uint8 [2 steps - 2, R, R, 3], the picture; the last leads to the first."""
        frames = self.frames(run)
        run.picture = np.stack([*frames, *frames[-2:0:-1]])


@dataclasses.dataclass(frozen=True)
class Variety:
    """The open face's mask with the appearances of several faces, side by side."""

    sources: tuple = checked(_faces)

    def apply(self, run: Run) -> None:
        """Draws a portrait for each source in a row."""
        portraits = []
        for source in self.sources:
            run.session.mix(appearance("all"), run.portrait(source))
            portraits.append(run.session.render_portrait())
        run.picture = tiled(portraits)


def tiled(pictures: Sequence[np.ndarray]) -> np.ndarray:
    """Pictures of one size [R, R, 3] in rows of ``TILES``, the rest of the last row white."""
    columns = min(TILES, len(pictures))
    pictures = [*pictures, *[np.full_like(pictures[0], 255)] * (-len(pictures) % columns)]
    rows = [np.concatenate(pictures[i : i + columns], axis=1) for i in range(0, len(pictures), columns)]
    return np.concatenate(rows)


Operation = Open | SetMask | Shape | Replace | Take | Keep | Render | Strip | Animate | Variety

OPERATIONS: dict[str, type[Operation]] = {
    "open": Open,
    "set_mask": SetMask,
    "shape": Shape,
    "replace": Replace,
    "take": Take,
    "keep": Keep,
    "render": Render,
    "strip": Strip,
    "animate": Animate,
    "variety": Variety,
}
"""The operations by the name that a recipe gives them."""


def parse(operations: Sequence[dict]) -> list[Operation]:
    """The operations, all checked; UserError naming the first that is none."""
    return [_parse(operation, f"operation {i}") for i, operation in enumerate(operations, start=1)]


def _parse(operation: dict, where: str) -> Operation:
    arguments = dict(operation)
    name = fields.NAME(arguments.pop("op", None), f"{where}.op")
    if name not in OPERATIONS:
        raise UserError(
            f"{where}: {name!r} is unknown{did_you_mean(name, OPERATIONS)}; allowed: {', '.join(OPERATIONS)}"
        )
    return fields.build(OPERATIONS[name], arguments, f"{where} ({name})")
