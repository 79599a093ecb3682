"""Which pixels an edit carries: whose, along which flow, and where they are shown."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import TYPE_CHECKING

import cv2
import numpy as np

from mgpe_tf import labels
from mgpe_tf.editing.carry import beard, face
from mgpe_tf.editing.carry.another import Carried, in_place, whole
from mgpe_tf.editing.carry.beside_hair import beside_hair
from mgpe_tf.editing.carry.other_side import other_side
from mgpe_tf.editing.carry.own import Own, own
from mgpe_tf.editing.carry.sampling import agreement, moved_mask, sampled
from mgpe_tf.editing.masks.moves import flow as flow_to
from mgpe_tf.editing.masks.regions import distance_from, fade
from mgpe_tf.editing.masks.replace import fitted_hair, hair_overlap
from mgpe_tf.editing.pixels.inpaint import with_fringe
from mgpe_tf.editing.pixels.matte import near
from mgpe_tf.editing.pixels.skin import STRAY
from mgpe_tf.editing.pixels.strand_ends import strand_ends
from mgpe_tf.editing.state import APPEARANCES, EditState, Taken
from mgpe_tf.geometry import REFERENCE_SIZE, component
from mgpe_tf.models.registrations import Registrations

if TYPE_CHECKING:
    from mgpe_tf.editing.portrait import Portrait

STRICT = (0.5, 0.95)
"""Shares of agreeing pixels from which on, and from which on wholly, another's pixels are shown: of hair and face none
may come in for the other."""

SAME = 0.7
"""Overlap of the mask's hair and another's from which on it is the other's, fitted to the head (``replace``)."""

RIM = 1.0
"""Pixels at 256x256 of the border of another's hair that are not carried."""

RIM_OF_GLASSES = 2.0
"""Pixels at 256x256 beyond glasses over which they go over into a face beneath."""

GAP = 2.0
"""Half the width in pixels at 256x256 of gaps between another's hair and the skin beside it, which are none."""

HALF = 0.5
"""Share of own pixels up to which no own skin is continued: the networks draw features there."""

STRANDS = 4.0
"""Pixels at 256x256 beyond another's hair where single strands of it are shown."""

DYED = 1.0
"""The same where own strands get another's colours."""

UNDER = 4.0
"""Pixels at 256x256 within the border of another's hair, which is soft, under which no own hair is seen."""

SOFT = 1.5
"""Standard deviation in pixels at 256x256 over which one layer goes over into another."""


@dataclasses.dataclass(frozen=True, eq=False)
class Layer:
    """Pixels that are carried.

    Attributes:
      portrait: whose.
      flow: float32 [R, R, 2], in pixels of the crops.
      share: how much of what is shown they are, float32 [R, R] in [0, 1].
      skin: where the mask has skin of theirs, bool [R, R].
      hole: where it has, but hair or another thing would be carried, bool [R, R]: there skin is continued, or the face
        without hair is shown.
      bare: where hair of theirs has gone from the background, bool [R, R].
      filled: how much of what is shown such fillings are, 0 to 1.
      colours: whose hair's colours their hair gets; None: it keeps its own.
      recoloured: how far it gets them, float32 [R, R].
      around: whether the flow tells of what lies around face and hair, too.
      alone: whether what is shown is the face without the hair before it.
      tone: how far another's pixels get the tone and light of the own skin, float32 [R, R] in [0, 1], or everywhere.
    """

    portrait: Portrait
    flow: np.ndarray
    share: np.ndarray
    skin: np.ndarray
    hole: np.ndarray
    bare: np.ndarray
    filled: float = 1.0
    colours: Portrait | None = None
    recoloured: np.ndarray | None = None
    around: bool = False
    alone: bool = False
    tone: np.ndarray | float = 0.0


