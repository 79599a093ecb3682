"""A photograph while it is edited: what is computed once is kept, and a changed mask costs only what hangs on it."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from mgpe_tf import labels
from mgpe_tf.config import did_you_mean
from mgpe_tf.data.picture import Picture
from mgpe_tf.editing import shapes
from mgpe_tf.editing.colours import correct, with_tone
from mgpe_tf.editing.details import FEATURES, fitting, times_finer, with_details
from mgpe_tf.editing.exposure import exposed
from mgpe_tf.editing.monochrome import toned, tones_of
from mgpe_tf.editing.paste import changed_region, paste, soft_region
from mgpe_tf.editing.presence import missing, missing_each, notices_of, parts_of
from mgpe_tf.editing.replace import replace_component
from mgpe_tf.editing.uncover import bared, without_face
from mgpe_tf.errors import UserError
from mgpe_tf.geometry import COMPONENTS, component

if TYPE_CHECKING:
    from mgpe_tf.editing.portrait_editor import Portrait, PortraitEditor

APPEARANCES = {
    **{c.name: (c.name,) for c in COMPONENTS},
    "eyes": ("left_eye", "right_eye"),
    "face": ("left_eye", "right_eye", "skin", "mouth"),
    "all": tuple(c.name for c in COMPONENTS),
}
"""The components whose appearance is taken together, by the name of the whole."""


def appearance(what: str) -> tuple[str, ...]:
    """The components of one of ``APPEARANCES``; UserError if there is none of that name."""
    if what not in APPEARANCES:
        raise UserError(
            f"component: {what!r} is unknown{did_you_mean(what, APPEARANCES)}; allowed: {', '.join(APPEARANCES)}"
        )
    return APPEARANCES[what]


LEAST_FACE = 0.02
"""Least share of the photograph's pixels of a face that a mask must have: less are strays."""


def require_face(mask: np.ndarray, own: np.ndarray, name: str) -> None:
    """UserError if a mask, uint8 [R, R] Helen ids, has next to no face and the photograph's `own` one has."""
    count, before = (np.isin(each, labels.FACE).sum() for each in (mask, own))
    if count < LEAST_FACE * before:
        values, counts = np.unique(mask, return_counts=True)
        found = ", ".join(f"{labels.HELEN_NAMES[value]} {number} px" for value, number in zip(values, counts))
        raise UserError(
            f"{name}: {found}: no face, where the photograph has {before} px of one; allowed: masks with skin, eyes, "
            "nose or mouth; paint it back, or save the mask as ids or in the legend's colours"
        )


