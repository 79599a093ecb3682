"""The edits of photographs by which editors are judged, by name, as users make them on the page with its defaults."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from mgpe_tf.config import did_you_mean
from mgpe_tf.editing.operations import SWAPPED, Edit, Replace, Shape, Take
from mgpe_tf.errors import UserError

if TYPE_CHECKING:
    from mgpe_tf.editing.portrait import Portrait


def _shaped(**amounts: float) -> Callable[[Portrait], tuple[Edit, ...]]:
    return lambda other: (Shape(amounts),)


EDITS: dict[str, Callable[[Portrait], tuple[Edit, ...]]] = {
    "smile": _shaped(smile=0.7),
    "open_mouth": _shaped(open_mouth=0.5),
    "slim": _shaped(face_width=-0.6),
    "brows_eyes": _shaped(raise_brows=0.7, eye_size=0.4),
    "nose": _shaped(nose_size=-0.7),
    "hair_fuller": _shaped(hair_volume=0.7),
    "hair_shorter": _shaped(hair_length=-0.7),
    "hair_colour": lambda other: (Take("hair", other),),
    "haircut": lambda other: (Replace("hair", other), Take("hair", other)),
    "swap": lambda other: (Take("face", other), SWAPPED),
}
"""By name, the other face -> the operations."""


def chosen(names: Sequence[str]) -> tuple[str, ...]:
    """The edits of these names, each once, or all for none; UserError for a name that is unknown."""
    for name in names:
        if name not in EDITS:
            raise UserError(f"--edits: {name!r} is unknown{did_you_mean(name, EDITS)}; allowed: {', '.join(EDITS)}")
    return tuple(dict.fromkeys(names or EDITS))
