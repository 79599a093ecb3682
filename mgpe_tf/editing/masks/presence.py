"""Parts of which a mask shows too little: hair of a bald head, eyes behind dark glasses, teeth of a closed mouth.

Nothing can be taken of what is not there: it would be made up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from mgpe_tf import labels
from mgpe_tf.data.alignment import Alignment, transform
from mgpe_tf.editing.masks.hair import hangs
from mgpe_tf.editing.masks.regions import box_of, eyes_of
from mgpe_tf.editing.masks.scene import Scene
from mgpe_tf.geometry import REFERENCE_SIZE

PARTS: dict[str, tuple[int, ...]] = {
    "hair": (labels.HAIR,),
    "left eye": (labels.LEFT_EYE,),
    "right eye": (labels.RIGHT_EYE,),
    "left brow": (labels.LEFT_BROW,),
    "right brow": (labels.RIGHT_BROW,),
    "nose": (labels.NOSE,),
    "mouth": labels.MOUTH,
    "teeth": (labels.INNER_MOUTH,),
}
"""The ids of what may be missing."""

LEAST_SMALL = 6e-4

LEAST = {"hair": 1e-2, "nose": 1e-3, "mouth": 1e-3, "teeth": 2e-4}
"""Least share of a portrait's pixels, ``LEAST_SMALL`` for eyes and brows. What the parser read in 186 portraits of
CelebAMask-HQ: of 19 without hair by their labels (bald, hats) 18 have less than that, of 164 with hair 3; of 17 with
dark glasses 13 show neither eye and 2 one; of 52 with clear or tinted glasses 47 show both, of 100 without 99."""

PAIRS = {"eyes": ("left eye", "right eye"), "brows": ("left brow", "right brow")}
"""The parts that come in twos."""

TURNED = 0.2
"""Eye distances by which the noses of two faces lie differently between their eyes from which on their directions
differ visibly. Of random pairs of 300 validation portraits of CelebAMask-HQ one in ten differs by as much."""

SHORT = "the hair ends at the ears, and is cut no shorter"
"""A notice."""

BEYOND = 4.0
"""Pixels at 256x256 beyond a portrait's border where it counts whether the photograph goes on."""

LEAST_BEYOND = 0.05
"""Share of a portrait's side up to which hair that ends at its border is no matter."""

OF_AMOUNT = {
    "hair_volume": "hair",
    "hair_length": "hair",
    "nose_size": "nose",
    "raise_brows": "brows",
    "eye_size": "eyes",
    "left_eye_size": "left eye",
    "right_eye_size": "right eye",
    "smile": "mouth",
    "open_mouth": "mouth",
}
"""The parts that a scripted edit needs, by its name."""


def parts_of(names: Sequence[str]) -> tuple[str, ...]:
    """The parts that components are about, as ``state.APPEARANCES`` and ``replace.REPLACEABLE`` name them."""
    told = (PAIRS.get(name, (name.replace("_", " "),)) for name in names)
    return tuple(part for parts in told for part in parts if part in PARTS)


def missing_each(mask: np.ndarray, parts: Sequence[str]) -> list[str]:
    """The parts of which a mask, [R, R] Helen ids, shows too little."""
    return [part for part in parts if np.isin(mask, PARTS[part]).mean() < LEAST.get(part, LEAST_SMALL)]


def missing(mask: np.ndarray, parts: Sequence[str]) -> list[str]:
    """The parts of which a mask, [R, R] Helen ids, shows too little; a whole pair by its name.

    Of a pair that is asked for, one is enough.
    """
    gone = missing_each(mask, parts)
    for name, pair in PAIRS.items():
        if set(pair) <= set(gone):
            gone = [name, *(part for part in gone if part not in pair)]
        elif set(pair) <= set(parts):
            gone = [part for part in gone if part not in pair]
    return gone


def hat_notices(own: Scene | None, other: Scene | None) -> list[str]:
    """Notices about hats when hair is taken, of scenes that may be unknown."""
    if own and own.wears_hat:
        return ["the hat stays on: hair is changed beneath it alone"]
    if other and other.wears_hat:
        return ["the other photograph shows a hat, which comes with the hair"]
    return []


