"""What of a portrait eleven classes do not tell: what its hair hides, and what hair does not grow over."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np

from mgpe_tf import labels
from mgpe_tf.editing.masks.moves import Moved
from mgpe_tf.editing.masks.regions import distance_from, fade
from mgpe_tf.geometry import REFERENCE_SIZE
from mgpe_tf.labels import PARTS, PARTS_TO_HELEN

EARS = (PARTS["l_ear"], PARTS["r_ear"])

LEAST_HAT = 1e-2
"""Share of a portrait's pixels up to which a hat counts for nothing."""

SEEN = 0.5
"""Share of an ear from which on, if it is seen, the rest can be continued."""

ABOUT = 9.0
"""Pixels at 256x256 about an ear that hair hides within which hair stays."""

CALM = 6.0
"""Pixels at 256x256 from glasses over which what moves beside them comes to rest."""


@dataclasses.dataclass(frozen=True, eq=False)
class Scene:
    """A portrait by CelebAMask-HQ's nineteen classes.

    Attributes:
      parts: uint8 [R, R].
      behind: the same without hair, with what is taken to be behind it.
    """

    parts: np.ndarray
    behind: np.ndarray

    @property
    def hat(self) -> np.ndarray:
        """bool [R, R]."""
        worn: np.ndarray = self.parts == PARTS["hat"]
        return worn

    @property
    def glasses(self) -> np.ndarray:
        """bool [R, R]: frames and lenses, without the eyes that are seen through them."""
        worn: np.ndarray = self.parts == PARTS["eye_g"]
        return worn

    @property
    def wears_hat(self) -> bool:
        """Whether there is a hat, not strays."""
        return bool(self.hat.mean() > LEAST_HAT)

    @functools.cached_property
    def bald(self) -> np.ndarray:
        """The mask without any hair, uint8 [R, R] Helen ids."""
        mask: np.ndarray = np.array(PARTS_TO_HELEN, np.uint8)[self.behind]
        return mask

    @functools.cached_property
    def without_hair(self) -> np.ndarray:
        """What hair leaves where it goes, uint8 [R, R] Helen ids: hair still over and about an ear that the photograph
        does not show, since nothing tells what it looks like."""
        left: np.ndarray = self.bald.copy()
        unseen = self.unseen_ears
        if unseen.any():
            near = distance_from(unseen) < ABOUT * len(unseen) / REFERENCE_SIZE
            left[near & (self.parts == PARTS["hair"])] = labels.HAIR
        return left

    @functools.cached_property
    def unseen_ears(self) -> np.ndarray:
        """bool [R, R]: hidden ears of which the photograph does not show enough to tell what they look like."""
        unseen = np.zeros(self.parts.shape, bool)
        for ear in EARS:
            if (self.parts == ear).sum() < SEEN * (self.behind == ear).sum():
                unseen |= (self.behind == ear) & (self.parts != ear)
        return unseen

    def with_glasses_still(self, moved: Moved) -> Moved:
        """The same moves, but for glasses and less and less towards them."""
        away = distance_from(self.glasses) * REFERENCE_SIZE / len(self.parts)
        return Moved(moved.flow * (1 - fade(away - 1, CALM))[..., None].astype(np.float32), moved.hair)

    def with_hair_changed(self, before: np.ndarray, after: np.ndarray) -> np.ndarray:
        """A mask whose hair has changed, uint8 [R, R] Helen ids, as this portrait has it: where hair has gone what was
        behind it, and none over a hat."""
        gone = (before == labels.HAIR) & (after != labels.HAIR)
        come = (before != labels.HAIR) & (after == labels.HAIR)
        after = np.where(gone, self.without_hair, after)
        changed: np.ndarray = np.where(come & self.hat, before, after).astype(np.uint8)
        return changed
