"""The operations of an edit: what each is told, within which limits and with which default, and what it does.

All that edits is made of these: the command line's flags, the page's controls, the methods of sessions, and recipes,
whose JSON holds {"op": name, ...fields}. A recipe comes from anybody, so fields are checked when they are read.

An operation names other faces by their places in the inputs (``FaceOf``) or holds them as they were read
(``Portrait``); ``recipes`` changes one into the other.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from mgpe_tf import labels
from mgpe_tf.config import did_you_mean
from mgpe_tf.editing.masks import edits
from mgpe_tf.editing.masks.beard import shows_beard
from mgpe_tf.editing.masks.presence import (
    beyond_notices,
    colour_notices,
    hat_notices,
    missing,
    missing_each,
    notices_of,
    parts_of,
    turned_notices,
)
from mgpe_tf.editing.masks.replace import replace_component, replace_hair, restore_component
from mgpe_tf.editing.pixels.dye import Dyed
from mgpe_tf.editing.pixels.paste import BLENDS
from mgpe_tf.editing.portrait import Portrait
from mgpe_tf.editing.state import EditState, Taken, appearance, part_of
from mgpe_tf.errors import UserError
from mgpe_tf.provenance import fields
from mgpe_tf.provenance.fields import checked
from mgpe_tf.provenance.recipe import mask_from_json

MAX_STEPS = 64
"""Largest number of portraits in a picture."""

LEAST_FACE = 0.02
"""Least share of the photograph's pixels of a face that a mask must have: less are strays."""


def _amounts(value: Any, where: str) -> dict[str, float]:
    """Takes an object of numbers; which names there are is for ``masks.edits`` to say."""
    if not isinstance(value, dict):
        fields.refuse(value, where, "an object of numbers")
    amount = fields.Number(-1, 1)
    return {fields.NAME(name, where): amount(value[name], f"{where}.{name}") for name in value}


def _yes_or_no(value: Any, where: str) -> bool:
    if type(value) is not bool:
        fields.refuse(value, where, "true or false")
    return value