def colour_notices(other: Scene | None) -> list[str]:
    """A notice if a face whose hair's appearance is taken wears a hat; its scene may be unknown."""
    if other and other.wears_hat:
        return ["the other photograph shows a hat: its hair is what shows beside it"]
    return []


def turned_notices(own: np.ndarray, other: np.ndarray) -> list[str]:
    """Notices of two faces that look in different directions; masks [R, R] Helen ids."""
    mirror = looks_away(own, other)
    one, two = turn(own), turn(other)
    notices = ["the other face looks the other way: its mirror image is taken"] if mirror else []
    if one is not None and two is not None and abs(one - (-two if mirror else two)) >= TURNED:
        notices.append("the faces look in different directions, so what is taken may be distorted")
    return notices


def beyond_notices(own: np.ndarray, mask: np.ndarray, alignment: Alignment) -> list[str]:
    """A notice if hair ``goes_beyond``."""
    told = "the hair goes on beyond the portrait: there what lies around it is taken for what is behind it"
    return [told] if goes_beyond(own, mask, alignment) else []


def goes_beyond(own: np.ndarray, mask: np.ndarray, alignment: Alignment) -> bool:
    """Whether hair goes at a border of the portrait beyond which the photograph goes on.

    Args:
      own: the mask of the photograph, [R, R] Helen ids.
      mask: the edited one.
      alignment: of the portrait.
    """
    lost, side = (own == labels.HAIR) & (mask != labels.HAIR), len(own)
    along, beyond = np.arange(side) + 0.5, np.full(side, BEYOND * side / REFERENCE_SIZE)
    border = (
        (lost[0], (along, -beyond)),
        (lost[-1], (along, side + beyond)),
        (lost[:, 0], (-beyond, along)),
        (lost[:, -1], (side + beyond, along)),
    )
    points = np.concatenate([np.stack(at, axis=1)[where] for where, at in border])
    in_photo = transform(alignment.inverse, points)
    seen = ((in_photo >= 0) & (in_photo < alignment.photo_size[::-1])).all(axis=1).sum()
    return bool(seen > LEAST_BEYOND * side)


def looks_away(own: np.ndarray, other: np.ndarray) -> bool:
    """Whether the mirror image of another face looks more as one's own does, by as much as can be seen."""
    one, two = turn(own), turn(other)
    return one is not None and two is not None and abs(one - two) - abs(one + two) >= TURNED


def turn(mask: np.ndarray) -> float | None:
    """How far the nose lies to the right of the middle between the eyes, in eye distances; None unless all show."""
    nose, eyes = box_of(mask, (labels.NOSE,)), eyes_of(mask)
    if nose is None or missing_each(mask, PAIRS["eyes"]):
        return None
    return (nose.centre[1] - eyes.column) / eyes.distance


def notices_of(mask: np.ndarray, own: np.ndarray, amounts: Mapping[str, float]) -> list[str]:
    """Notices about scripted edits, a line each.

    Args:
      mask: that is changed, [R, R] Helen ids.
      own: that of the photograph.
      amounts: as for ``edits.apply``.
    """
    notices = []
    if amounts.get("hair_length", 0) < 0 and not missing(mask, ("hair",)) and not hangs(mask):
        notices.append(f"hair_length: {SHORT}")
    for name, amount in amounts.items():
        if amount and name in OF_AMOUNT and (gone := missing(mask, parts_of([OF_AMOUNT[name]]))):
            notices.append(f"{name}: the photograph shows no {gone[0]}")
    if amounts.get("open_mouth", 0) > 0 and not notices and missing(own, ("teeth",)):
        notices.append("open_mouth: the photograph shows no teeth, so what the open mouth shows is made up")
    if amounts.get("open_mouth", 0) < 0 and not notices and missing(mask, ("teeth",)):
        notices.append("open_mouth: the mouth is closed already")
    return notices
