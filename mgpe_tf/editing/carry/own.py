"""Where a face's own pixels come from when its mask is changed: by formulas as far as there are, else by a network."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from mgpe_tf import labels
from mgpe_tf.editing.carry.flows import composed
from mgpe_tf.editing.carry.sampling import agreement, moved_mask
from mgpe_tf.editing.masks import edits
from mgpe_tf.editing.masks.moves import Moved, still
from mgpe_tf.editing.masks.regions import distance_from, fade, smooth
from mgpe_tf.editing.state import EditState
from mgpe_tf.geometry import REFERENCE_SIZE
from mgpe_tf.models.registrations import Registrations

STILL = 0.3
"""Pixels at 256x256 up to which nothing moves; from twice as many on all of a flow counts."""

FARTHER = 0.02
"""By how much that rises with each pixel from what has changed in the mask."""

AGREES = (0.3, 0.7)
"""Shares of agreeing pixels from which on, and from which on wholly, pixels that the network moved are shown."""

STRETCHED = 1.3
"""Times their height from which on teeth are no longer carried."""

TORN = 2
"""Half the width in pixels at 256x256 of the narrowest gap between lips that a formula leaves for others to fill."""

STREAK = 2
"""The same of the widest streak of teeth within it that is left out."""

AROUND = 3
"""Pixels at 256x256 around a feature that nothing shows."""


class Own(NamedTuple):
    """How a face's own pixels are carried.

    Attributes:
      flow: from the target's mask to the changed one, float32 [R, R, 2].
      hair: that of the hair, if it moves in front of what stays.
      agrees: how far what `flow` brings can be shown, float32 [R, R] in [0, 1].
      exact: whether formulas alone tell the flow, of what lies around the face, too.
    """

    flow: np.ndarray
    hair: np.ndarray | None
    agrees: np.ndarray
    exact: bool


class Followed(NamedTuple):
    """How the steps of an edit move a face.

    Attributes:
      moves: one after the other.
      found: whether the network told one of them.
      mask: the face's mask after all of them, uint8 [R, R] Helen ids.
    """

    moves: list[Moved]
    found: bool
    mask: np.ndarray


def followed(state: EditState, registering: Registrations, face: np.ndarray) -> Followed:
    """How the steps of an edit move a face with the mask `face`, uint8 [R, R]: the target's, or another's that has been
    laid in its place."""
    before, moves, found = state.target.mask, [Moved(still(face))], False
    for step in state.steps:
        after = face
        if step.amounts is not None:
            for _, mask, moved in edits.steps(face, step.amounts, state.target.scene):
                moves.append(moved)
                after = mask
        elif not _only_hair(before, step.mask, "hair" in state.taken):
            moves.append(Moved(_found(registering, before, step.mask)))
            after, found = moved_mask(face, moves[-1].flow), True
        own_face = face is before  # which a painted mask tells exactly; another's is moved as the own one is
        face, before = step.mask if own_face else after, step.mask
    return Followed(moves, found, face)


def own(state: EditState, registering: Registrations) -> Own:
    """How the own pixels of the target are carried to its changed mask."""
    moves, found, _ = followed(state, registering, state.target.mask)
    flow = composed(*(each.flow for each in moves))
    hair = None
    if any(each.hair is not None for each in moves):
        hair = composed(*(each.flow if each.hair is None else each.hair for each in moves))
    brought = moved_mask(state.target.mask, flow)
    agrees = agreement(brought, state.mask, *AGREES) if found else 1 - torn(flow, brought, state.mask)
    if state.target.scene is None:
        agrees = np.minimum(agrees, 1 - _bared_features(brought, state.mask))
    return Own(flow, hair, agrees, exact=not found)


def _only_hair(before: np.ndarray, after: np.ndarray, another: bool) -> bool:
    """Whether nothing moves: hair alone has changed, and it has only gone, or is `another`'s."""
    changed = before != after
    gone, come = changed & (before == labels.HAIR), changed & (after == labels.HAIR)
    return bool((gone | come)[changed].all() and (another or not come.any()))


def _found(registering: Registrations, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """The flow that the network finds."""
    return _calmed(registering.flow(before, after, stiff=False), before != after)


def torn(flow: np.ndarray, moved: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Where a mouth is opened, softly, float32 [R, R]: there nothing shows what is seen.

    Args:
      flow: float32 [R, R, 2].
      moved: the mask before, carried along it.
      mask: uint8 [R, R] Helen ids.
    """
    inside, scale = mask == labels.INNER_MOUTH, len(mask) / REFERENCE_SIZE
    stretched = 1 + np.gradient(flow[..., 1], axis=0) < 1 / STRETCHED
    open_now = (inside & ((moved != labels.INNER_MOUTH) | stretched)).astype(np.uint8)
    streak, gap = (np.ones((2 * round(half * scale) + 1,) * 2, np.uint8) for half in (STREAK, TORN))
    whole = cv2.morphologyEx(open_now, cv2.MORPH_CLOSE, streak) & inside.astype(np.uint8)
    wide = cv2.morphologyEx(whole, cv2.MORPH_OPEN, gap)
    _, numbers = cv2.connectedComponents(whole)  # from corner to corner, but for what is nowhere wide
    return smooth(np.isin(numbers, numbers[wide > 0]), mask.shape)


def _bared_features(moved: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Where a mask has features from before which hair has gone, softly: float32 [R, R]. Nothing shows them."""
    features = (np.isin(mask, labels.FEATURES) & (moved == labels.HAIR)).astype(np.uint8)
    width = 2 * round(AROUND * len(mask) / REFERENCE_SIZE) + 1
    soft: np.ndarray = smooth(cv2.dilate(features, np.ones((width, width), np.uint8)), mask.shape)
    return soft


def _calmed(flow: np.ndarray, changed: np.ndarray) -> np.ndarray:
    """A flow without what is too small to be meant, so that the photograph stays there as it is, bit for bit.

    Args:
      flow: float32 [R, R, 2], in pixels.
      changed: bool [R, R], where the mask has changed: far from it more is needed to be meant.
    """
    scale = REFERENCE_SIZE / len(flow)
    away = distance_from(changed) * scale
    still = STILL + FARTHER * away
    length = np.hypot(flow[..., 0], flow[..., 1]) * scale
    return flow * (1 - fade(length - still, still))[..., None].astype(np.float32)