def _similarity(value: Any, where: str) -> tuple[float, ...] | None:
    """Takes the six numbers of a similarity [2, 3] that shrinks or enlarges at most 1000 times; or null."""
    if value is None:
        return None
    numbers: tuple[float, ...] = fields.several(fields.Number(-1e6, 1e6), 6)(value, where)
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

    Attributes:
      input: number of the input, from 0.
      face: "largest", or a number from 1, counted from left to right.
      aligned: whether the input is an aligned portrait already.
      matrix: rows of the alignment's matrix, once the face was found: detectors round differently from run to run.
    """

    input: int = checked(fields.Whole(0, 63))
    face: str = checked(
        fields.text("largest|[1-9][0-9]{0,3}", '"largest" or a number from 1'),
        default="largest",
        help="Largest, or a number from 1, from left to right.",
    )
    aligned: bool = checked(_yes_or_no, default=False)
    matrix: tuple[float, ...] | None = checked(_similarity, default=None)


_face = fields.record(FaceOf)
_colour = fields.text("#[0-9a-fA-F]{6}", "a colour as #rrggbb, red, green and blue from 00 to ff")


def _faces(value: Any, where: str) -> tuple[FaceOf, ...]:
    """Takes a list of faces, of one at least."""
    faces: tuple[FaceOf, ...] = fields.several(_face, MAX_STEPS)(value, where)
    return faces or fields.refuse(value, where, "a face or more")


@dataclasses.dataclass(frozen=True)
class Operation:
    """The base of all operations: numbers are checked whoever makes one."""

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            check = field.metadata.get("check")
            if isinstance(check, fields.Number | fields.OneOf):
                object.__setattr__(self, field.name, check(getattr(self, field.name), field.name))


class Edit(Operation):
    """An operation that makes another state of a state. In recipes of finished pictures these stand first."""

    def apply(self, state: EditState) -> EditState:
        """The state after it; UserError if it cannot be done."""
        raise NotImplementedError

    def done(self, state: EditState) -> Sequence[Edit]:
        """The edits that recipes hold for it, so that it is the same when nothing is refused."""
        return [self]

    def revises(self, last: Edit) -> bool:
        """Whether it takes the place of the operation before it, as further moves of one slider do."""
        return False

    def takes_back(self, earlier: Edit) -> bool:
        """Whether what was told of an earlier operation does not hold any more."""
        return False


@dataclasses.dataclass(frozen=True)
class Open(Operation):
    """The face that is edited. In recipes nothing is kept before a ``Keep``: the first recipes knew none."""

    target: FaceOf | Portrait = checked(_face)


@dataclasses.dataclass(frozen=True, eq=False)
class SetMask(Edit):
    """The face on another mask, uint8 [R, R] Helen ids; `name` stands for it in errors."""

    mask: np.ndarray = checked(mask_from_json)
    name: str = "mask"

    def apply(self, state: EditState) -> EditState:
        """UserError if it is no mask of the right size, or has no face where the photograph has one."""
        own, mask = state.target.mask, np.asarray(self.mask)
        if mask.shape != own.shape:
            raise UserError(f"{self.name}: {mask.dtype} of shape {mask.shape}; allowed: ids {list(own.shape)}")
        labels.validate(mask, "helen", self.name)
        _require_face(mask, own, self.name)
        return state.with_mask(mask.astype(np.uint8))


@dataclasses.dataclass(frozen=True)
class Shape(Edit):
    """Scripted edits of the mask as it is, by their names (``edits.EDITS``)."""

    amounts: Mapping[str, float] = checked(_amounts)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.amounts, Mapping):
            fields.refuse(self.amounts, "amounts", 'numbers by name, as {"smile": 0.6}')

    def apply(self, state: EditState) -> EditState:
        """Notices tell what the mask lacks."""
        own, mask = state.target, edits.apply(state.mask, self.amounts, state.target.scene)
        notices = notices_of(state.mask, own.mask, self.amounts)
        notices += beyond_notices(own.mask, mask, own.alignment)
        return state.shaped(mask, self.amounts, *notices)


@dataclasses.dataclass(frozen=True)
class Reshape(Edit):
    """Scripted edits in the place of those before, as sliders make them.

    Attributes:
      amounts: by name.
      slider: the one that was moved; None: another thing was done, which is a step of its own.
    """

    amounts: Mapping[str, float]
    slider: str | None = None

    def apply(self, state: EditState) -> EditState:
        """See ``Shape``."""
        shaped = Shape(self.amounts).apply(state.unshaped)
        return dataclasses.replace(shaped, amounts=dict(self.amounts))

    def revises(self, last: Edit) -> bool:
        """If it moves the slider that was moved before."""
        return isinstance(last, Reshape) and self.slider is not None and self.slider == last.slider

    def takes_back(self, earlier: Edit) -> bool:
        """Of the amounts before."""
        return isinstance(earlier, Reshape)


@dataclasses.dataclass(frozen=True)
class Mirror(Edit):
    """The mask mirrored, left for right."""

    def apply(self, state: EditState) -> EditState:
        """See ``labels.mirrored``."""
        return state.with_mask(labels.mirrored(state.mask))


@dataclasses.dataclass(frozen=True)
class Restore(Edit):
    """A component of the mask as it was read (``replace.RESTORABLE``); without one, all of it."""

    component: str | None = None

    def apply(self, state: EditState) -> EditState:
        """UserError for an unknown component."""
        own = state.target.mask
        return state.with_mask(restore_component(state.mask, own, self.component) if self.component else own)


@dataclasses.dataclass(frozen=True)
class Replace(Edit):
    """A component of the mask from another face's mask (``replace.REPLACEABLE``)."""

    component: str = checked(fields.NAME)
    source: FaceOf | Portrait = checked(_face)

    def apply(self, state: EditState) -> EditState:
        """UserError if one of the faces lacks it."""
        donor = _portrait(self.source)
        if self.component == "hair":
            facing = donor.facing(state.target)
            mask = replace_hair(state.mask, facing.giving_hair(state.target), state.target.scene, facing.bald)
        else:
            mask = replace_component(state.mask, donor.mask, self.component)
        self._refuse(state, donor.mask, "the other photograph shows no {0}, so there is no shape to take")
        if self.component != "hair":  # which a bald head can be given
            self._refuse(state, state.mask, "the photograph shows no {0} whose shape could be another's")
        notices: list[str] = []
        if state.strict and self.component == "hair":
            own = state.target
            notices = [*hat_notices(own.scene, donor.scene), *turned_notices(own.mask, donor.mask)]
            notices += beyond_notices(own.mask, mask, own.alignment)
        return state.with_mask(mask, *notices)

    def _refuse(self, state: EditState, mask: np.ndarray, why: str) -> None:
        gone = missing(mask, parts_of([self.component])) if state.strict else []
        if gone:
            raise UserError(why.format(" and no ".join(gone)))


