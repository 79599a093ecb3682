"""The edits of one face, one operation after the other, each of which can be undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from mgpe_tf.data.picture import Picture
from mgpe_tf.editing.operations import (
    Carry,
    Dye,
    Edit,
    Keep,
    Open,
    Operation,
    PutBack,
    Render,
    Replace,
    Restore,
    SetMask,
    Shape,
    Take,
    Variety,
)
from mgpe_tf.editing.portrait import Portrait
from mgpe_tf.editing.render import Renderer
from mgpe_tf.editing.state import EditState, appearance

MAX_UNDONE = 100
"""States that a session remembers."""


class Reader(Protocol):
    """A reader of faces, as a ``PortraitEditor`` does."""

    def read(self, photo: np.ndarray, *, name: str) -> Portrait:
        """The largest face of a photograph, uint8 RGB [H, W, 3], which errors call by `name`."""
        ...


class Session:
    """Edits of one face. Masks are uint8 [R, R] Helen ids, photographs uint8 RGB.

    Nothing is generated before ``render``; edits may come in any order, each replacing what it did before.

    Args:
      editor: a ``PortraitEditor``, which reads other photographs.
      portrait: the face.
      strict: whether what would be made up, e.g. the hair of a bald head, is refused; ``PortraitEditor.open``, the
        command line and the page refuse it, scores of networks and recipes that are made again do not.
      begun: an edit of the face with which to begin; None: as it is in the photograph.
    """

    def __init__(self, editor: Reader, portrait: Portrait, strict: bool = False, begun: EditState | None = None):
        self._editor, self._renderer = editor, Renderer()
        first = begun or EditState(portrait, portrait.mask, Keep.tone, Keep.detail, Carry.amount, strict)
        self._steps: list[tuple[Edit | None, EditState]] = [(None, first)]
        self._now = 0

    @property
    def state(self) -> EditState:
        """The present state of the edit."""
        return self._steps[self._now][1]

    def apply(self, operation: Edit) -> EditState:
        """Does an operation, or leaves all as it was with a UserError. Returns the new state."""
        last, after = self._steps[self._now][0], operation.apply(self.state)
        end = self._now if last and operation.revises(last) else self._now + 1
        self._steps[end:] = [(operation, after)]
        del self._steps[: -MAX_UNDONE - 1]
        self._now = len(self._steps) - 1
        return after

    def undo(self) -> EditState:
        """Takes the last operation back; without one all stays. Returns the state."""
        self._now = max(self._now - 1, 0)
        return self.state

    def redo(self) -> EditState:
        """Does again what was taken back last, unless something else was done since. Returns the state."""
        self._now = min(self._now + 1, len(self._steps) - 1)
        return self.state

    @property
    def can_undo(self) -> bool:
        """Whether something was done that can be taken back."""
        return self._now > 0

    @property
    def can_redo(self) -> bool:
        """Whether something was taken back that can be done again."""
        return self._now < len(self._steps) - 1

    @property
    def portrait(self) -> Portrait:
        """The face as it is in the photograph."""
        return self.state.target

    @property
    def mask(self) -> np.ndarray:
        """The mask as it is now."""
        return self.state.mask

    @property
    def kept(self) -> dict[str, float]:
        """The amounts of ``keep`` by name."""
        return {"tone": self.state.tone, "detail": self.state.detail}

    @property
    def notices(self) -> list[str]:
        """Notices for the user, a line each."""
        told: list[tuple[Edit, EditState]] = []
        for operation, state in self._steps[: self._now + 1]:
            if operation:
                told = [(earlier, then) for earlier, then in told if not operation.takes_back(earlier)]
                told.append((operation, state))
        return list(dict.fromkeys(line for _, state in told for line in state.notices))

    def set_mask(self, mask: np.ndarray, name: str = "mask") -> None:
        """Puts the face on another mask.

        Args:
          mask: [R, R] Helen ids.
          name: stands for it in errors.

        Raises:
          UserError: it is no mask of the right size, or has no face where the photograph has one.
        """
        self.apply(SetMask(mask, name))

    def shape(self, amounts: Mapping[str, float]) -> None:
        """Changes the mask as it is now by scripted edits (``edits.EDITS``)."""
        self.apply(Shape(amounts))

    def replace(self, what: str, other: np.ndarray | Portrait) -> None:
        """Gives the mask a component of another face's mask (``replace.REPLACEABLE``); UserError if one lacks it."""
        self.apply(Replace(what, self._read(other)))

    def take(self, what: str, other: np.ndarray | Portrait, strength: float = Take.strength) -> tuple[str, ...]:
        """Takes the appearance of a component from another face.

        In a strict session what the other photograph does not show stays as it is, which is told.

        Args:
          what: one of ``state.APPEARANCES``.
          other: a photograph [H, W, 3], or a face that ``PortraitEditor.read`` found in one.
          strength: 0 (the own appearance) to 1 (the other's), between them a mixture of the two embeddings.

        Returns:
          The components that were taken.

        Raises:
          UserError: see ``operations.shown``, in a strict session.
        """
        appearance(what)  # a wrong name need not wait until the photograph is read
        operation = Take(what, self._read(other), strength)
        self.apply(operation)
        return operation.taken(self.state)

    def keep(self, tone: float | None = None, detail: float | None = None) -> None:
        """Keeps of the photographs what embeddings do not hold or a user does not want changed (``operations.Keep``);
        None: as before."""
        self.apply(Keep(self.state.tone if tone is None else tone, self.state.detail if detail is None else detail))

    def carry(self, amount: float) -> None:
        """Carries so much of what can be carried from the photographs (``operations.Carry``)."""
        self.apply(Carry(amount))

    def dye(self, colour: str, strength: float = Dye.strength) -> None:
        """Dyes the hair, whosever it is (``operations.Dye``); with strength 0 it has its own colour again."""
        self.apply(Dye(colour, strength))

    def reset(self, what: str | None = None) -> None:
        """Undoes ``take`` for a component; without one, all edits of the mask and the appearance."""
        self.apply(PutBack(what or "all"))
        if what is None:
            self.apply(Restore())

    def region(self) -> np.ndarray:
        """bool [R, R]: the pixels that the edits are about."""
        return self._renderer.region(self.state)

    def render_portrait(self) -> np.ndarray:
        """The aligned portrait, uint8 RGB [R, R, 3], all of it generated."""
        return self._renderer.portrait(self.state)

    def render(self, blend: str = Render.blend, onto: Picture | None = None) -> np.ndarray:
        """The whole photograph, as large as it came; see ``Renderer.photograph``."""
        return self._renderer.photograph(self.state, blend, onto)

    def recipe(self, blend: str = Render.blend) -> list[Operation]:
        """The operations that make what ``render(blend)`` draws of the photograph."""
        taken = [Take(taken.part or name, taken.donor, taken.strength) for name, taken in self.state.taken.items()]
        return [*self._begun(), *taken, Keep(**self.kept), *self._carried(), *self._dyed(), Render(blend)]

    def variety(self, donors: Sequence[Portrait]) -> list[Operation]:
        """The operations that generate the mask as it is now with the appearances of several faces, each in its own
        skin tone."""
        return [*self._begun(), Keep(0.0, self.state.detail), *self._dyed(), Variety(tuple(donors))]

    def _carried(self) -> list[Operation]:
        """The operation that carries as much as this does, where something can be."""
        return [Carry(self.state.carry)] if self.portrait.networks.registering else []

    def _dyed(self) -> list[Operation]:
        """The operation that dyes the hair, if it is dyed."""
        dyed = self.state.dyed
        return [Dye(f"#{bytes(dyed.colour).hex()}", dyed.strength)] if dyed else []

    def _begun(self) -> list[Operation]:
        """The operations up to the mask as it is now."""
        steps = self.state.steps
        return [Open(self.portrait), *(Shape(s.amounts) if s.amounts is not None else SetMask(s.mask) for s in steps)]

    def _read(self, other: np.ndarray | Portrait) -> Portrait:
        return other if isinstance(other, Portrait) else self._editor.read(other, name="other photo")
