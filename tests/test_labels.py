"""Label tables, conversions and validation."""

from __future__ import annotations

import numpy as np
import pytest

from mgpe_tf import labels
from mgpe_tf.data.snapping import NEAR
from mgpe_tf.errors import UserError


def face(left_columns=(2, 4), right_columns=(8, 10)) -> np.ndarray:
    """A 12x12 Helen mask with eyes in rows 4 and brows in row 2 at the given columns."""
    mask = np.full((12, 12), labels.SKIN, np.uint8)
    mask[4, slice(*left_columns)], mask[4, slice(*right_columns)] = labels.LEFT_EYE, labels.RIGHT_EYE
    mask[2, slice(*left_columns)], mask[2, slice(*right_columns)] = labels.LEFT_BROW, labels.RIGHT_BROW
    return mask


def flip_ids(mask: np.ndarray) -> np.ndarray:
    """The mask with left and right ids exchanged and every pixel in place."""
    return np.array(labels.FLIPPED, np.uint8)[mask]


def helen_id_by_name(set_name):
    known = labels.LABEL_SETS[set_name]
    return dict(zip(known.names, known.to_helen, strict=True))


def test_celebamask_hq_table():
    expected = {1: 1, 2: 6, 3: 1, 4: 5, 5: 4, 6: 3, 7: 2, 10: 8, 11: 7, 12: 9, 13: 10}
    converted = labels.to_helen(np.arange(19)[None], "celebamask_hq")[0]
    assert converted.dtype == np.uint8
    assert {i: v for i, v in enumerate(converted) if v} == expected


def test_bisenet_is_celebamask_hq_in_another_order():
    assert labels.LABEL_SETS["bisenet"].names[17] == "hair"
    assert labels.to_helen(np.array([[2, 3, 4, 5, 6, 10, 11, 12, 13, 17]]), "bisenet").tolist() == [
        [3, 2, 5, 4, 1, 6, 8, 7, 9, 10]
    ]
    assert helen_id_by_name("bisenet") == helen_id_by_name("celebamask_hq")


@pytest.mark.parametrize("name", ["helen", "lapa"])
def test_eleven_id_sets_are_unchanged(name):
    mask = np.arange(11, dtype=np.uint8)[None]
    np.testing.assert_array_equal(labels.to_helen(mask, name), mask)


def test_every_helen_class_can_be_reached_from_every_set():
    for known in labels.LABEL_SETS.values():
        assert len(known.names) == len(known.to_helen) == len(set(known.names))
        assert set(known.to_helen) == set(range(labels.NUM_CLASSES))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([[0, 255, 255]], ["255 (2 px)", "black-and-white"]),
        ([[0, 3, 255]], ["255 (1 px)", "'ignore'"]),
        ([[0, 13, 18]], ["13 (1 px), 18 (1 px)", "'celebamask_hq' or 'bisenet'"]),
        ([range(0, 250, 3)], ["and 75 more", "JPEG"]),
        ([[0, 11, 200]], ["11 (1 px), 200 (1 px)", "not colours"]),
        ([[-1, 0, 4]], ["-1 (1 px)"]),
    ],
)
def test_validate_names_file_values_and_cause(values, words):
    with pytest.raises(UserError) as error:
        labels.validate(np.array([*map(list, values)]), "helen", "face.png")
    message = str(error.value)
    for word in ["face.png", "'helen' (ids 0 to 10)", *words]:
        assert word in message
    assert "\n" not in message


@pytest.mark.parametrize("label", [np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4)), np.zeros(4, np.uint8)])
def test_validate_rejects_other_shapes_and_types(label):
    with pytest.raises(UserError, match="x.png"):
        labels.validate(label, "helen", "x.png")


def test_validate_accepts_the_whole_range():
    labels.validate(np.arange(19)[None], "celebamask_hq", "x.png")
    labels.validate(np.zeros((0, 0), np.uint8), "helen", "x.png")