@dataclasses.dataclass(frozen=True)
class Take(Edit):
    """The appearance of a component (``state.APPEARANCES``) from another face.

    Of a strict state what the other photograph does not show stays as it is, which is told.
    """

    component: str = checked(fields.NAME)
    source: FaceOf | Portrait = checked(_face)
    strength: float = checked(fields.Number(0, 1), default=1.0, help="0 (as it is) to 1 (as the source).")

    def apply(self, state: EditState) -> EditState:
        """UserError, of a strict state, if the donor shows nothing of it, or there is no place for a beard."""
        donor, names = _portrait(self.source), self.taken(state)
        if state.strict and self.strength and self.component == "beard" and not shows_beard(state.mask):
            raise UserError("the photograph shows no skin about the mouth and the chin where a beard could be")
        hidden = missing(donor.mask, parts_of([n for n in appearance(self.component) if n not in names]))
        notices = [f"the other photograph shows no {part}: the own stays" for part in hidden]
        if state.strict and self.strength and "skin" in names:
            notices += turned_notices(state.target.mask, donor.mask)
        if state.strict and self.strength and "hair" in names:
            notices += colour_notices(donor.scene)
        return state.taking(names, Taken.of(self.component, donor, self.strength), *notices)

    def taken(self, state: EditState) -> tuple[str, ...]:
        """The components that are taken."""
        if state.strict and self.strength:
            return shown(self.component, _portrait(self.source))
        return appearance(self.component)

    def revises(self, last: Edit) -> bool:
        """If it changes the strength alone."""
        return isinstance(last, Take) and last.source is self.source and last.component == self.component

    def done(self, state: EditState) -> Sequence[Edit]:
        """Where only parts of a whole are taken, these."""
        names = self.taken(state)
        if names == appearance(self.component):
            return [self]
        return [dataclasses.replace(self, component=name) for name in names]


@dataclasses.dataclass(frozen=True)
class TakeInstead(Take):
    """The same in the place of another's whole face, if one is taken, as one click takes a beard."""

    def apply(self, state: EditState) -> EditState:
        """See ``Take``."""
        return super().apply(state.without(appearance("face")) if state.has_face else state)


@dataclasses.dataclass(frozen=True)
class TakeOnly(Edit):
    """The appearances of some components from another face, and none but these from it, as tick boxes take them."""

    components: Sequence[str]
    source: FaceOf | Portrait
    strength: float = checked(fields.Number(0, 1), default=Take.strength)

    def apply(self, state: EditState) -> EditState:
        """See ``Take``."""
        donor, notices = _portrait(self.source), {}
        state = state.without([name for name, taken in state.taken.items() if taken.donor is donor])
        for component in self.components:
            state = Take(component, donor, self.strength).apply(state)
            notices.update(dict.fromkeys(state.notices))
        return dataclasses.replace(state, notices=tuple(notices))

    def revises(self, last: Edit) -> bool:
        """If it changes the strength alone."""
        return (
            isinstance(last, TakeOnly) and last.source is self.source and list(last.components) == list(self.components)
        )


@dataclasses.dataclass(frozen=True)
class PutBack(Edit):
    """The own appearance of a component (``state.APPEARANCES``); hair is no longer dyed."""

    component: str = "all"

    def apply(self, state: EditState) -> EditState:
        """UserError for an unknown component."""
        names, part = appearance(self.component), part_of(self.component)
        return dataclasses.replace(state.without(names, part), dyed=None if "hair" in names else state.dyed)

    def takes_back(self, earlier: Edit) -> bool:
        """Of appearances that are all put back."""
        if not isinstance(earlier, Take) or part_of(self.component) not in ("", part_of(earlier.component)):
            return False
        return set(appearance(earlier.component)) <= set(appearance(self.component))


@dataclasses.dataclass(frozen=True)
class StartOver(Edit):
    """All as in an earlier state of the same face, e.g. as it was at the beginning."""

    begun: EditState

    def apply(self, state: EditState) -> EditState:
        """Whatever was done since."""
        return self.begun

    def takes_back(self, earlier: Edit) -> bool:
        """All."""
        return True


