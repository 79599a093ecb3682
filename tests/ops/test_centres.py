"""Component centres: agreement with the numpy twin, closed forms, absent components."""

from __future__ import annotations

import numpy as np
import pytest
from keras import ops

from mgpe_tf import geometry
from mgpe_tf.geometry import component
from mgpe_tf.ops import component_centres


def _masks() -> np.ndarray:
    """Random rectangles of every label, some at the border, some labels absent; uint8 [6, 64, 48]."""
    rng = np.random.default_rng(0)
    masks = np.zeros((6, 64, 48), np.uint8)
    for mask in masks[1:]:
        for label in rng.permutation(np.arange(1, 11))[:7]:
            top, left = rng.integers(0, 64), rng.integers(0, 48)
            mask[top : top + 9, left : left + 9] = label
    return masks


@pytest.mark.parametrize("dtype", ["uint8", "int32", "int64"])
@pytest.mark.parametrize("part", geometry.COMPONENTS, ids=lambda part: part.name)
def test_agrees_with_geometry(part, dtype):
    masks = _masks()
    centres = ops.convert_to_numpy(component_centres(ops.convert_to_tensor(masks.astype(dtype)), part))
    assert centres.dtype == np.int32
    np.testing.assert_array_equal(centres, [geometry.component_centre(mask, part) for mask in masks])


def test_closed_forms():
    mask = np.zeros((4, 256, 256), np.uint8)
    mask[0, 10:14, 20:25] = 4
    mask[1, 255, 255] = 4
    mask[2, 0, 0] = mask[2, 7, 9] = 4
    centres = ops.convert_to_numpy(component_centres(mask, component("left_eye")))
    np.testing.assert_array_equal(centres, [(11, 22), (255, 255), (3, 4), (116, 96)])


def test_fallback_scales_with_the_mask_and_whole_components_have_the_image_centre():
    mask = np.full((1, 100, 60), 10, np.uint8)
    mask[:, :50] = 0
    mouth = ops.convert_to_numpy(component_centres(mask, component("mouth")))
    np.testing.assert_array_equal(mouth, [(184 * 100 // 256, 128 * 60 // 256)])
    np.testing.assert_array_equal(ops.convert_to_numpy(component_centres(mask, component("hair"))), [(50, 30)])
