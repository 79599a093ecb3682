"""The edits of one photograph while somebody makes them: drawn at once, and told as a recipe whenever one is wanted."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

from mgpe_tf.data.alignment import Alignment, align, whole
from mgpe_tf.data.detection import Choice, choose
from mgpe_tf.editing.operations import FaceOf, Keep, Open, Render, Replace, Run, SetMask, Shape, Take, parse
from mgpe_tf.editing.photograph import Photograph
from mgpe_tf.editing.portrait_editor import Portrait, PortraitEditor
from mgpe_tf.editing.session import APPEARANCES, Session
from mgpe_tf.errors import UserError
from mgpe_tf.provenance.recipe import Recipe, mask_to_json


@dataclasses.dataclass(frozen=True, eq=False)
class ReadFace:
    """A face that was read off a photograph.

    Attributes:
      photograph: the file.
      place: where the face is in it, with its matrix; the number of the input is for ``RecordedSession`` to fill in.
      portrait: what was read.
    """

    photograph: Photograph
    place: FaceOf
    portrait: Portrait


def find_faces(editor: PortraitEditor, photo: Photograph, aligned: bool = False) -> dict[int, FaceOf]:
    """The faces that can be edited, by their numbers from left to right; of an aligned portrait the only one.

    Args:
      editor: its detector looks for them.
      photo: the file.
      aligned: it is a square portrait framed as the training data already.

    Raises:
      UserError: there is none.
    """
    size, name = photo.image.shape[:2], photo.input.file
    if aligned:
        return {1: _place("1", True, whole(size, editor.resolution, name))}
    fit = choose(editor.detector.detect(photo.image), "all", name)
    return {
        number: _place(str(number), False, align(face.landmarks, size, editor.resolution))
        for number, face in fit.items()
    }


def largest(faces: dict[int, FaceOf]) -> int:
    """The number of the face that is enlarged least to become a portrait."""
    return min(faces, key=lambda number: math.hypot(*faces[number].affine[0, :2]))


def chosen(faces: dict[int, FaceOf], number: int | None, photo: Photograph) -> FaceOf:
    """The face of a number; None: the largest. UserError naming the photograph if there is none."""
    if number is not None and number not in faces:
        raise UserError(f"face: {number}; allowed for {photo.input.file}: {', '.join(map(str, faces))}")
    return faces[largest(faces) if number is None else number]


def choice_of(faces: dict[int, FaceOf], place: FaceOf) -> Choice:
    """Which of the faces is at a place."""
    return Choice(int(place.face), tuple(number for number in faces if number != int(place.face)))


def read_face(editor: PortraitEditor, photo: Photograph, place: FaceOf) -> ReadFace:
    """Aligns, parses and embeds a face whose place ``find_faces`` has found."""
    alignment = Alignment(place.affine, editor.resolution, photo.image.shape[:2])
    return ReadFace(photo, place, editor.read(photo.image, name=photo.input.file, alignment=alignment))


def _place(face: str, aligned: bool, alignment: Alignment) -> FaceOf:
    return FaceOf(0, face, aligned, tuple(alignment.matrix.ravel().tolist()))


class RecordedSession:
    """A session that knows its files. A face that is swapped keeps the own skin tone unless it is told otherwise.

    Args:
      editor: edits.
      target: the face that is edited.

    Attributes:
      target: as above.
      session: draws; appearances are changed by the methods here, all else by its own.
    """

    def __init__(self, editor: PortraitEditor, target: ReadFace):
        self.target, self.session = target, Session(editor, target.portrait, strict=True)
        self.session.keep(tone=1)
        self._taken: dict[str, tuple[ReadFace, float]] = {}

    @classmethod
    def of_recipe(cls, editor: PortraitEditor, recipe: Recipe, photographs: Sequence[Photograph]) -> RecordedSession:
        """A session as it was before a recipe's picture was drawn.

        Args:
          editor: edits.
          recipe: that of an edited photograph.
          photographs: its inputs, in its order.

        Raises:
          UserError: the recipe is of another kind of picture, or cannot be followed.
        """
        operations = parse(recipe.operations)
        kinds = [type(operation) for operation in operations]
        opening = operations[0] if operations else None
        if (
            not isinstance(opening, Open)
            or kinds[-1:] != [Render]
            or not set(kinds[1:-1]) <= {SetMask, Shape, Replace, Take, Keep}
        ):
            names = ", ".join(operation["op"] for operation in recipe.operations)
            raise UserError(
                f"operations {names}; allowed in the recipe of an edited photograph: open, then set_mask, "
                "shape, replace, take and keep, then render"
            )
        run = Run(editor, [(photo.input.file, photo.image) for photo in photographs])

        def read(place: FaceOf) -> ReadFace:
            portrait = run.portrait(place)
            return ReadFace(photographs[place.input], run.found(place), portrait)

        recorded = cls(editor, read(opening.target))
        run.use(recorded.session)
        recorded.session.strict = False  # a recipe is followed as it was written
        recorded.session.keep(tone=0, detail=0)  # as at the start of every recipe
        for operation in operations[1:-1]:
            if isinstance(operation, Take):
                recorded.take(operation.component, read(operation.source), operation.strength)
            else:
                operation.apply(run)
        recorded.session.strict = True
        return recorded

    def take(self, what: str, source: ReadFace, strength: float = 1.0) -> None:
        """See ``Session.take``."""
        taken = self.session.take(what, source.portrait, strength)
        self._taken.update(dict.fromkeys(taken, (source, strength)))

    def reset(self, what: str) -> None:
        """Undoes ``take`` for a component."""
        self.session.reset(what)
        for name in APPEARANCES[what]:
            self._taken.pop(name, None)

    def taken_from(self, source: ReadFace) -> list[str]:
        """The components whose appearance is in use from a face."""
        return [name for name, (face, _) in self._taken.items() if face is source]

    @property
    def photographs(self) -> list[Photograph]:
        """The target's, and those whose appearance is in use."""
        return list(dict.fromkeys([self.target.photograph, *(face.photograph for face, _ in self._taken.values())]))

    def operations(self, blend: str = "feather") -> list[dict]:
        """The recipe of what ``session.render(blend)`` draws; its inputs are counted as in ``photographs``."""
        photographs = self.photographs
        taken = [
            {
                "op": "take",
                "component": name,
                "source": _told(face, photographs.index(face.photograph)),
                "strength": strength,
            }
            for name, (face, strength) in self._taken.items()
        ]
        return [*self._start(), *taken, {"op": "keep", **self.session.kept}, {"op": "render", "blend": blend}]

    def variety(self, sources: Sequence[ReadFace]) -> tuple[list[Photograph], list[dict]]:
        """The inputs and the recipe of the mask as it is now with the appearances of several faces, side by side, each
        in its own skin tone."""
        faces = [_told(face, number) for number, face in enumerate(sources, start=1)]
        photographs = [self.target.photograph, *(face.photograph for face in sources)]
        kept = {"op": "keep", **self.session.kept, "tone": 0.0}
        return photographs, [*self._start(), kept, {"op": "variety", "sources": faces}]

    def _start(self) -> list[dict]:
        """The operations up to the mask as it is now."""
        steps = [{"op": "open", "target": _told(self.target, 0)}]
        if (self.session.mask != self.target.portrait.mask).any():
            steps.append({"op": "set_mask", "mask": mask_to_json(self.session.mask)})
        return steps


def _told(face: ReadFace, number: int) -> dict:
    """Where a face is, as a recipe tells it; `number` is that of the input."""
    return {**dataclasses.asdict(face.place), "input": number, "matrix": face.place.affine.ravel().tolist()}
