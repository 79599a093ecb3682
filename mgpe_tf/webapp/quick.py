"""Edits by one click: what each does to an edit, whether it is done, why it cannot be, and how it looks on a face."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import cv2
import numpy as np

from mgpe_tf import labels
from mgpe_tf.data.alignment import whole
from mgpe_tf.editing.masks.beard import shows_beard
from mgpe_tf.editing.masks.hair import hangs
from mgpe_tf.editing.masks.presence import OF_AMOUNT, missing, parts_of
from mgpe_tf.editing.operations import Dye, Edit, Haircut, OwnHair, PutBack, Render, Reshape, Take, TakeInstead
from mgpe_tf.editing.portrait import Portrait
from mgpe_tf.editing.render import Renderer
from mgpe_tf.editing.state import EditState
from mgpe_tf.errors import UserError

AMOUNTS = {
    "smile": ("Smile", "smile", 1.0),
    "open_mouth": ("Open mouth", "open_mouth", 0.5),
    "bigger_eyes": ("Bigger eyes", "eye_size", 0.6),
    "slimmer": ("Slimmer", "face_width", -0.5),
    "shorter_hair": ("Shorter hair", "hair_length", -0.5),
    "fuller_hair": ("Fuller hair", "hair_volume", 0.6),
}
"""What is clicked, and the scripted edit (``edits.EDITS``) that it makes, with its amount."""

HAIR_COLOURS = {
    "#1c1613": "Black",
    "#3b2618": "Dark brown",
    "#6a4a2f": "Brown",
    "#9a7048": "Light brown",
    "#d8b47a": "Blond",
    "#e6d9bf": "Platinum",
    "#64351f": "Auburn",
    "#b5532a": "Red",
    "#8c8c8c": "Gray",
    "#d6d6d6": "White",
    "#2f4f9f": "Blue",
    "#c2569a": "Pink",
}
"""Names of colours of hair."""

FIRST_COLOUR = "#64351f"
"""The colour that one click dyes in; another can be chosen then."""

LABELS = {
    **{name: label for name, (label, _, _) in AMOUNTS.items()},
    "hair_colour": "Hair colour",
    "hair_colour_from": "Hair colour from…",
    "haircut": "Haircut from…",
    "beard": "Beard from…",
    "swap_face": "Swap face",
}
"""All that one click does, in the order in which it is shown."""

ICONS = {"haircut": "✂", "hair_colour_from": "◐", "beard": "⌣", "swap_face": "⇄"}
"""Signs of what has no thumbnail before a second photograph is open."""

FROM_ANOTHER = ("haircut", "hair_colour_from", "beard", "swap_face")
"""Those that need a second photograph."""

APPEARANCE = {"hair_colour_from": "hair", "beard": "beard", "swap_face": "face"}
"""The appearances (``state.APPEARANCES``) that those of them take which change no shape."""

SHARED = ("background", "colour_errors", "hair_colours", "scene", "uncovered", "without_hair", "without_halo", "strays")
"""What is computed of a portrait once and is the same of a smaller photograph (``Portrait``)."""

THUMBNAIL = 112
"""Side of a thumbnail in pixels."""


def is_on(name: str, state: EditState) -> bool:
    """Whether an edit shows what a click on it makes."""
    if name in AMOUNTS:
        _, edit, amount = AMOUNTS[name]
        return state.amounts.get(edit, 0) * amount > 0
    return {
        "hair_colour": state.dyed is not None,
        "haircut": "hair" in state.taken and not _has_own_shape(state),
        "hair_colour_from": "hair" in state.taken and _has_own_shape(state),
        "beard": state.has_beard,
        "swap_face": state.has_face,
    }[name]


def _has_own_shape(state: EditState) -> bool:
    """Whether the hair is where it is in the photograph, but for sliders."""
    return np.array_equal(state.unshaped.mask == labels.HAIR, state.target.mask == labels.HAIR)


def switched(name: str, state: EditState, source: Portrait | None, strength: float = Take.strength) -> Edit:
    """The operation of a click: it makes the edit, or takes it back.

    Args:
      name: one of ``LABELS``.
      state: the edit as it is.
      source: the face of the second photograph.
      strength: of what is taken from it.

    Raises:
      UserError: there is no second photograph, and one is needed.
    """
    on = is_on(name, state)
    if name in AMOUNTS:
        _, edit, amount = AMOUNTS[name]
        return Reshape({**state.amounts, edit: 0.0 if on else amount})
    if name == "hair_colour":
        return Dye(FIRST_COLOUR, 0.0 if on else Dye.strength)
    if on:
        return OwnHair() if name == "haircut" else PutBack(APPEARANCE[name])
    if source is None:
        raise UserError("no second photograph is open: open the one from which it is taken")
    if name == "haircut":
        return Haircut(source, strength)
    return (TakeInstead if name == "beard" else Take)(APPEARANCE[name], source, strength)


def reason(name: str, state: EditState, source: Portrait | None) -> str:
    """Why an edit cannot be made, in few words; "" if it can."""
    if name in AMOUNTS:
        gone = (
            missing(state.target.mask, parts_of([OF_AMOUNT[AMOUNTS[name][1]]])) if AMOUNTS[name][1] in OF_AMOUNT else []
        )
        if gone:
            return f"no {gone[0]} seen"
        return "short already" if name == "shorter_hair" and not hangs(state.target.mask) else ""
    if name in ("hair_colour", "hair_colour_from") and missing(state.mask, ("hair",)):
        return "no hair seen"
    if name == "hair_colour_from" and is_on("haircut", state):
        return "comes with the haircut"
    if name in ("haircut", "hair_colour_from") and source is not None and missing(source.mask, ("hair",)):
        return "no hair seen there"
    if name == "beard" and not shows_beard(state.mask):
        return "no chin seen"
    if name == "beard" and source is not None and not shows_beard(source.mask):
        return "no chin seen there"
    return ""


def thumbnails(begun: EditState, source: Portrait | None, names: tuple[str, ...]) -> Iterator[tuple[str, np.ndarray]]:
    """How edits look on a face, one after the other, as uint8 RGB [THUMBNAIL, THUMBNAIL, 3]. Those that cannot be
    made show the face as it is; those that need a second photograph are left out then.

    Args:
      begun: the face without edits.
      source: the face of the second photograph.
      names: of ``LABELS``.
    """
    state, renderer = in_small(begun), Renderer()
    for name in names:
        try:
            edited = state if reason(name, state, source) else switched(name, state, source).apply(state)
        except UserError:
            edited = state
        if edited is not state or name not in FROM_ANOTHER:
            yield name, _small(renderer.photograph(edited, Render.blend))


def in_small(state: EditState) -> EditState:
    """A state of a face without edits, whose photograph is no larger than its portrait: drawing it is quick."""
    portrait = state.target
    crop = portrait.alignment.crop(portrait.photo)
    small = dataclasses.replace(portrait, photo=crop, alignment=whole(crop.shape[:2], len(crop)))
    vars(small).update({name: getattr(portrait, name) for name in SHARED})
    return dataclasses.replace(state, target=small)


def _small(picture: np.ndarray) -> np.ndarray:
    """Of a portrait what is around the face."""
    size = len(picture)
    inner = picture[: round(0.94 * size), round(0.03 * size) : round(0.97 * size)]
    return cv2.resize(inner, (THUMBNAIL, THUMBNAIL), interpolation=cv2.INTER_AREA)
