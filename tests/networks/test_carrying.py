"""Edits that keep photographs' own pixels: what stays, what moves, and what is generated."""

from __future__ import annotations

import numpy as np
import pytest
from keras import ops
from small import SIZE, as_inputs, portraits, randomised

from mgpe_tf import labels
from mgpe_tf.networks.carrying import Carrying, flow_of_another
from mgpe_tf.networks.completion import Completion
from mgpe_tf.networks.registration import Registration
from mgpe_tf.ops.holes import grown

SOURCE, SOURCE_MASK, TARGET, TARGET_MASK = as_inputs(portraits())
GENERATED = np.random.default_rng(0).uniform(-1, 1, TARGET.shape).astype(np.float32)
FILTERS = (8, 8, 8)


@pytest.fixture(scope="module")
def network() -> Carrying:
    """Registrations that move nothing, and a completion with random weights."""
    soft, stiff = Registration(filters=FILTERS, name="soft"), Registration(filters=FILTERS, name="stiff")
    return Carrying(soft, stiff, randomised(Completion((4, 6), (1, 1)).built_for(SIZE)))


def edited(network, *portrait) -> np.ndarray:
    return ops.convert_to_numpy(network(GENERATED, *portrait))


def far(where: np.ndarray, pixels: int = 6) -> np.ndarray:
    """Pixels further than so many from `where`, by default than any border reaches, bool [B, R, R]."""
    return ops.convert_to_numpy(grown(where[..., None].astype(np.float32), pixels))[..., 0] == 0


def test_a_portrait_and_its_own_mask_stay_bit_for_bit(network):
    np.testing.assert_array_equal(edited(network, TARGET, TARGET_MASK, TARGET, TARGET_MASK), TARGET)


def test_an_own_edit_changes_what_the_mask_changes(network):
    changed = TARGET_MASK.copy()
    changed[:, 40:46, 20:44] = labels.INNER_MOUTH
    picture, off = edited(network, TARGET, TARGET_MASK, TARGET, changed), far(changed != TARGET_MASK)
    np.testing.assert_array_equal(picture[off], TARGET[off])
    assert np.abs(picture - TARGET)[changed != TARGET_MASK].mean() > 0.1


def test_bared_places_show_nothing_of_the_face_that_was_there(network):
    bald = np.where(TARGET_MASK == labels.HAIR, labels.BACKGROUND, TARGET_MASK).astype(np.int32)
    inner = far(TARGET_MASK != labels.HAIR, 3)
    dyed = np.where(inner[..., None], -TARGET, TARGET)
    first, second = (edited(network, image, TARGET_MASK, image, bald) for image in (TARGET, dyed))
    assert inner.any()
    np.testing.assert_allclose(first[inner], second[inner], atol=1e-5)


def test_of_another_only_face_and_hair_come(network):
    picture, off = edited(network, SOURCE, SOURCE_MASK, TARGET, TARGET_MASK), far(TARGET_MASK != labels.BACKGROUND)
    assert off.any()
    np.testing.assert_array_equal(picture[off], TARGET[off])
    assert np.abs(picture - TARGET)[TARGET_MASK == labels.SKIN].mean() > 0.05


def test_each_portrait_of_a_batch_is_judged_by_itself(network):
    mixed = [np.concatenate([a[:1], b[1:]]) for a, b in ((TARGET, SOURCE), (TARGET_MASK, SOURCE_MASK))]
    picture = edited(network, *mixed, TARGET, TARGET_MASK)
    np.testing.assert_array_equal(picture[0], TARGET[0])
    expected = edited(network, SOURCE, SOURCE_MASK, TARGET, TARGET_MASK)
    np.testing.assert_allclose(picture[1], expected[1], atol=1e-5)


def test_anothers_face_is_laid_on_the_own_before_the_network_looks():
    """A network that finds nothing leaves the similarity, here a shift."""
    shifted = np.roll(TARGET_MASK, (4, -3), axis=(1, 2))
    flow = ops.convert_to_numpy(flow_of_another(Registration(filters=FILTERS), shifted, TARGET_MASK))
    np.testing.assert_allclose(flow[:, 16:48, 16:48], np.broadcast_to((-3, 4), (2, 32, 32, 2)), atol=0.05)