def test_unknown_label_set_lists_the_known():
    with pytest.raises(UserError, match="'celeba'.*celebamask_hq"):
        labels.to_helen(np.zeros((2, 2), np.uint8), "celeba")


def test_parts_with_larger_ids_lie_on_top():
    full = np.ones((3, 3), bool)
    eye = np.zeros((3, 3), bool)
    eye[1, 1] = True
    composed = labels.celebamask_hq_from_parts({"l_eye": eye, "eye_g": full, "skin": full})
    assert composed.dtype == np.uint8
    assert composed[1, 1] == 4
    assert (composed[~eye] == 3).all()
    assert (labels.to_helen(composed, "celebamask_hq")[~eye] == labels.SKIN).all()


@pytest.mark.parametrize("parts", [{}, {"moustache": np.ones((2, 2), bool)}])
def test_wrong_parts(parts):
    with pytest.raises(UserError, match="allowed: one or more of skin"):
        labels.celebamask_hq_from_parts(parts)


def test_palette_colours_are_distinct():
    assert len(np.unique(labels.PALETTE, axis=0)) == labels.NUM_CLASSES
    coloured = labels.colourise(face())
    assert coloured.shape == (12, 12, 3) and coloured.dtype == np.uint8
    np.testing.assert_array_equal(coloured[4, 2], labels.PALETTE[labels.LEFT_EYE])


@pytest.mark.parametrize("name", labels.LABEL_SETS)
def test_colours_are_the_same_in_every_label_set_and_far_apart(name):
    legend, known = labels.legend(name).astype(int), labels.label_set(name)
    assert labels.legend(name).dtype == np.uint8
    distances = np.linalg.norm(legend[:, None] - legend, axis=-1)
    assert distances[~np.eye(len(legend), dtype=bool)].min() > 2 * NEAR  # so that no colour is near two
    for part, own, colour in zip(known.names, known.to_helen, legend.tolist(), strict=True):
        assert (colour == labels.PALETTE[own].tolist()) != (part in labels.PART_COLOURS)


def test_flipping_twice_is_the_identity():
    assert [labels.FLIPPED[i] for i in labels.FLIPPED] == list(range(labels.NUM_CLASSES))
    for value, name in enumerate(labels.HELEN_NAMES):
        other = labels.HELEN_NAMES[labels.FLIPPED[value]]
        assert other == name.replace("left", "RIGHT").replace("right", "left").replace("RIGHT", "right")


def test_mirror_without_exchanged_ids_is_mended():
    mask = face()
    assert labels.order_left_right(mask) is mask
    mirrored = mask[:, ::-1]
    assert len(labels.exchanged_pairs(mirrored)) == 2
    ordered = labels.order_left_right(mirrored)
    assert ordered.dtype == np.uint8
    np.testing.assert_array_equal(ordered, flip_ids(mirrored))
    assert not labels.exchanged_pairs(ordered)


@pytest.mark.parametrize("row", [2, 4])
def test_eyes_and_brows_are_judged_apart(row):
    mask = face()
    wrong = mask.copy()
    wrong[row] = flip_ids(mask[row])
    np.testing.assert_array_equal(labels.order_left_right(wrong), mask)


def test_a_lone_eye_is_left_alone():
    mask = face()[:, ::-1].copy()
    mask[mask == labels.LEFT_EYE] = labels.SKIN
    ordered = labels.order_left_right(mask)
    np.testing.assert_array_equal(ordered[4], mask[4])
    np.testing.assert_array_equal(ordered[2], flip_ids(mask[2]))


def test_describe_has_a_line_per_class():
    lines = labels.describe().splitlines()
    assert len(lines) == 1 + labels.NUM_CLASSES
    assert lines[1 + labels.LEFT_EYE].split() == ["4", "left_eye", "5", "r_eye", "4", "left_eye", "5", "r_eye"]