@dataclasses.dataclass(frozen=True)
class Keep(Edit):
    """Keeps of the photographs what embeddings do not hold, or what a user does not want changed.

    Details are those of the photograph whose appearance is shown; strands the own ones, if the own hair fits the mask
    better.
    """

    tone: float = checked(fields.Number(0, 1), default=0.0, help="Own skin tone and light under a taken skin, 0 to 1.")
    detail: float = checked(
        fields.Number(0, 1),
        default=1.0,
        help="Strands of hair, irises and teeth: 0 (as generated) to 1 (as in the photographs).",
    )

    def apply(self, state: EditState) -> EditState:
        """Changes how much of either is kept."""
        return dataclasses.replace(state, tone=self.tone, detail=self.detail, notices=())

    def revises(self, last: Edit) -> bool:
        """As long as nothing else is done."""
        return isinstance(last, Keep)


@dataclasses.dataclass(frozen=True)
class Carry(Edit):
    """Pixels of the photographs, carried to where the mask has them, in the place of generated ones. Networks generate
    what is left, or all where an editor has no registration networks. In recipes nothing is carried before it."""

    amount: float = checked(
        fields.Number(0, 1),
        default=1.0,
        help="Pixels carried from the photographs in the place of generated ones: 0 to 1.",
    )

    def apply(self, state: EditState) -> EditState:
        """Changes how much is carried."""
        return dataclasses.replace(state, carry=self.amount, notices=())

    def revises(self, last: Edit) -> bool:
        """As long as nothing else is done."""
        return isinstance(last, Carry)


@dataclasses.dataclass(frozen=True)
class Dye(Edit):
    """Hair of another colour, whosever it is: its strands stay, lighter or darker as a whole."""

    colour: str = checked(_colour, help="Colour of the hair, as #5b3a21.")
    strength: float = checked(fields.Number(0, 1), default=1.0, help="Of the dye: 0 (hair as it is) to 1.")

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "colour", _colour(self.colour.lower(), "colour"))

    def apply(self, state: EditState) -> EditState:
        """UserError, of a strict state, if there is no hair."""
        if state.strict and self.strength and missing(state.mask, ("hair",)):
            raise UserError("the photograph shows no hair that could be dyed")
        red, green, blue = bytes.fromhex(self.colour[1:])
        dyed = Dyed((red, green, blue), self.strength) if self.strength else None
        return dataclasses.replace(state, dyed=dyed, notices=())

    def revises(self, last: Edit) -> bool:
        """If it changes the strength alone."""
        return isinstance(last, Dye) and last.colour == self.colour


@dataclasses.dataclass(frozen=True)
class Haircut(Edit):
    """Another's hair: its shape and its appearance. Sliders of shapes count on from it."""

    source: FaceOf | Portrait
    strength: float = checked(fields.Number(0, 1), default=Take.strength)

    def apply(self, state: EditState) -> EditState:
        """UserError, of a strict state, if the donor shows no hair."""

        def cut(state: EditState) -> EditState:
            shaped = Replace("hair", self.source).apply(state)
            taken = Take("hair", self.source, self.strength).apply(shaped)
            return dataclasses.replace(taken, notices=(*shaped.notices, *taken.notices))

        return _beneath_sliders(state, cut)

    def revises(self, last: Edit) -> bool:
        """If it changes the strength alone."""
        return isinstance(last, Haircut) and last.source is self.source


@dataclasses.dataclass(frozen=True)
class OwnHair(Edit):
    """The hair as it is in the photograph, its shape and its appearance; sliders of shapes count on from it."""

    def apply(self, state: EditState) -> EditState:
        """Takes a ``Haircut`` back, whatever was done since."""
        return _beneath_sliders(state, lambda state: Restore("hair").apply(state).without(["hair"]))


SWAPPED = Keep(tone=1.0)
"""The default of swaps: without it a face would have the light of another room."""


@dataclasses.dataclass(frozen=True)
class Render(Operation):
    """The edited photograph."""

    blend: str = checked(fields.OneOf(BLENDS), default=BLENDS[0], help="How the edited region meets the rest.")


@dataclasses.dataclass(frozen=True)
class Strip(Operation):
    """Aligned portraits side by side, from the face's own appearance to another's."""

    component: str = checked(fields.NAME)
    source: FaceOf | Portrait = checked(_face)
    steps: int = checked(fields.Whole(2, MAX_STEPS), default=7, help="Portraits.")

    def frames(self, state: EditState) -> list[EditState]:
        """The state of each portrait. UserError, of a strict state, if the donor shows nothing of the component."""
        donor, names = _portrait(self.source), appearance(self.component)
        if state.strict:
            shown(self.component, donor)
        strengths = np.linspace(0, 1, self.steps).tolist()
        return [state.taking(names, Taken.of(self.component, donor, strength)) for strength in strengths]


