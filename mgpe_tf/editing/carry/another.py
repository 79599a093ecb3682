"""How another's face is carried: whole and in its own proportions, or features alone to the places of the own ones."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mgpe_tf import labels
from mgpe_tf.data.alignment import similarity
from mgpe_tf.editing.carry.features import with_features
from mgpe_tf.editing.carry.flows import composed, positions, unfolded
from mgpe_tf.editing.carry.opening import opened_as
from mgpe_tf.editing.carry.own import followed, torn
from mgpe_tf.editing.carry.sampling import moved_mask, sampled
from mgpe_tf.editing.masks.regions import box_of
from mgpe_tf.editing.state import EditState
from mgpe_tf.models.registrations import Registrations

WEIGHTS = {
    (labels.LEFT_EYE,): 1.0,
    (labels.RIGHT_EYE,): 1.0,
    (labels.LEFT_BROW,): 0.5,
    (labels.RIGHT_BROW,): 0.5,
    (labels.NOSE,): 0.5,
    labels.MOUTH: 1.0,
}
"""How much the place of each feature counts where a whole face is laid."""

ENOUGH = 3
"""Features that both faces must show for that."""

MIXED = 4
"""Power of the share to which another's face is shown that tells how far it keeps its proportions: where the own one
shines through, its features must lie on the own ones."""

SEEN = 0.01
"""Share of another's proportions from which on they count."""


class Carried(NamedTuple):
    """How another's face is carried.

    Attributes:
      flow: from its mask, float32 [R, R, 2].
      shows: how far it shows what is wanted, float32 [R, R] in [0, 1]: not what an opened mouth shows.
      mask: with the features where they come to lie, uint8 [R, R] Helen ids.
    """

    flow: np.ndarray
    shows: np.ndarray
    mask: np.ndarray


def whole(state: EditState, registering: Registrations, theirs: np.ndarray) -> Carried:
    """A whole face: laid over the own one as it is, by a similarity, and from there on moved as the edit moves that.

    Features at the places of the own ones would be those of nobody: what makes a face somebody's is how they lie. So it
    keeps its expression, too.

    Args:
      state: the edit.
      registering: the registration networks.
      theirs: the other's mask without hair, uint8 [R, R] Helen ids.
    """
    target = state.target
    place = _laid(state, registering, theirs)
    laid = _over(target.mask, moved_mask(theirs, place))
    moves, _, mask = followed(state, registering, laid)
    after = composed(*(each.flow for each in moves))
    shows = 1 - torn(after, moved_mask(laid, after), mask)
    return Carried(composed(place, after), shows, _over(state.mask, mask))


def in_place(registering: Registrations, theirs: np.ndarray, bald: np.ndarray) -> Carried:
    """Features alone, or in the own expression: carried to those of a mask, a mouth opened as far as that is.

    Args:
      registering: the registration networks.
      theirs: the other's mask without hair, uint8 [R, R] Helen ids.
      bald: the mask without hair, which tells nothing of where a face lies.
    """
    opened = opened_as(theirs, bald)
    if opened is None:
        return Carried(_fitted(registering, theirs, bald), np.ones(bald.shape, np.float32), bald)
    flow = _fitted(registering, opened.mask, bald)
    return Carried(composed(opened.flow, flow), 1 - np.clip(sampled(opened.gap, flow), 0, 1), bald)


def proportional(theirs: np.ndarray, own: np.ndarray) -> np.ndarray | None:
    """The similarity that lays a face over another with the least squared distances of their features.

    Args:
      theirs, own: masks, uint8 [R, R] Helen ids.

    Returns:
      A flow, float32 [R, R, 2]; None where too few features are seen on both.
    """
    boxes = [(box_of(own, ids), box_of(theirs, ids), weight) for ids, weight in WEIGHTS.items()]
    seen = [(here.centre, there.centre, weight) for here, there, weight in boxes if here and there]
    if len(seen) < ENOUGH:
        return None
    here, there, weights = zip(*seen)
    matrix = similarity(np.array(here)[:, ::-1] - 0.5, np.array(there)[:, ::-1] - 0.5, weights)
    at = positions(own.shape)
    flow: np.ndarray = (at @ matrix[:, :2].T + matrix[:, 2] - at).astype(np.float32)
    return flow


def _laid(state: EditState, registering: Registrations, theirs: np.ndarray) -> np.ndarray:
    """The flow that lays another's mask over the target's, in its own proportions as far as it alone is shown."""
    kept = (state.carry * state.taken["skin"].strength) ** MIXED
    own = state.target.bald
    flow = proportional(theirs, own)
    if flow is None or kept < SEEN:
        return _fitted(registering, theirs, own)
    if kept == 1:
        return flow
    fitted = _fitted(registering, theirs, own)
    mixed: np.ndarray = fitted + np.float32(kept) * (flow - fitted)
    return mixed


def _fitted(registering: Registrations, theirs: np.ndarray, bald: np.ndarray) -> np.ndarray:
    """The flow that moves each feature to the place of the own one, and the face around them with them."""
    flow = unfolded(registering.flow(theirs, bald, stiff=True), np.isin(bald, labels.FACE))
    return with_features(flow, theirs, bald)


def _over(mask: np.ndarray, face: np.ndarray) -> np.ndarray:
    """A mask whose face has the features of another, all uint8 [R, R] Helen ids."""
    features = np.where(np.isin(face, labels.FEATURES), face, np.uint8(labels.SKIN))
    return np.where(np.isin(mask, labels.FACE), features, mask).astype(np.uint8)