class Session:
    """Edits of one face. Masks are uint8 [R, R] Helen ids, photographs uint8 RGB.

    Nothing is drawn before ``render``; edits may come in any order, each replacing what it did before.

    Args:
      editor: its networks draw.
      portrait: the face.
      strict: whether what would be made up, e.g. the hair of a bald head, is refused; ``PortraitEditor.open``, the
        command line and the page refuse it, scores of networks and recipes that are made again do not.

    Attributes:
      portrait, strict: as above.
      mask: the mask as it is now; change it by the methods.
      kept: the amounts of ``keep`` by name.
      notices: what a user should know of the edits, a line each.
    """

    def __init__(self, editor: PortraitEditor, portrait: Portrait, strict: bool = False):
        self.portrait, self.mask = portrait, portrait.mask
        self.notices: list[str] = []
        self.strict = strict
        self._editor = editor
        self._background = editor.networks.encode_background(portrait.image)
        self._embeddings = dict(portrait.embeddings)
        self._features: dict[str, Any] | None = None
        self._givers: dict[str, tuple[Portrait, float]] = {}
        self.kept = {"tone": 0.0, "detail": 1.0}

    def set_mask(self, mask: np.ndarray, name: str = "mask") -> None:
        """Draws the face on another mask.

        Args:
          mask: [R, R] Helen ids.
          name: stands for it in errors.

        Raises:
          UserError: it is no mask of the right size, or has no face where the photograph has one.
        """
        mask = self._editor.checked_mask(mask, name)
        require_face(mask, self.portrait.mask, name)
        self.mask = mask

    def shape(self, amounts: Mapping[str, float]) -> None:
        """Changes the mask as it is now by scripted edits (``shapes.EDITS``)."""
        self.tell(notices_of(self.mask, self.portrait.mask, amounts))
        self.mask = shapes.apply(self.mask, amounts)

    def replace(self, what: str, other: np.ndarray | Portrait) -> None:
        """Gives the mask a component of another face's mask (``replace.REPLACEABLE``); UserError if one lacks it."""
        giver = self._read(other)
        mask = replace_component(self.mask, giver.mask, what)
        self._refuse(giver.mask, [what], "the other photograph shows no {0}, so there is no shape to take")
        if what != "hair":  # which a bald head can be given
            self._refuse(self.mask, [what], "the photograph shows no {0} whose shape could be another's")
        self.mask = mask

    def tell(self, lines: Sequence[str]) -> None:
        """Adds to the notices what they do not say yet."""
        self.notices += [line for line in lines if line not in self.notices]

    def take(self, what: str, other: np.ndarray | Portrait, strength: float = 1.0) -> tuple[str, ...]:
        """Takes the appearance of a component from another face.

        In a strict session what the other photograph does not show stays as it is, which is told.

        Args:
          what: one of ``APPEARANCES``.
          other: a photograph [H, W, 3], or a face that ``PortraitEditor.read`` found in one.
          strength: 0 (the own appearance) to 1 (the other's), between them a mixture of the two embeddings.

        Returns:
          The components that were taken.

        Raises:
          UserError: see ``shown``, in a strict session.
        """
        names, giver = appearance(what), self._read(other)
        if self.strict and strength:
            whole, names = names, self.shown(what, giver)
            hidden = missing(giver.mask, parts_of([name for name in whole if name not in names]))
            self.tell([f"the other photograph shows no {part}: the own stays" for part in hidden])
        self.mix(names, giver, strength)
        return names

    def mix(self, names: Sequence[str], giver: Portrait, strength: float = 1.0) -> None:
        """Takes the appearance of components from another face, whether or not that shows them; see ``take``."""
        if not 0 <= strength <= 1:
            raise UserError(f"strength: {strength}; allowed: 0 to 1")
        for name in names:
            own = self.portrait.embeddings[name]
            self._embeddings[name] = own + np.float32(strength) * (giver.embeddings[name] - own)
            self._givers[name] = giver, strength
        self._features = None

    def keep(self, tone: float | None = None, detail: float | None = None) -> None:
        """Keeps of the photographs what embeddings do not hold or a user does not want changed; None: as before.

        Args:
          tone: how much of the own skin tone and light stays when the skin is another's: from 0, as drawn, to 1.
          detail: how much of a photograph's details hair, eyes and teeth have: from 0, as drawn, to 1. It is the one
            whose appearance is drawn; for strands the own one, if its hair fits the mask better.
        """
        for name, amount in (("tone", tone), ("detail", detail)):
            if amount is not None:
                if not 0 <= amount <= 1:
                    raise UserError(f"{name}: {amount}; allowed: 0 to 1")
                self.kept[name] = float(amount)

    def reset(self, what: str | None = None) -> None:
        """Undoes ``take`` for a component; without one, all edits."""
        for name in appearance(what or "all"):
            self._embeddings[name] = self.portrait.embeddings[name]
            self._givers.pop(name, None)
        self._features = None
        if what is None:
            self.mask = self.portrait.mask

    def render_portrait(self) -> np.ndarray:
        """The aligned portrait, uint8 RGB [R, R, 3], all of it generated."""
        drawn = self._drawn()
        return self._toned(self._with_details(drawn, 1) if self.kept["detail"] else drawn)

    def _drawn(self) -> np.ndarray:
        """The aligned portrait without details."""
        networks = self._editor.networks
        if self._features is None:
            self._features = networks.decode(self._embeddings)
        drawn = networks.render(self._features, *self._around())
        drawn = correct(drawn, self.mask, self._colour_errors())
        return self._with_tone(drawn) if self.kept["tone"] and "skin" in self._givers else drawn

    def _colour_errors(self) -> np.ndarray:
        """Those of each class's appearance, of whomever it is (``colours.colour_errors``)."""
        errors = self._editor.colour_errors(self.portrait).copy()
        for name, (giver, strength) in self._givers.items():
            classes = list(component(name).labels)
            errors[classes] += strength * (self._editor.colour_errors(giver)[classes] - errors[classes])
        return errors

    def _with_tone(self, drawn: np.ndarray) -> np.ndarray:
        """Drawn with as much of the own tone as is kept (``colours.with_tone``)."""
        taken = {label for name in self._givers if name != "hair" for label in component(name).labels}
        own = self.portrait
        return with_tone(drawn, self.mask, own.image, own.mask, sorted(taken), self.kept["tone"])

    def _with_details(self, drawn: np.ndarray, times: int) -> np.ndarray:
        """Drawn with `times` as many pixels along the side, and the details that fit (``details.fitting``)."""
        own = self._editor.details(self.portrait, times)
        givers = {name: (self._editor.details(giver, times), share) for name, (giver, share) in self._givers.items()}
        finer = cv2.resize(drawn, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC) if times > 1 else drawn
        return with_details(finer, self.mask, fitting(self.mask, own, givers), self.kept["detail"])

    def _toned(self, drawn: np.ndarray) -> np.ndarray:
        """Drawn as dark as the photograph, if it is very dark (``exposure``), and in its colours, if it is black and
        white or toned (``monochrome``)."""
        drawn = exposed(drawn, 1 / self.portrait.gain)
        return drawn if self._tones is None else toned(drawn, self._tones)

    @functools.cached_property
    def _tones(self) -> np.ndarray | None:
        own = self.portrait
        return tones_of(own.image if own.gain == 1 else own.alignment.crop(own.photo))

    def _around(self) -> tuple:
        """Whose background is drawn around the mask, the mask, and what E_b makes of that background."""
        bare = bared(self.portrait.mask, self.mask)
        if not bare.any():
            return self.portrait.image, self.mask, self._background
        portrait = np.where(bare[..., None], self._without_face, self.portrait.image)
        return portrait, self.mask, self._editor.networks.encode_background(portrait)

    @functools.cached_property
    def _without_face(self) -> np.ndarray:
        return without_face(self.portrait.image, self.portrait.mask)

    def region(self) -> np.ndarray:
        """bool [R, R]: the pixels that the edits are about."""
        changed = [
            name for name, own in self.portrait.embeddings.items() if not np.array_equal(own, self._embeddings[name])
        ]
        classes = {label for name in changed for label in component(name).labels}
        return changed_region(self.portrait.mask, self.mask, classes)

    def render(self, blend: str = "feather", onto: Picture | None = None) -> np.ndarray:
        """The whole photograph, as large as it came; outside the edited region bit for bit as it was.

        Args:
          blend: one of ``paste.BLENDS``.
          onto: the photograph as its file holds it; the result is as its pixels. None: as the portrait's, uint8 RGB.
        """
        region, onto = self.region(), onto or Picture(self.portrait.photo)
        if not region.any():
            return onto.pixels.copy()
        drawn, weights, alignment = self._drawn(), soft_region(region), self.portrait.alignment
        if self.kept["detail"] and (region & np.isin(self.mask, [labels.HAIR, *FEATURES])).any():
            times = times_finer(alignment.photo_pixels)
            drawn, alignment = self._with_details(drawn, times), alignment.finer(times)
            weights = cv2.resize(weights, drawn.shape[:2], interpolation=cv2.INTER_LINEAR)
        drawn = onto.from_srgb(self._toned(drawn))
        return onto.with_colours(paste(onto.over_white, drawn, weights, alignment, blend))

    def shown(self, what: str, giver: Portrait) -> tuple[str, ...]:
        """Those of the components of `what` that a face shows, so that their appearance can be taken.

        Raises:
          UserError: it shows none: hair of a bald head, eyes behind dark glasses.
        """
        names = appearance(what)
        seen = tuple(name for name in names if not missing_each(giver.mask, parts_of([name])))
        if not seen:
            gone = " and no ".join(missing(giver.mask, parts_of(names)))
            raise UserError(f"the other photograph shows no {gone}: take other components")
        return seen

    def _refuse(self, mask: np.ndarray, names: Sequence[str], why: str) -> None:
        """UserError if a mask lacks one of some components."""
        gone = missing(mask, parts_of(names)) if self.strict else []
        if gone:
            raise UserError(why.format(" and no ".join(gone)))

    def _read(self, other: np.ndarray | Portrait) -> Portrait:
        return self._editor.read(other, name="other photo") if isinstance(other, np.ndarray) else other