def layers(state: EditState) -> Iterator[Layer]:
    """The layers of an edit, the own one first; what they leave is for the networks to draw.

    There are none where the editor has no registration networks, and of photographs that were brightened. Neither
    pixels nor colours go from a photograph that was brightened to another; from one that is black and white or toned to
    one in colours goes lightness (``colourised``).
    """
    target, mask, registering = state.target, state.mask, state.target.networks.registering
    if registering is None or target.gain != 1:
        return
    taken, recolouring, overlap, laid = (
        {name: _fitting(each, target) for name, each in state.taken.items()},
        None,
        0.0,
        None,
    )
    carried = {name for name, each in taken.items() if each.donor.gain == 1}
    if "hair" in taken:
        giver = taken["hair"].donor
        overlap, laid = fitted_hair(mask, target.bald, giver.giving_hair(target), giver.bald)
        own_fits = overlap <= hair_overlap(mask, target.mask)
        if "hair" in carried and own_fits:  # and is coloured anew
            recolouring = taken.pop("hair")
    where = {name: each.strength * _where(mask, component(name).labels) for name, each in taken.items()}
    bearded = taken.pop("skin") if state.has_beard else None
    if bearded:
        where["skin"] = bearded.strength * state.beard
    shown = np.clip(np.ones(mask.shape, np.float32) - sum(where.values()), 0, 1).astype(np.float32)
    moved = own(state, registering)
    brought = moved_mask(target.mask, moved.flow)
    own_skin = (mask == labels.SKIN) & (brought == labels.SKIN)
    glasses = _glasses(state, moved.flow)
    if "skin" in carried:  # beneath it is the own, which shows where the other's does not
        shown = np.where(own_skin, np.float32(1), shown)
    yield from _own_layers(state, moved, brought, shown, set(taken), recolouring)
    bald = np.where(mask == labels.HAIR, moved_mask(target.bald, moved.flow), mask)
    if "skin" not in taken:
        yield from _mirrored_own(state, brought, shown)
    if bearded and "skin" in carried:
        yield _beard_layer(state, registering, bearded.donor, bald, where["skin"] * (1 - glasses))
    tone = state.tone if state.has_face else 0.0
    others: Iterable[Layer]
    for donor, names in _by_layer({name: each for name, each in taken.items() if name in carried}):
        share = np.sum([where[name] for name in names], axis=0)
        if names == ["hair"] and laid and overlap > SAME:
            others = [_hair_layer(state, donor, moved, flow_to(mask, laid), share)]
        elif "skin" in names:
            others = _face_layers(state, registering, donor, names, bald, share * (1 - glasses), own_skin)
        else:
            carried_to = in_place(registering, donor.bald, bald)
            others = [_layer(donor, donor.mask, carried_to.flow, mask, names, share * carried_to.shows)]
        yield from (dataclasses.replace(layer, tone=np.maximum(layer.tone, tone)) for layer in others)


def _hair_layer(state: EditState, donor: Portrait, moved: Own, flow: np.ndarray, where: np.ndarray) -> Layer:
    """That of another's haircut: hair, and if it is known and the own face stays what lies beside it."""
    target, mask, theirs = state.target, state.mask, donor.giving_hair(state.target)
    if target.parts is None or donor.parts is None or state.has_face:
        return _layer(donor, theirs, flow, mask, ["hair"], where)
    beside = beside_hair(mask, moved_mask(target.parts, moved.flow), moved_mask(donor.parts, flow))
    come, nowhere = beside > HALF, np.zeros(mask.shape, bool)
    brought = moved_mask(theirs, flow)
    wanted, there = (2 * _closed((ids == labels.HAIR) | come, mask == labels.SKIN) for ids in (mask, brought))
    within, background = wanted > 0, mask == labels.BACKGROUND
    outside = _softened(distance_from(background) < distance_from(~background & ~within))
    matte = _moved_matte(donor, flow) * near(within, STRANDS) * _softened(within | background)
    hair = (1 - outside) * _softened((_without_rim(there) > 0) & within) + outside * matte
    share = state.taken["hair"].strength * np.maximum(beside, hair)
    return Layer(donor, flow, share, nowhere, nowhere, nowhere, 0.0, tone=_softened(come))


