"""Flows of scripted edits: they lead to the masks that the edits make, smoothly, and move nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from test_shapes import BALD, FEATURE_EDITS, LONG_HAIR, OPEN, assert_close, drawn

from mgpe_tf import labels
from mgpe_tf.editing.carry.flows import composed
from mgpe_tf.editing.carry.sampling import moved_mask
from mgpe_tf.editing.masks.edits import EDITS, apply, steps
from mgpe_tf.ops import stretches

KNOWN = [name for name in EDITS if name != "hair_length"]
HALF = 0.5


@pytest.mark.parametrize("seed", [LONG_HAIR, BALD, OPEN])
@pytest.mark.parametrize("amount", [-HALF, HALF])
@pytest.mark.parametrize("name", KNOWN)
def test_a_flow_carries_the_mask_to_the_edited_one(name, amount, seed):
    """But for what was hidden: the inside of a mouth."""
    mask = drawn(seed)
    ((before, after, (flow, _)),) = steps(mask, {name: amount})
    np.testing.assert_array_equal(before, mask)
    moved = moved_mask(mask, flow)
    np.testing.assert_array_equal(after, apply(mask, {name: amount}))
    assert_close(np.where(after == labels.INNER_MOUTH, after, moved), after, 3)
    assert (moved != after).sum() < (mask != after).sum() or np.array_equal(mask, after)


@pytest.mark.parametrize("amount", [-1, 1])
@pytest.mark.parametrize("name", [*FEATURE_EDITS, "hair_volume", "face_width"])
def test_a_flow_never_folds(name, amount):
    ((_, _, (flow, _)),) = steps(drawn(LONG_HAIR), {name: amount})
    least = np.asarray(stretches(flow[None])[1])
    assert least.min() > 0 and np.isfinite(flow).all()


@pytest.mark.parametrize("name", FEATURE_EDITS)
def test_what_is_far_from_a_feature_stays(name):
    mask = drawn(LONG_HAIR)
    ((_, _, (flow, _)),) = steps(mask, {name: 1})
    away = {"smile": labels.LEFT_EYE, "nose_size": labels.LEFT_BROW}.get(name, labels.UPPER_LIP)
    assert flow.any() and not flow[:4].any() and not flow[mask == away].any()


def test_several_edits_are_carried_at_once():
    mask, amounts = drawn(LONG_HAIR), {"face_width": -HALF, "nose_size": HALF, "smile": HALF}
    flow = composed(*(moved.flow for _, _, moved in steps(mask, amounts)))
    assert_close(moved_mask(mask, flow), apply(mask, amounts), 3)


def test_hair_that_is_cut_moves_in_front_of_what_stays():
    """With the ends that it had: what hangs lowest comes up."""
    mask = drawn(LONG_HAIR)
    ((_, after, (flow, hair)),) = steps(mask, {"hair_length": -HALF})
    assert not flow.any()
    wanted = after == labels.HAIR
    assert (moved_mask(mask, hair)[wanted] == labels.HAIR).mean() > 0.97
    rows = np.nonzero(wanted)[0]
    ends = wanted & (np.arange(len(mask))[:, None] > rows.max() - 5)
    assert (hair[ends][:, 1] > 10).all() and not hair[:60].any()


def test_hair_that_gets_longer_is_drawn_out_in_front_of_what_stays():
    """Its ends come down, what hangs hardly or lies above the eyes stays, and all that is wanted is hair."""
    mask = drawn(LONG_HAIR)
    ((_, after, (flow, hair)),) = steps(mask, {"hair_length": HALF})
    assert not flow.any()
    wanted, before = after == labels.HAIR, mask == labels.HAIR
    assert (wanted & ~before).sum() > 500
    assert (moved_mask(mask, hair)[wanted] == labels.HAIR).mean() > 0.98
    assert not hair[:60].any()
    rows = np.nonzero(wanted)[0]
    ends = wanted & (np.arange(len(mask))[:, None] > rows.max() - 5)
    assert (hair[ends][:, 1] < -10).all()


def test_a_fringe_stays_where_hair_beside_it_gets_longer():
    mask = drawn(LONG_HAIR)
    ((_, _, (_, hair)),) = steps(mask, {"hair_length": 1.0})
    face = np.isin(mask, labels.FACE)
    above = face.argmax(axis=0)
    for column in np.nonzero(face.any(axis=0))[0][10:-10]:
        assert not hair[: above[column], column, 1].any()
