"""Where another's face is shown over the own one."""

from __future__ import annotations

import numpy as np
from small import face_mask

from mgpe_tf import labels
from mgpe_tf.editing.carry import face

MASK = face_mask(256)


def with_hair_over(mask: np.ndarray, ids: tuple[int, ...]) -> np.ndarray:
    return np.where(np.isin(mask, ids), labels.HAIR, mask).astype(np.uint8)


def test_it_is_whole_within_and_nothing_at_the_outline():
    share = face.shown(MASK, MASK)
    outside = ~np.isin(MASK, labels.FACE)
    assert not share[outside].any()
    rim = np.zeros_like(outside)
    rim[1:] |= outside[:-1]
    assert share[rim & ~outside].max() < 0.05
    assert (share[MASK == labels.NOSE] == 1).all()


def test_skin_beside_its_hair_is_the_own_and_features_stay():
    columns = np.arange(MASK.shape[1])
    nose = np.argwhere(MASK == labels.NOSE)
    strand = (np.abs(columns - nose[:, 1].mean() - 40) < 3) & (MASK == labels.SKIN)
    brought = np.where(strand, labels.HAIR, MASK).astype(np.uint8)
    share = face.shown(MASK, brought)
    assert not share[strand].any()
    beside = (MASK == labels.SKIN) & np.roll(strand, 2, axis=1) & ~strand
    assert beside.any() and share[beside].max() < 0.5
    assert (share[MASK == labels.NOSE] == 1).all()


def test_mirror_images_are_looked_for_where_a_feature_is_hidden():
    assert not face.hidden_features(MASK, MASK).any()
    assert not face.hidden_features(MASK, with_hair_over(MASK, (labels.HAIR,))).any()
    wanted = face.hidden_features(MASK, with_hair_over(MASK, (labels.LEFT_EYE,)))
    assert wanted[MASK == labels.LEFT_EYE].all() and not wanted[MASK == labels.RIGHT_EYE].any()


def test_a_mirror_image_is_not_shown_beside_its_own_hair():
    brought = with_hair_over(MASK, (labels.LEFT_BROW,))
    wanted = np.ones(MASK.shape, bool)
    share = face.of_mirror_image(MASK, brought, wanted)
    assert share[MASK == labels.LEFT_BROW].max() < 0.05
    assert share[MASK == labels.NOSE].min() > 0.95
