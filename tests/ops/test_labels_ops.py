"""One-hot masks, component masks and enlarged labels."""

from __future__ import annotations

import numpy as np
import pytest
from keras import ops

from mgpe_tf import geometry
from mgpe_tf.errors import UserError
from mgpe_tf.geometry import component
from mgpe_tf.ops import component_mask, enlarge_labels, one_hot_mask


def test_one_hot_marks_each_pixel_once():
    mask = np.random.default_rng(0).integers(0, 11, (2, 5, 7)).astype(np.uint8)
    encoded = ops.convert_to_numpy(one_hot_mask(mask))
    assert encoded.shape == (2, 5, 7, 11) and encoded.dtype == np.float32
    np.testing.assert_array_equal(encoded.argmax(-1), mask)
    np.testing.assert_array_equal(encoded.sum(-1), 1)


@pytest.mark.parametrize("part", geometry.COMPONENTS, ids=lambda part: part.name)
def test_component_mask_is_membership(part):
    mask = np.arange(11, dtype=np.uint8).reshape(1, 1, 11)
    member = ops.convert_to_numpy(component_mask(mask, part))
    np.testing.assert_array_equal(member, np.isin(mask, part.labels)[..., None].astype(np.float32))


def _face() -> np.ndarray:
    """A mask with both eyes and a three-label mouth, uint8 [64, 64]."""
    mask = np.zeros((64, 64), np.uint8)
    mask[8:60, 8:56] = 1
    mask[20:27, 15:26], mask[20:27, 38:49] = 4, 5
    mask[44:48, 22:42], mask[48:51, 22:42], mask[51:55, 22:42] = 7, 8, 9
    return mask


def _enlarge_by_loops(mask, factor):
    result = mask.copy()
    for name in ("left_eye", "right_eye", "mouth"):
        part = component(name)
        centre = geometry.component_centre(mask, part)
        for p in np.ndindex(mask.shape):
            label = mask[tuple(c + round((i - c) / factor) for i, c in zip(p, centre, strict=True))]
            result[p] = label if label in part.labels else result[p]
    return result


@pytest.mark.parametrize("factor", [1.1, 1.3, 2.0])
def test_enlarging_agrees_with_loops(factor):
    masks = np.stack([_face(), np.where(_face() == 4, 1, _face()).astype(np.uint8), np.roll(_face(), 14, axis=1)])
    enlarged = ops.convert_to_numpy(enlarge_labels(masks, factor))
    assert enlarged.dtype == np.uint8
    np.testing.assert_array_equal(enlarged, [_enlarge_by_loops(mask, factor) for mask in masks])


def test_enlarging_never_loses_a_pixel_and_grows_by_the_factor():
    mask = np.zeros((1, 64, 64), np.uint8)
    mask[0, 20:41, 10:51] = 4
    grown = ops.convert_to_numpy(enlarge_labels(mask, 1.5))
    assert np.all(grown[mask == 4] == 4)
    assert np.any(grown == 4, axis=2).sum() == 31 and np.any(grown == 4, axis=1).sum() == 61


def test_factor_one_and_absent_components_change_nothing():
    face, bald = _face()[None], np.where(np.isin(_face(), (1, 0)), _face(), 1)[None].astype(np.uint8)
    np.testing.assert_array_equal(ops.convert_to_numpy(enlarge_labels(face, 1.0)), face)
    np.testing.assert_array_equal(ops.convert_to_numpy(enlarge_labels(bald, 1.1)), bald)


def test_shrinking_is_refused():
    with pytest.raises(UserError, match="label_enlargement is 0.9"):
        enlarge_labels(_face()[None], 0.9)
