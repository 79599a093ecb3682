"""Which pixels an edit carries: whose, along which flow, and where they are shown."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING

import cv2
import numpy as np

from mgpe_tf import labels
from mgpe_tf.editing.carry.own import own_flow
from mgpe_tf.editing.carry.sampling import agreement, moved_mask
from mgpe_tf.editing.masks.replace import hair_overlap, moved_by_eyes
from mgpe_tf.editing.state import EditState
from mgpe_tf.geometry import REFERENCE_SIZE, component

if TYPE_CHECKING:
    from mgpe_tf.editing.portrait import Portrait

OTHERS = (0.1, 0.4)
"""Shares of agreeing pixels from which on, and from which on wholly, another's pixels are shown: two people's masks
never agree as well as one's own."""

STRICT = (0.5, 0.95)
"""The same for another's face, hair and background, of which none may come in for the other."""

_WHOLES = np.array(
    [1 if i in labels.FACE else 2 if i == labels.HAIR else 0 for i in range(labels.NUM_CLASSES)], np.uint8
)

SOFT = 1.5
"""Standard deviation in pixels at 256x256 over which one layer goes over into another."""


@dataclasses.dataclass(frozen=True, eq=False)
class Layer:
    """Pixels that are carried.

    Attributes:
      portrait: whose.
      flow: float32 [R, R, 2], in pixels of the crops.
      share: how much of what is shown they are, float32 [R, R] in [0, 1].
      recoloured: where they get the colours of what is drawn, float32 [R, R].
    """

    portrait: Portrait
    flow: np.ndarray
    share: np.ndarray
    recoloured: np.ndarray


def layers(state: EditState) -> Iterator[Layer]:
    """The layers of an edit, the own one first; what they leave is for the networks to draw.

    There are none where the editor has no registration networks, and of photographs that were brightened, or that are
    black and white or toned, if another's pixels or colours would come in.
    """
    own, mask, registering = state.target, state.mask, state.target.networks.registering
    plain = all(each.gain == 1 and each.tones is None for each in (own, *(t.donor for t in state.taken.values())))
    if registering is None or (state.taken and not plain) or own.gain != 1:
        return
    hair = _hair_of_another(state)
    taken = {name: each for name, each in state.taken.items() if name != "hair" or hair}
    where = {name: _where(mask, component(name).labels) for name in taken}
    shown_own = np.clip(1 - sum(w * taken[n].strength for n, w in where.items()), 0, 1).astype(np.float32)
    recoloured = np.zeros(mask.shape, np.float32)
    if "hair" in state.taken and not hair:
        recoloured = _where(mask, (labels.HAIR,)) * np.float32(state.taken["hair"].strength)
    flow, agrees = own_flow(state, registering)
    yield Layer(own, flow, state.carry * shown_own * agrees, recoloured)
    for donor in dict.fromkeys(each.donor for each in taken.values()):
        flow = registering.flow(donor.mask, mask, stiff=True)
        moved = moved_mask(donor.mask, flow)
        agrees = agreement(moved, mask, *OTHERS) * agreement(_WHOLES[moved], _WHOLES[mask], *STRICT)
        share = sum(w * taken[n].strength for n, w in where.items() if taken[n].donor is donor)
        yield Layer(donor, flow, (state.carry * share * agrees).astype(np.float32), np.zeros_like(recoloured))


def _hair_of_another(state: EditState) -> bool:
    """Whether hair that is taken fits the mask better than the own hair does, which else is coloured anew."""
    if "hair" not in state.taken:
        return False
    other = moved_by_eyes(state.mask, state.taken["hair"].donor.mask)
    return hair_overlap(state.mask, other) > hair_overlap(state.mask, state.target.mask)


def _where(mask: np.ndarray, ids: tuple[int, ...]) -> np.ndarray:
    """Softly, where a mask has some ids: float32 [R, R]."""
    return cv2.GaussianBlur(np.isin(mask, ids).astype(np.float32), (0, 0), SOFT * len(mask) / REFERENCE_SIZE)