def _closed(shape: np.ndarray, within: np.ndarray) -> np.ndarray:
    """A bool [R, R] without gaps of a few pixels within another: uint8, 1 for what is of it."""
    width = 2 * round(GAP * len(shape) / REFERENCE_SIZE) + 1
    closed = cv2.morphologyEx(shape.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((width, width), np.uint8))
    return np.where(within, closed, shape).astype(np.uint8)


def _fitting(taken: Taken, target: Portrait) -> Taken:
    """What is taken of a donor, or of its mirror image if that looks more as the target does, in the target's colours
    if it has none."""
    return dataclasses.replace(taken, donor=taken.donor.facing(target).in_colours_of(target))


def _glasses(state: EditState, flow: np.ndarray) -> np.ndarray:
    """Where the target's glasses are carried to, on top of another's face: float32 [R, R] in [0, 1]."""
    if state.target.scene is None:
        return np.zeros(state.mask.shape, np.float32)
    worn = moved_mask(state.target.scene.glasses.astype(np.uint8), flow) > 0
    away = distance_from(worn) * REFERENCE_SIZE / len(worn)
    share: np.ndarray = fade(away - 1, RIM_OF_GLASSES).astype(np.float32)
    return share


def _face_layers(
    state: EditState,
    registering: Registrations,
    donor: Portrait,
    names: list[str],
    bald: np.ndarray,
    where: np.ndarray,
    own_skin: np.ndarray,
) -> Iterator[Layer]:
    """Those of another's face, carried to a mask without hair, `bald`: it, and its mirror image where hair hides
    features of it."""
    mask, (flow, shows, laid) = state.mask, _carried_face(state, registering, donor, names, bald)
    first = _layer(donor, donor.bald, flow, mask, names, where * shows)
    brought = moved_mask(_without_glasses(donor, state.target, donor.bald), flow)
    skin, hole = _skin(mask, brought, ~own_skin)
    skin &= ~np.isin(brought, labels.FEATURES)
    share = first.share * face.shown(mask, brought)
    filled = state.taken["skin"].strength
    yield dataclasses.replace(first, share=share, skin=skin, hole=hole, filled=filled, alone=True)
    wanted = face.hidden_features(laid, moved_mask(donor.mask, flow))
    if wanted.any():
        other = donor.mirrored
        flow, shows, _ = _carried_face(state, registering, other, names, bald)
        mirrored = _layer(other, other.mask, flow, mask, names, where * shows)
        brought = moved_mask(_without_glasses(other, state.target, other.mask), mirrored.flow)
        yield dataclasses.replace(mirrored, share=mirrored.share * face.of_mirror_image(mask, brought, wanted))


def _carried_face(
    state: EditState, registering: Registrations, donor: Portrait, names: list[str], bald: np.ndarray
) -> Carried:
    """How another's face is carried to a mask without hair, `bald`: whole, unless a part of it stays the own one or it
    takes on the own expression."""
    if set(APPEARANCES["face"]) <= set(names) and not state.own_expression:
        return whole(state, registering, donor.bald)
    return in_place(registering, donor.bald, bald)._replace(mask=state.mask)


def _beard_layer(
    state: EditState, registering: Registrations, donor: Portrait, bald: np.ndarray, where: np.ndarray
) -> Layer:
    """That of another's beard, which lies over own skin, in its tone and light."""
    theirs, nowhere = donor.mask, np.zeros(state.mask.shape, bool)
    if donor.scene:
        theirs = np.where(donor.scene.glasses, np.uint8(labels.BACKGROUND), theirs)
    flow = in_place(registering, donor.bald, bald).flow
    flow, shown = beard.of_skin(flow, moved_mask(theirs, flow))
    return Layer(donor, flow, where * shown, nowhere, nowhere, nowhere, 0.0, alone=False, tone=1.0)


def _without_glasses(donor: Portrait, target: Portrait, mask: np.ndarray) -> np.ndarray:
    """Another's mask with glasses as background, which is not shown on a face, if the target wears some, too."""
    if donor.scene is None or target.scene is None or not target.scene.glasses.any():
        return mask
    return np.where(donor.scene.glasses, np.uint8(labels.BACKGROUND), mask)


