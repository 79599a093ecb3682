"""Component geometry and plane maps."""

from __future__ import annotations

import numpy as np
import pytest
from similarity import similarity_matrix

from mgpe_tf import geometry, labels
from mgpe_tf.errors import UserError


def mask_with(value, top, bottom, left, right, size=256) -> np.ndarray:
    """A mask with one filled box, inclusive bounds."""
    mask = np.zeros((size, size), np.uint8)
    mask[top : bottom + 1, left : right + 1] = value
    return mask


def test_components_partition_the_foreground():
    covered = [value for component in geometry.COMPONENTS for value in component.labels]
    assert sorted(covered) == list(range(1, labels.NUM_CLASSES))
    assert [c.name for c in geometry.COMPONENTS] == ["left_eye", "right_eye", "skin", "hair", "mouth"]


@pytest.mark.parametrize(("name", "size"), [("left_eye", (32, 48)), ("mouth", (80, 144)), ("hair", (256, 256))])
def test_crop_sizes_scale(name, size):
    component = geometry.component(name)
    assert geometry.crop_size(component, 256) == size
    assert geometry.crop_size(component, 512) == (2 * size[0], 2 * size[1])
    assert geometry.crop_size(component, 64) == (size[0] // 4, size[1] // 4)


def test_unknown_component():
    with pytest.raises(UserError, match="'nose'.*left_eye"):
        geometry.component("nose")


def test_bounding_box_is_inclusive_and_joins_labels():
    mask = mask_with(labels.UPPER_LIP, 10, 12, 30, 40) + mask_with(labels.LOWER_LIP, 20, 25, 50, 51)
    assert geometry.bounding_box(mask, (labels.UPPER_LIP, labels.LOWER_LIP)) == (10, 25, 30, 51)
    assert geometry.bounding_box(mask, (labels.LOWER_LIP,)) == (20, 25, 50, 51)
    assert geometry.bounding_box(mask, (labels.HAIR,)) is None


@pytest.mark.parametrize("box", [(0, 0, 0, 0), (0, 3, 250, 255), (101, 120, 60, 95)])
def test_centre_is_rounded_down(box):
    top, bottom, left, right = box
    mask = mask_with(labels.LEFT_EYE, *box)
    assert geometry.component_centre(mask, geometry.component("left_eye")) == ((top + bottom) // 2, (left + right) // 2)


@pytest.mark.parametrize(
    ("name", "centre"), [("left_eye", (116, 96)), ("right_eye", (116, 160)), ("mouth", (184, 128))]
)
def test_missing_component_falls_back(name, centre):
    component = geometry.component(name)
    assert geometry.component_centre(np.zeros((256, 256), np.uint8), component) == centre
    assert geometry.component_centre(np.zeros((512, 512), np.uint8), component) == (2 * centre[0], 2 * centre[1])


def test_whole_components_stay_in_the_middle():
    mask = mask_with(labels.HAIR, 0, 40, 0, 60)
    assert geometry.component_centre(mask, geometry.component("hair")) == (128, 128)


def test_inverse_undoes_the_map():
    matrix = similarity_matrix(1.3, -20.0, (4.5, 2), (128, 100))
    point = np.array([17.0, 201.0])
    there = matrix @ [*point, 1]
    np.testing.assert_allclose(geometry.invert_affine(matrix) @ [*there, 1], point, atol=1e-9)