@dataclasses.dataclass(frozen=True)
class Animate(Strip):
    """The portraits of a strip as an animation, there and back."""


@dataclasses.dataclass(frozen=True)
class Variety(Operation):
    """The open face's mask with the appearances of several faces, side by side."""

    sources: tuple[FaceOf | Portrait, ...] = checked(_faces)

    def frames(self, state: EditState) -> list[EditState]:
        """The state of each portrait."""
        return [state.taking(appearance("all"), Taken(_portrait(source), 1.0)) for source in self.sources]


OPERATIONS: dict[str, type[Operation]] = {
    "open": Open,
    "set_mask": SetMask,
    "shape": Shape,
    "replace": Replace,
    "take": Take,
    "keep": Keep,
    "carry": Carry,
    "dye": Dye,
    "render": Render,
    "strip": Strip,
    "animate": Animate,
    "variety": Variety,
}
"""The operations that recipes hold, by the names that they give them."""

NAMES = {kind: name for name, kind in OPERATIONS.items()}
"""The same the other way round."""


def shown(what: str, donor: Portrait) -> tuple[str, ...]:
    """The components of `what` that a face shows, so that their appearance can be taken.

    Raises:
      UserError: it shows none: hair of a bald head, eyes behind dark glasses, a chin behind a hand.
    """
    names = appearance(what)
    if what == "beard" and not shows_beard(donor.mask):
        raise UserError("the other photograph shows no skin about the mouth and the chin: take another")
    seen = tuple(name for name in names if not missing_each(donor.mask, parts_of([name])))
    if not seen:
        gone = " and no ".join(missing(donor.mask, parts_of(names)))
        raise UserError(f"the other photograph shows no {gone}: take other components")
    return seen


def parse(operations: Sequence[dict[str, Any]]) -> list[Operation]:
    """The operations of a recipe, all checked; UserError naming the first that is none."""
    return [_parse(operation, f"operation {i}") for i, operation in enumerate(operations, start=1)]


def _parse(operation: dict[str, Any], where: str) -> Operation:
    arguments = dict(operation)
    name = fields.NAME(arguments.pop("op", None), f"{where}.op")
    if name not in OPERATIONS:
        raise UserError(
            f"{where}: {name!r} is unknown{did_you_mean(name, OPERATIONS)}; allowed: {', '.join(OPERATIONS)}"
        )
    parsed: Operation = fields.build(OPERATIONS[name], arguments, f"{where} ({name})")
    return parsed


def with_faces(operation: Operation, change: Callable[[Any], Any]) -> Any:
    """The operation with its faces replaced by what a function makes of each."""
    changed: dict[str, Any] = {}
    for field in dataclasses.fields(operation):
        value = getattr(operation, field.name)
        if field.metadata.get("check") is _face:
            changed[field.name] = change(value)
        elif field.metadata.get("check") is _faces:
            changed[field.name] = tuple(map(change, value))
    return dataclasses.replace(operation, **changed)


def _portrait(face: FaceOf | Portrait) -> Portrait:
    """The face of an operation that is carried out: by then it was read."""
    assert not isinstance(face, FaceOf)
    return face


def _beneath_sliders(state: EditState, change: Callable[[EditState], EditState]) -> EditState:
    """A state whose mask is changed before the scripted edits that sliders can still change, which are made anew."""
    changed = change(state.unshaped)
    if not any(state.amounts.values()):
        return changed
    shaped = Reshape(state.amounts).apply(changed)
    return dataclasses.replace(shaped, notices=(*changed.notices, *shaped.notices))


def _require_face(mask: np.ndarray, own: np.ndarray, name: str) -> None:
    """UserError if a mask, uint8 [R, R] Helen ids, has next to no face and the photograph's `own` one has."""
    count, before = (np.isin(each, labels.FACE).sum() for each in (mask, own))
    if count < LEAST_FACE * before:
        values, counts = np.unique(mask, return_counts=True)
        found = ", ".join(f"{labels.HELEN_NAMES[value]} {number} px" for value, number in zip(values, counts))
        raise UserError(
            f"{name}: {found}: no face, where the photograph has {before} px of one; allowed: masks with skin, eyes, "
            "nose or mouth; paint it back, or save the mask as ids or in the legend's colours"
        )