def _layer(
    donor: Portrait, theirs: np.ndarray, flow: np.ndarray, mask: np.ndarray, names: list[str], where: np.ndarray
) -> Layer:
    """Components of another, whose mask is `theirs`, that are carried as one, shown as far as `where` says and they are
    what the mask wants."""
    group, nowhere = _groups(names), np.zeros(mask.shape, bool)
    brought = _without_rim(group[moved_mask(theirs, flow)])
    return Layer(donor, flow, where * agreement(brought, group[mask], *STRICT), nowhere, nowhere, nowhere, 0.0)


def _own_layers(
    state: EditState, moved: Own, brought: np.ndarray, shown: np.ndarray, taken: Set[str], recolouring: Taken | None
) -> Iterator[Layer]:
    """Those of the target's own pixels: all of them, and the hair if it moves in front of the rest.

    Args:
      state: the edit.
      moved: how they are carried.
      brought: the target's mask, carried so.
      shown: how much of what is shown is the target's, float32 [R, R].
      taken: the components that are another's.
      recolouring: whose hair's colours the own hair gets.
    """
    target, mask, skin = state.target, state.mask, "skin" not in taken
    ends, hair = _ends(state, moved, brought == labels.HAIR), mask == labels.HAIR
    under = hair & (ends < 1)
    if "hair" in taken:
        under |= hair & (distance_from(~hair) <= UNDER * len(mask) / REFERENCE_SIZE)
        left = np.zeros(mask.shape, bool)
    else:
        left = hair & ~under
    face, background = _without_own_hair(state, moved, under)
    gone = (brought == labels.HAIR) & (face | background)
    bare = with_fringe(gone) & background
    if gone.any():
        farther = moved_mask(target.strays.astype(np.uint8), moved.flow) > 0
        bare |= farther & _nearer(gone, left) & background
    own_skin, hole = (where & (moved.agrees > HALF) & skin for where in _skin(mask, brought, skin))
    lost = cv2.morphologyEx(gone.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0
    if lost.any() and target.uncovered:
        hidden = moved_mask(target.uncovered[1].astype(np.uint8), moved.flow) > 0
        hole = hidden & _nearer(lost, left & (brought == labels.HAIR)) & face & skin
    share, colours = shown * moved.agrees, _colours(state, moved.flow, recolouring)
    yield Layer(target, moved.flow, share, own_skin, hole, bare, 1.0, *colours, around=moved.exact)
    if moved.hair is not None:
        agrees = agreement(moved_mask(target.mask, moved.hair) == labels.HAIR, mask == labels.HAIR)
        whole = np.minimum(2 * _where(mask, (labels.HAIR,)), 1)  # up to its border: beneath is a wall, maybe
        nowhere, colours = np.zeros(mask.shape, bool), _colours(state, moved.hair, recolouring)
        yield Layer(target, moved.hair, shown * whole * agrees * ends, nowhere, nowhere, nowhere, 0.0, *colours)


def _mirrored_own(state: EditState, brought: np.ndarray, shown: np.ndarray) -> Iterator[Layer]:
    """That of the own face's mirror image where hair hid eyes or brows that are seen now; arguments as of
    ``_own_layers``."""
    target, nowhere = state.target, np.zeros(state.mask.shape, bool)
    found = other_side(state.mask, brought, target.bald, labels.mirrored(target.mask))
    if found:
        share = shown * found.share
        yield Layer(target.mirrored, found.flow, share, nowhere, nowhere, nowhere, 0.0, tone=1.0)


def _ends(state: EditState, moved: Own, before: np.ndarray) -> np.ndarray:
    """How far the own hair is shown beside what is cut off of it, float32 [R, R] in [0, 1]: where hair was `before`,
    bool [R, R], is none, and what is carried goes on there."""
    hair = state.mask == labels.HAIR
    if moved.hair is None:
        return np.ones(hair.shape, np.float32)
    on = before & (moved_mask(state.target.mask, moved.hair) == labels.HAIR)
    return strand_ends(sampled(state.target.image, moved.hair), hair, on & ~hair)


def _without_own_hair(state: EditState, moved: Own, under: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where a mask is face, and where background, bool [R, R] each: `under` hair whose border is soft, bool [R, R], it
    is what own hair would hide there."""
    face, background = np.isin(state.mask, labels.FACE), state.mask == labels.BACKGROUND
    if not under.any():
        return face, background
    behind = np.isin(moved_mask(state.target.bald, moved.flow), labels.FACE)
    return face | (under & behind), background | (under & ~behind)


def _colours(
    state: EditState, flow: np.ndarray, recolouring: Taken | None
) -> tuple[Portrait | None, np.ndarray | None]:
    """Whose hair's colours own hair gets that is carried along a flow, and how far, float32 [R, R]."""
    if recolouring is None:
        return None, None
    share: np.ndarray = _moved_matte(state.target, flow) * near(state.mask == labels.HAIR, DYED)
    return recolouring.donor, np.float32(recolouring.strength) * share


def _moved_matte(portrait: Portrait, flow: np.ndarray) -> np.ndarray:
    """How far each pixel that a flow brings is hair, float32 [R, R] in [0, 1]."""
    moved: np.ndarray = np.clip(sampled(portrait.hair_matte, flow), 0, 1)  # Lanczos's kernel overshoots
    return moved


def _nearer(lost: np.ndarray, left: np.ndarray) -> np.ndarray:
    """Where strands and shadows are those of hair that has gone, not of hair that is left: bool [R, R] each."""
    away = distance_from(lost)
    nearer: np.ndarray = (away < STRAY * len(lost) / REFERENCE_SIZE) & (away < distance_from(left))
    return nearer


def _by_layer(taken: Mapping[str, Taken]) -> list[tuple[Portrait, list[str]]]:
    """Which components of whom are carried as one: hair by itself, since it lies in front."""
    layers: dict[tuple[Portrait, bool], list[str]] = {}
    for name, each in sorted(taken.items(), key=lambda item: item[0] == "hair"):
        layers.setdefault((each.donor, name == "hair"), []).append(name)
    return [(donor, names) for (donor, _), names in layers.items()]


def _without_rim(group: np.ndarray) -> np.ndarray:
    """Groups, uint8 [R, R], without the rim of the hair, where it mixes with what was behind it."""
    width = 2 * round(RIM * len(group) / REFERENCE_SIZE) + 1
    inner = cv2.erode((group == 2).astype(np.uint8), np.ones((width, width), np.uint8))
    return np.where((group == 2) & (inner == 0), 0, group).astype(np.uint8)


def _skin(mask: np.ndarray, moved: np.ndarray, filled: np.ndarray | bool) -> tuple[np.ndarray, np.ndarray]:
    """Where a mask has skin, and where of this a carried mask has none, if that is to be `filled`; bool [R, R] each."""
    skin = mask == labels.SKIN
    hole = (skin & ~np.isin(moved, labels.FACE) & filled).astype(np.uint8)
    return skin, cv2.morphologyEx(hole, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0


def _groups(names: list[str]) -> np.ndarray:
    """What is carried as one, by class: 1 for the face, 2 for hair, 0 for what is not of these components."""
    ids = [i for name in names for i in component(name).labels]
    return np.array([0 if i not in ids else 2 if i == labels.HAIR else 1 for i in range(labels.NUM_CLASSES)], np.uint8)


def _where(mask: np.ndarray, ids: tuple[int, ...]) -> np.ndarray:
    """Softly, where a mask has some ids: float32 [R, R]."""
    return _softened(np.isin(mask, ids))


def _softened(where: np.ndarray) -> np.ndarray:
    """bool [R, R] with soft borders, float32 in [0, 1]."""
    return cv2.GaussianBlur(where.astype(np.float32), (0, 0), SOFT * len(where) / REFERENCE_SIZE)
