"""What comes with another's hair of the skin and the ears beside it."""

from __future__ import annotations

import numpy as np
from small import face_mask

from mgpe_tf import labels
from mgpe_tf.editing.carry.beside_hair import BESIDE, FROM_THEIRS, OVER, SOFT, beside_hair
from mgpe_tf.editing.masks.regions import distance_from
from mgpe_tf.labels import PARTS

MASK = face_mask(256)
PLAIN = np.array([labels.PARTS_TO_HELEN.index(helen) for helen in range(labels.NUM_CLASSES)], np.uint8)[MASK]
"""Its parts."""

HAIR, SKIN = MASK == labels.HAIR, MASK == labels.SKIN
AWAY = distance_from(HAIR)
FROM_OWN = distance_from(np.isin(MASK, labels.FEATURES))


def test_skin_at_the_hair_is_the_others_and_far_from_it_the_own():
    share = beside_hair(MASK, PLAIN, PLAIN)
    clear = SKIN & (FROM_OWN > FROM_THEIRS + 3 * SOFT)
    near = clear & (AWAY < BESIDE) & (distance_from(~SKIN & ~HAIR) > 4 * SOFT)
    assert near.any() and share[near].min() > 0.9
    assert share[AWAY > BESIDE + OVER + 4 * SOFT].max() < 0.01
    assert not share[HAIR].any() and not share[np.isin(MASK, labels.FEATURES)].any()


def test_where_own_hair_hid_the_face_its_skin_is_the_others():
    """Far from the other's hair, too; but not where the other has none there."""
    own = np.where(SKIN & (AWAY > BESIDE + OVER), PARTS["hair"], PLAIN).astype(np.uint8)
    gone = (own == PARTS["hair"]) & (MASK != labels.HAIR)
    inner = (distance_from(~gone) > 4 * SOFT) & (FROM_OWN > FROM_THEIRS + 3 * SOFT)
    assert inner.any() and beside_hair(MASK, own, PLAIN)[inner].min() > 0.95
    covered = np.where(gone, PARTS["hair"], PLAIN).astype(np.uint8)
    assert beside_hair(MASK, own, covered)[inner].max() < 0.01


def test_ears_come_along_in_the_place_of_hair_and_background_alone():
    ear = np.zeros(MASK.shape, bool)
    ear[100:130, 4:16] = True
    assert (MASK[ear] == labels.BACKGROUND).all()
    theirs = np.where(ear, PARTS["l_ear"], PLAIN).astype(np.uint8)
    inner = distance_from(~ear) > 4
    assert beside_hair(MASK, PLAIN, theirs)[inner].min() > 0.95
    for part, shown in (("hair", True), ("l_ear", False), ("cloth", False)):
        own = np.where(ear, PARTS[part], PLAIN).astype(np.uint8)
        assert (beside_hair(MASK, own, theirs)[inner] > 0.5).all() == shown
    for rows, shown in ((4, True), (20, False)):  # beside what is left of the own one
        seen = PLAIN.copy()
        seen[140 : 140 + rows, 4:16] = PARTS["l_ear"]
        assert (beside_hair(MASK, seen, theirs)[inner] > 0.5).all() == shown
