"""Recipes followed, and recipes written: operations whose faces are places in photographs, and faces that were read."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mgpe_tf.data.alignment import Alignment
from mgpe_tf.data.detection import Choice
from mgpe_tf.editing.operations import (
    NAMES,
    Animate,
    Carry,
    Edit,
    FaceOf,
    Keep,
    Open,
    Operation,
    Render,
    with_faces,
)
from mgpe_tf.editing.photograph import Photograph
from mgpe_tf.editing.portrait import Portrait
from mgpe_tf.editing.render import Renderer
from mgpe_tf.editing.session import Session
from mgpe_tf.errors import UserError
from mgpe_tf.provenance.recipe import mask_to_json

if TYPE_CHECKING:
    from mgpe_tf.editing.portrait_editor import PortraitEditor

TILES = 8
"""Portraits in a row of a picture."""

Tell = Callable[[FaceOf, Choice], None]
"""Is told which face of a photograph was read."""


class Inputs:
    """The faces in some photographs, each read once.

    Args:
      editor: reads them.
      photographs: by the numbers of the inputs.
      tell: is given each face that was read, and which it is.
    """

    def __init__(
        self,
        editor: PortraitEditor,
        photographs: Mapping[int, Photograph],
        tell: Tell = lambda face, choice: None,
    ):
        self.editor = editor
        self._photographs, self._tell = photographs, tell
        self._read: dict[FaceOf, Portrait] = {}

    def portrait(self, face: FaceOf) -> Portrait:
        """The face of an input; UserError if there is none."""
        if face not in self._read:
            if face.input not in self._photographs:
                count = len(self._photographs)
                raise UserError(f"input {face.input} is missing; there are {count}, counted from 0")
            photo = self._photographs[face.input]
            alignment = None
            if face.matrix is not None:
                matrix = np.array(face.matrix, float).reshape(2, 3)
                alignment = Alignment(matrix, self.editor.resolution, photo.image.shape[:2])
            portrait = self.editor.read(photo, face.face, face.aligned, str(photo.path), alignment)
            self._read[face] = portrait
            if portrait.choice:
                self._tell(face, portrait.choice)
        return self._read[face]

    def resolved(self, operation: Operation) -> Any:
        """An operation with the faces that it names."""
        return with_faces(operation, self.portrait)


@dataclasses.dataclass(frozen=True)
class Followed:
    """The result of some operations.

    Attributes:
      picture: uint8 [H, W, C] as that of the target, or RGB, or the frames of an animation [N, H, W, 3].
      done: what was done, with the places of the faces: the same operations, or those that do the same where nothing is
        refused.
      notices: what a user should know of it.
    """

    picture: np.ndarray
    done: Sequence[Operation]
    notices: Sequence[str]


def follow(operations: Sequence[Operation], inputs: Inputs, strict: bool = False) -> Followed:
    """Does what operations say, the first of which opens a face and the last of which renders.

    Args:
      operations: their faces are places in the inputs.
      inputs: the photographs; the result is as the target's file holds its pixels.
      strict: whether what would be made up is refused; not of a recipe that is made again.

    Raises:
      UserError: an operation cannot be done; it is named, if it is a recipe's.
    """
    session: Session | None = None
    picture: np.ndarray | None = None
    done: list[Operation] = []
    for i, operation in enumerate(operations, start=1):
        try:
            resolved = inputs.resolved(operation)
            if isinstance(resolved, Open):
                session = _opened(inputs, resolved, strict)
            elif session is None:
                raise UserError('nothing is open yet; the first operation must be "open"')
            done += resolved.done(session.state) if isinstance(resolved, Edit) else [resolved]
            if isinstance(resolved, Edit):
                session.apply(resolved)
            elif not isinstance(resolved, Open):
                picture = rendered(session, resolved)
        except UserError as error:
            if strict:  # whoever made the edit knows of no numbers
                raise
            raise UserError(f"operation {i} ({NAMES[type(operation)]}): {error}") from error
    if picture is None or session is None:
        raise UserError("the operations render no picture; the last must be render, strip, animate or variety")
    return Followed(picture, done, session.notices)


def reopened(operations: Sequence[Operation], inputs: Inputs) -> Session:
    """A strict session as it was before a recipe's picture was rendered, with nothing that could be undone.

    Raises:
      UserError: the recipe is of another kind of picture, or cannot be followed.
    """
    edits = operations[1:-1]
    kinds = [type(operation) for operation in (*operations[:1], *operations[-1:])]
    if kinds != [Open, Render] or not all(isinstance(each, Edit) for each in edits):
        names = ", ".join(NAMES[type(operation)] for operation in operations)
        raise UserError(
            f"operations {names}; allowed in the recipe of an edited photograph: open, then set_mask, "
            "shape, replace, take, keep, carry and dye, then render"
        )
    session = _opened(inputs, inputs.resolved(operations[0]), strict=False)
    for operation in edits:
        session.apply(inputs.resolved(operation))
    return Session(inputs.editor, session.portrait, begun=dataclasses.replace(session.state, strict=True))


def located(operations: Sequence[Operation], files: Sequence[Photograph] = ()) -> tuple[list[Photograph], list[Any]]:
    """The files of the faces in some operations, those that are given first, and the operations with places in them."""
    files = list(files)

    def place(portrait: Portrait) -> FaceOf:
        assert portrait.file is not None  # recipes are of files
        if portrait.file not in files:
            files.append(portrait.file)
        matrix = tuple(portrait.alignment.matrix.ravel().tolist())
        return FaceOf(files.index(portrait.file), portrait.face, portrait.aligned, matrix)

    return files, [with_faces(operation, place) for operation in operations]


def to_json(operation: Operation) -> dict[str, Any]:
    """An operation as a recipe holds it; its faces are places."""
    document: dict[str, Any] = {"op": NAMES[type(operation)]}
    for field in dataclasses.fields(operation):
        if "check" in field.metadata:
            value = getattr(operation, field.name)
            document[field.name] = mask_to_json(value) if isinstance(value, np.ndarray) else value
    plain: dict[str, Any] = json.loads(json.dumps(document, default=dataclasses.asdict))  # tuples become lists
    return plain


def _opened(inputs: Inputs, opening: Any, strict: bool) -> Session:
    session = Session(inputs.editor, opening.target, strict)
    session.apply(Keep(tone=0.0, detail=0.0))
    session.apply(Carry(0.0))
    return session


def rendered(session: Session, operation: Any) -> np.ndarray:
    """The picture of a session by an operation that renders: see ``Followed``."""
    if isinstance(operation, Render):
        file = session.portrait.file
        return session.render(operation.blend, file.picture if file else None)
    renderer = Renderer()
    frames = [renderer.portrait(state) for state in operation.frames(session.state)]
    if isinstance(operation, Animate):
        return np.stack([*frames, *frames[-2:0:-1]])  # there and back: the last leads to the first
    return tiled(frames)


def tiled(pictures: Sequence[np.ndarray]) -> np.ndarray:
    """Pictures of one size [R, R, 3] in rows of ``TILES``, the rest of the last row white."""
    columns = min(TILES, len(pictures))
    pictures = [*pictures, *[np.full_like(pictures[0], 255)] * (-len(pictures) % columns)]
    rows = [np.concatenate(pictures[i : i + columns], axis=1) for i in range(0, len(pictures), columns)]
    return np.concatenate(rows)
