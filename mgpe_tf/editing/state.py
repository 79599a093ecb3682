"""The state of an edit of one face. It is immutable: operations make another of it."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Mapping

import numpy as np

from mgpe_tf.config import did_you_mean
from mgpe_tf.editing.masks.beard import beard
from mgpe_tf.editing.pixels.dye import Dyed
from mgpe_tf.editing.pixels.paste import changed_region
from mgpe_tf.editing.portrait import Portrait
from mgpe_tf.errors import UserError
from mgpe_tf.geometry import COMPONENTS, component

APPEARANCES = {
    **{c.name: (c.name,) for c in COMPONENTS},
    "eyes": ("left_eye", "right_eye"),
    "face": ("left_eye", "right_eye", "skin", "mouth"),
    "all": tuple(c.name for c in COMPONENTS),
    "beard": ("skin",),
}
"""The components whose appearance is taken together, by the name of the whole; a beard is a part of the skin."""

PARTIAL = ("beard",)
"""Those that are a part of their component."""


def part_of(what: str) -> str:
    """The part of its component that one of ``APPEARANCES`` is; "" if it is all of its components."""
    return what if what in PARTIAL else ""


def appearance(what: str) -> tuple[str, ...]:
    """The components of one of ``APPEARANCES``; UserError if there is none of that name."""
    if what not in APPEARANCES:
        raise UserError(
            f"component: {what!r} is unknown{did_you_mean(what, APPEARANCES)}; allowed: {', '.join(APPEARANCES)}"
        )
    return APPEARANCES[what]


@dataclasses.dataclass(frozen=True, eq=False)
class Taken:
    """An appearance that is another face's.

    Attributes:
      donor: the other face.
      strength: 0 (the own appearance) to 1 (the donor's), between them a mixture of the two embeddings.
      part: the part of the component, one of ``PARTIAL``, that is the donor's; "": all of it.
    """

    donor: Portrait
    strength: float
    part: str = ""

    @classmethod
    def of(cls, what: str, donor: Portrait, strength: float) -> Taken:
        """That of one of ``APPEARANCES``."""
        return cls(donor, strength, part_of(what))


@dataclasses.dataclass(frozen=True, eq=False)
class Step:
    """A change of the mask.

    Attributes:
      mask: what it became, uint8 [R, R].
      amounts: the scripted edits that made it, by name; None: painted, or another's.
    """

    mask: np.ndarray
    amounts: Mapping[str, float] | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class EditState:
    """An edit of one face.

    Attributes:
      target: the face as it is in the photograph.
      mask: on which it is generated, uint8 [R, R] Helen ids.
      tone: how much of the own skin tone and light stays under another's skin, 0 to 1.
      detail: how much of the photographs' details hair, eyes and teeth have, 0 to 1.
      carry: how much of what could be carried from the photographs is, 0 to 1.
      strict: whether what would be made up, e.g. the hair of a bald head, is refused.
      own_expression: whether another's face takes on the own expression, as in a video; else it keeps its own.
      taken: the appearances that are another's, by component name.
      steps: how the target's mask became `mask`.
      amounts: the scripted edits of the last step that sliders can still change, by name.
      dyed: the colour of the hair, whosever it is; None: it keeps its own.
      notices: what a user should know of the operation that led here, a line each.
    """

    target: Portrait
    mask: np.ndarray
    tone: float
    detail: float
    carry: float = 0.0
    strict: bool = False
    own_expression: bool = False
    taken: Mapping[str, Taken] = dataclasses.field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    amounts: Mapping[str, float] = dataclasses.field(default_factory=dict)
    dyed: Dyed | None = None
    notices: tuple[str, ...] = ()

    @functools.cached_property
    def embeddings(self) -> dict[str, np.ndarray]:
        """The appearance that is generated, float32 [E] by component name."""
        embeddings = dict(self.target.embeddings)
        for name, taken in self.taken.items():
            own = embeddings[name]
            embeddings[name] = own + np.float32(taken.strength) * (taken.donor.embeddings[name] - own)
        return embeddings

    @property
    def has_beard(self) -> bool:
        """Whether of another's skin only the beard is taken."""
        return "skin" in self.taken and self.taken["skin"].part == "beard"

    @property
    def has_face(self) -> bool:
        """Whether all of another's skin is taken."""
        return "skin" in self.taken and not self.has_beard

    @functools.cached_property
    def beard(self) -> np.ndarray:
        """How far each pixel is where another's beard is shown, float32 [R, R] in [0, 1]; all 0 without one."""
        if not self.has_beard or "skin" not in self._changed:
            return np.zeros(self.mask.shape, np.float32)
        return beard(self.mask)

    @functools.cached_property
    def redrawn(self) -> np.ndarray:
        """bool [R, R]: the pixels whose mask has changed, or the appearance of whose whole component."""
        whole = self._changed - {"skin"} if self.has_beard else self._changed
        classes = {label for name in whole for label in component(name).labels}
        return changed_region(self.target.mask, self.mask, classes)

    @property
    def region(self) -> np.ndarray:
        """bool [R, R]: the pixels that the edits are about."""
        region: np.ndarray = self.redrawn | (self.beard > 0)
        return region

    @functools.cached_property
    def _changed(self) -> set[str]:
        """The components of another appearance than in the photograph."""
        return {n for n, own in self.target.embeddings.items() if not np.array_equal(own, self.embeddings[n])}

    def with_mask(self, mask: np.ndarray, *notices: str) -> EditState:
        """The same on another mask, from which amounts count anew."""
        before = self.steps[:-1] if self.steps and self.steps[-1].amounts is None else self.steps
        steps = () if np.array_equal(mask, self.target.mask) else (*before, Step(mask))
        return dataclasses.replace(self, mask=mask, steps=steps, amounts={}, notices=notices)

    def shaped(self, mask: np.ndarray, amounts: Mapping[str, float], *notices: str) -> EditState:
        """The same on the mask that scripted edits have made of it."""
        steps = (*self.steps, Step(mask, amounts)) if any(amounts.values()) else self.steps
        return dataclasses.replace(self, mask=mask, steps=steps, amounts={}, notices=notices)

    @functools.cached_property
    def unshaped(self) -> EditState:
        """The same before the scripted edits that sliders can still change."""
        if not any(self.amounts.values()):
            return dataclasses.replace(self, amounts={})
        *before, _ = self.steps
        mask = before[-1].mask if before else self.target.mask
        return dataclasses.replace(self, mask=mask, steps=tuple(before), amounts={})

    def taking(self, names: Iterable[str], taken: Taken, *notices: str) -> EditState:
        """The same with another appearance of some components, whether or not the donor shows them."""
        return dataclasses.replace(self, taken={**self.taken, **dict.fromkeys(names, taken)}, notices=notices)

    def without(self, names: Iterable[str], part: str = "") -> EditState:
        """The same with the own appearance of some components, or of a part of them if only that is another's."""
        gone = set(names)
        kept = {name: taken for name, taken in self.taken.items() if name not in gone or (part and taken.part != part)}
        return dataclasses.replace(self, taken=kept, notices=())
