"""Components taken from another mask."""

from __future__ import annotations

import numpy as np
import pytest
from small import face_mask

from mgpe_tf import labels
from mgpe_tf.data.synthetic import draw_portrait
from mgpe_tf.editing.masks import regions
from mgpe_tf.editing.masks.replace import REPLACEABLE, replace_component
from mgpe_tf.errors import UserError

LONG_HAIR, BALD, SMILING = (draw_portrait(seed, 256)[1] for seed in range(3))
IDS = {
    "eyes": (4, 5),
    "left_eye": (4,),
    "right_eye": (5,),
    "brows": (2, 3),
    "nose": (6,),
    "mouth": labels.MOUTH,
    "hair": (labels.HAIR,),
}


def without(mask, *ids) -> np.ndarray:
    return np.where(np.isin(mask, ids), labels.BACKGROUND, mask).astype(np.uint8)


@pytest.mark.parametrize("component", REPLACEABLE)
def test_with_itself_and_with_itself_enlarged(component):
    for mask in (LONG_HAIR, BALD, SMILING, face_mask(), face_mask(64, 20, -20)):
        np.testing.assert_array_equal(replace_component(mask, mask, component), mask)
    larger = np.kron(SMILING, np.ones((2, 2), np.uint8))
    assert (replace_component(SMILING, larger, component) != SMILING).mean() < 0.005


@pytest.mark.parametrize("component", ["eyes", "left_eye", "right_eye", "brows", "nose", "mouth"])
def test_feature_takes_the_place_of_the_own_one(component):
    result = replace_component(LONG_HAIR, SMILING, component)
    assert (result != LONG_HAIR).any()
    for value in set(range(labels.NUM_CLASSES)) - {labels.SKIN, *IDS[component]}:
        np.testing.assert_array_equal(result == value, value == LONG_HAIR)
    for value in IDS[component] if component != "mouth" else ():
        new, old = (regions.box_of(mask, (value,)) for mask in (result, LONG_HAIR))
        np.testing.assert_allclose(new.centre, old.centre, atol=2)
        assert np.isin(result, value).sum() == pytest.approx(np.isin(SMILING, value).sum(), rel=0.25)


def test_mouth_opens_downwards():
    result = replace_component(LONG_HAIR, SMILING, "mouth")
    assert not (LONG_HAIR == labels.INNER_MOUTH).any() and (result == labels.INNER_MOUTH).any()
    new, old = (regions.box_of(mask, labels.MOUTH) for mask in (result, LONG_HAIR))
    assert abs(new.top - old.top) <= 1 and abs(new.centre[1] - old.centre[1]) <= 1


def test_hair_is_exchanged_whole():
    """The own hair goes, the new one comes; the face is whole where hair was and none is."""
    given = replace_component(BALD, LONG_HAIR, "hair")
    shorter = replace_component(LONG_HAIR, SMILING, "hair")
    for result, mask, other in ((given, BALD, LONG_HAIR), (shorter, LONG_HAIR, SMILING)):
        assert (result == labels.HAIR).sum() == pytest.approx((other == labels.HAIR).sum(), rel=0.25)
        for value in (4, 5, 6, *labels.MOUTH):
            np.testing.assert_array_equal(result == value, mask == value)
        assert not ((result == labels.BACKGROUND) & regions.hull(mask) & np.isin(mask, labels.FACE)).any()


def test_face_gets_the_other_outline():
    """Below the eyes; what is above them and all features stay."""
    wide = np.full((256, 256), labels.BACKGROUND, np.uint8)
    wide[:] = BALD
    eyes = regions.eyes_of(BALD)
    columns = np.clip(eyes.column + (np.arange(256) - eyes.column) / 1.2, 0, 255).astype(int)
    skin = np.isin(BALD, labels.FACE)[:, columns]
    wide[skin & (BALD == labels.BACKGROUND)] = labels.SKIN
    result = replace_component(BALD, wide, "face")
    row = int(eyes.row + 1.4 * eyes.distance)
    width = [(mask[row] != labels.BACKGROUND).sum() for mask in (BALD, result, wide)]
    assert width[0] + 0.5 * (width[2] - width[0]) < width[1] <= width[2] + 2
    np.testing.assert_array_equal(result[: int(eyes.row)], BALD[: int(eyes.row)])
    for value in labels.FEATURES:
        np.testing.assert_array_equal(result == value, value == BALD)


@pytest.mark.parametrize("component", IDS)
def test_missing_components_change_nothing(component):
    lacking = without(SMILING, *IDS[component])
    np.testing.assert_array_equal(replace_component(LONG_HAIR, lacking, component), LONG_HAIR)
    if component != "hair":
        np.testing.assert_array_equal(replace_component(lacking, LONG_HAIR, component), lacking)
    empty = np.zeros((64, 64), np.uint8)
    np.testing.assert_array_equal(replace_component(LONG_HAIR, empty, "face"), LONG_HAIR)


@pytest.mark.parametrize("component", REPLACEABLE)
def test_faces_that_the_frame_cuts(component):
    for down, right in ((40, 0), (-40, 10), (0, 40), (-10, -40)):
        labels.validate(replace_component(face_mask(128, down, right), SMILING, component), "helen", "result")
        labels.validate(replace_component(SMILING, face_mask(128, down, right), component), "helen", "result")


def test_mistakes():
    with pytest.raises(UserError, match="component 'noze' is unknown: did you mean 'nose'"):
        replace_component(BALD, BALD, "noze")
    with pytest.raises(UserError, match="other mask: label value 19"):
        replace_component(BALD, np.full((8, 8), 19), "nose")
