"""Edits of masks: what each moves, what it leaves, and that masks stay masks."""

from __future__ import annotations

import functools

import cv2
import numpy as np
import pytest
from small import face_mask

from mgpe_tf import labels
from mgpe_tf.data.synthetic import draw_portrait
from mgpe_tf.editing.masks import edits, regions
from mgpe_tf.editing.masks.edits import EDITS
from mgpe_tf.editing.masks.hair import lobes
from mgpe_tf.errors import UserError

LONG_HAIR, BALD, OPEN, FRINGE, SHORT_HAIR = 0, 1, 2, 3, 6
"""Seeds of synthetic portraits."""

EYES, BROWS = (labels.LEFT_EYE, labels.RIGHT_EYE), (labels.LEFT_BROW, labels.RIGHT_BROW)
FEATURE_EDITS = ("nose_size", "raise_brows", "eye_size", "left_eye_size", "right_eye_size", "smile")


@functools.cache
def drawn(seed: int, size: int = 256) -> np.ndarray:
    mask = draw_portrait(seed, size)[1]
    mask.setflags(write=False)
    return mask


def edited(name: str, amount: float, mask: np.ndarray) -> np.ndarray:
    """The edited mask, after what must hold for every mask."""
    result = EDITS[name].function(mask, amount)
    assert result.shape == mask.shape and result.dtype == np.uint8
    assert set(np.unique(result)) <= {*np.unique(mask), labels.INNER_MOUTH, labels.SKIN, labels.BACKGROUND}
    return result


def area(mask, *ids) -> int:
    return int(np.isin(mask, ids).sum())


def centre(mask, *ids) -> np.ndarray:
    return np.argwhere(np.isin(mask, ids)).mean(axis=0)


def assert_same(mask, result, *ids):
    """The `ids` cover the same pixels in both."""
    for value in ids:
        assert not ((mask == value) ^ (result == value)).any(), labels.HELEN_NAMES[value]


def assert_close(result, expected, pixels: int):
    """Two masks differ in nothing but their outlines, by up to some `pixels`."""
    edges = cv2.morphologyEx(expected, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    near = cv2.dilate(edges.astype(np.uint8), np.ones((2 * pixels + 1,) * 2, np.uint8)) > 0
    assert not ((result != expected) & ~near).any()
    assert (result != expected).mean() < 0.02


def without(mask, *ids) -> np.ndarray:
    return np.where(np.isin(mask, ids), labels.BACKGROUND, mask).astype(np.uint8)


@pytest.mark.parametrize("name", EDITS)
def test_zero_changes_nothing(name):
    for mask in (drawn(LONG_HAIR), drawn(BALD), drawn(FRINGE), without(drawn(OPEN), labels.HAIR), face_mask()):
        np.testing.assert_array_equal(edited(name, 0.0, mask), mask)


@pytest.mark.parametrize("name", EDITS)
def test_every_amount_changes_a_whole_portrait_and_leaves_the_input(name):
    mask = drawn(LONG_HAIR if name == "hair_length" else OPEN)
    results = [edited(name, amount, mask) for amount in (-1.0, -0.5, 0.5, 1.0)]
    changes = [(result != mask).sum() for result in results]
    assert changes[0] > changes[1] > 0 and changes[3] > changes[2] > 0


@pytest.mark.parametrize("amount", [-1.0, 1.0])
def test_missing_components(amount):
    """What an edit is about is missing: nothing happens. Something else is missing: it works."""
    about = {
        "hair_volume": (labels.HAIR,),
        "hair_length": (labels.HAIR,),
        "nose_size": (labels.NOSE,),
        "raise_brows": BROWS,
        "eye_size": EYES,
        "left_eye_size": EYES[:1],
        "right_eye_size": EYES[1:],
        "smile": labels.MOUTH,
        "open_mouth": labels.MOUTH,
        "face_width": labels.FACE,
    }
    assert about.keys() == EDITS.keys()
    whole = drawn(OPEN, 64)
    for name, ids in about.items():
        mask = without(whole, *ids)
        np.testing.assert_array_equal(edited(name, amount, mask), mask)
        for value in range(labels.NUM_CLASSES):
            edited(name, amount, without(whole, value))
            edited(name, amount, np.full((32, 32), value, np.uint8))


@pytest.mark.parametrize("name", EDITS)
@pytest.mark.parametrize("shift", [(-40, 0), (40, 0), (0, -40), (0, 40), (-30, 30)])
def test_faces_that_the_frame_cuts(name, shift):
    for amount in (-1.0, 1.0):
        edited(name, amount, face_mask(128, *shift))


@pytest.mark.parametrize("name", EDITS)
@pytest.mark.parametrize("amount", [-0.8, 0.8])
def test_mirrored_and_enlarged_masks(name, amount):
    mask, flipped = drawn(OPEN, 128), np.array(labels.FLIPPED, np.uint8)
    result = edited(name, amount, mask)
    swap = {"left_eye_size": "right_eye_size", "right_eye_size": "left_eye_size"}
    mirrored = edited(swap.get(name, name), amount, flipped[mask][:, ::-1].copy())
    assert_close(mirrored, flipped[result][:, ::-1].copy(), 2)
    assert_close(
        edited(name, amount, np.kron(mask, np.ones((2, 2), np.uint8))), np.kron(result, np.ones((2, 2), np.uint8)), 4
    )


@pytest.mark.parametrize("name", EDITS)
@pytest.mark.parametrize("amount", [-1.0, 1.0])
@pytest.mark.parametrize("seed", [LONG_HAIR, BALD, OPEN, SHORT_HAIR])
def test_no_holes_in_the_face(name, amount, seed):
    """No patch of background is left or torn open within the face; features alone never touch the background."""
    mask = drawn(seed)
    result = edited(name, amount, mask)
    inside = cv2.erode(regions.hull(result).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    assert not ((result == labels.BACKGROUND) & inside & regions.hull(mask)).any()
    if name in FEATURE_EDITS:
        assert_same(mask, result, labels.BACKGROUND, labels.HAIR)


@pytest.mark.parametrize("amount", [-1.0, -0.4, 0.4, 1.0])
def test_eyes_scale_about_their_centres(amount):
    mask = drawn(OPEN)
    left, both = edited("left_eye_size", amount, mask), edited("eye_size", amount, mask)
    for eye in EYES:
        assert area(both, eye) / area(mask, eye) == pytest.approx(1.3 ** (2 * amount), rel=0.12)
        np.testing.assert_allclose(centre(both, eye), centre(mask, eye), atol=1.5)
    others = set(range(labels.NUM_CLASSES)) - {labels.SKIN, *EYES}
    assert_same(mask, both, *others)
    assert_same(mask, left, *others, labels.RIGHT_EYE)
    assert_same(left, both, labels.LEFT_EYE)


def test_brows_move_as_they_are():
    mask = drawn(OPEN)
    up, down = edited("raise_brows", 1.0, mask), edited("raise_brows", -1.0, mask)
    for brow in BROWS:
        assert area(up, brow) == area(mask, brow) == area(down, brow)
        expected = 0.14 * regions.eyes_of(mask).distance
        assert centre(mask, brow)[0] - centre(up, brow)[0] == pytest.approx(expected, abs=0.6)
        assert centre(down, brow)[0] > centre(mask, brow)[0] + 2
    for result in (up, down):
        assert_same(mask, result, *EYES, labels.NOSE, labels.HAIR)


def test_brows_slide_under_a_fringe():
    mask = drawn(FRINGE)
    result = edited("raise_brows", 1.0, mask)
    assert_same(mask, result, labels.HAIR)
    assert area(result, *BROWS) < area(mask, *BROWS)


@pytest.mark.parametrize("amount", [-1.0, 1.0])
def test_nose(amount):
    mask = drawn(OPEN)
    result = edited("nose_size", amount, mask)
    assert area(result, labels.NOSE) / area(mask, labels.NOSE) == pytest.approx((1.25 * 1.15) ** amount, rel=0.08)
    assert_same(mask, result, *EYES, *BROWS, *labels.MOUTH)


@pytest.mark.parametrize("amount", [-1.0, 1.0])
def test_smile_bends_the_corners(amount):
    mask = drawn(LONG_HAIR)
    result = edited("smile", amount, mask)

    def rise_of_corners(mask):
        mouth = np.isin(mask, labels.MOUTH)
        box = regions.box_of(mask, labels.MOUTH)
        width = (box.right - box.left) / 8
        rows = [
            np.argwhere(mouth[:, int(at) : int(at + width)])[:, 0].mean()
            for at in (box.left, box.right - width, box.centre[1] - width / 2)
        ]
        return rows[2] - (rows[0] + rows[1]) / 2

    change = rise_of_corners(result) - rise_of_corners(mask)
    assert np.sign(change) == amount and 2 < abs(change) < 10
    assert area(result, *labels.MOUTH) == pytest.approx(area(mask, *labels.MOUTH), rel=0.2)
    assert_same(mask, result, *EYES, *BROWS, labels.NOSE)


def test_mouth_opens():
    mask = drawn(LONG_HAIR)
    assert not area(mask, labels.INNER_MOUTH)
    half, whole = edited("open_mouth", 0.5, mask), edited("open_mouth", 1.0, mask)
    assert 0 < 1.5 * area(half, labels.INNER_MOUTH) < area(whole, labels.INNER_MOUTH)
    before, after = (regions.box_of(m, labels.MOUTH) for m in (mask, whole))
    assert after.bottom - before.bottom == pytest.approx(0.4 * (before.right - before.left), abs=2)
    assert regions.box_of(whole, labels.FACE).bottom > regions.box_of(mask, labels.FACE).bottom + 3
    assert area(whole, labels.LOWER_LIP) == pytest.approx(area(mask, labels.LOWER_LIP), rel=0.25)
    assert_same(mask, whole, *EYES, *BROWS, labels.NOSE, labels.UPPER_LIP)


def test_mouth_closes():
    mask = drawn(OPEN)
    half, closed = edited("open_mouth", -0.5, mask), edited("open_mouth", -1.0, mask)
    assert area(half, labels.INNER_MOUTH) == pytest.approx(area(mask, labels.INNER_MOUTH) / 2, rel=0.2)
    assert not area(closed, labels.INNER_MOUTH)
    between = cv2.morphologyEx(np.isin(closed, labels.MOUTH).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3)))
    assert not (closed[between > 0] == labels.INNER_MOUTH).any()
    assert regions.box_of(closed, labels.FACE).bottom < regions.box_of(mask, labels.FACE).bottom
    assert_same(mask, closed, *EYES, *BROWS, labels.NOSE, labels.UPPER_LIP)


def test_gaps_between_the_lips_close_too():
    """Label files have pixels of skin between inner mouth and lips."""
    mask = face_mask(256)
    mask[186:188, 110:150] = labels.SKIN
    rows = np.flatnonzero(np.isin(edited("open_mouth", -1.0, mask)[:, 128], labels.MOUTH))
    assert (np.diff(rows) == 1).all()


@pytest.mark.parametrize("amount", [-1.0, 1.0])
def test_face_width(amount):
    mask = drawn(SHORT_HAIR)
    result = edited("face_width", amount, mask)
    before, after = (regions.box_of(m, labels.FACE) for m in (mask, result))
    assert (after.right - after.left) / (before.right - before.left) == pytest.approx(1 + 0.15 * amount, abs=0.02)
    assert after[:2] == before[:2]
    assert after.centre[1] == pytest.approx(before.centre[1], abs=1)
    np.testing.assert_array_equal(result[:, [0, -1]], mask[:, [0, -1]])


@pytest.mark.parametrize("name", ["hair_length", "hair_volume"])
@pytest.mark.parametrize("seed", [LONG_HAIR, OPEN, FRINGE, SHORT_HAIR])
def test_hair_only_trades_with_the_background(name, seed):
    mask = drawn(seed)
    more, less = edited(name, 1.0, mask), edited(name, -1.0, mask)
    assert (mask[more != mask] == labels.BACKGROUND).all() and (more[more != mask] == labels.HAIR).all()
    assert (mask[less != mask] == labels.HAIR).all()
    assert np.isin(less[less != mask], (labels.BACKGROUND, labels.SKIN)).all()
    assert area(more, labels.HAIR) > 1.02 * area(mask, labels.HAIR)
    if name == "hair_length" and seed != LONG_HAIR:  # it ends above the ears' ends, and stays as it is
        np.testing.assert_array_equal(less, mask)
    else:
        assert area(less, labels.HAIR) < 0.98 * area(mask, labels.HAIR)


def test_hair_ends():
    short, long = drawn(SHORT_HAIR), drawn(LONG_HAIR)
    longer, shorter = edited("hair_length", 1.0, short), edited("hair_length", -1.0, long)
    fall = regions.box_of(longer, (labels.HAIR,)).bottom - regions.box_of(short, (labels.HAIR,)).bottom
    assert fall == pytest.approx(regions.eyes_of(short).distance, abs=6)
    assert regions.box_of(shorter, (labels.HAIR,)).bottom < regions.box_of(long, labels.MOUTH).top
    above = int(lobes(regions.eyes_of(long)))
    np.testing.assert_array_equal(shorter[:above], long[:above])


def test_hair_over_a_cheek_is_lost_to_skin():
    mask = face_mask(256)
    mask[150:180, 80:90] = labels.HAIR
    assert (edited("hair_length", -1.0, mask)[150:180, 84:90] != labels.BACKGROUND).all()


def test_volume_leaves_the_ends():
    mask = drawn(SHORT_HAIR)
    for amount in (-1.0, 1.0):
        result = edited("hair_volume", amount, mask)
        assert regions.box_of(result, (labels.HAIR,)).bottom == pytest.approx(
            regions.box_of(mask, (labels.HAIR,)).bottom, abs=4
        )
        assert np.sign(regions.box_of(mask, (labels.HAIR,)).top - regions.box_of(result, (labels.HAIR,)).top) == amount


def test_hair_that_the_frame_cuts_off_stays_there():
    mask = face_mask(256)
    mask[:60, 60:200] = labels.HAIR
    flatter = edited("hair_volume", -1.0, mask)
    assert (flatter[0, 100:160] == labels.HAIR).all()
    assert area(flatter, labels.HAIR) < 0.95 * area(mask, labels.HAIR)


def test_apply_has_an_order_of_its_own():
    mask, amounts = drawn(OPEN), {"open_mouth": 0.5, "eye_size": np.float32(0.5), "face_width": -1, "smile": 0}
    expected = mask
    for name in ("face_width", "eye_size", "open_mouth"):
        expected = EDITS[name].function(expected, float(amounts[name]))
    np.testing.assert_array_equal(edits.apply(mask, amounts), expected)
    np.testing.assert_array_equal(edits.apply(mask.astype(np.int64), dict(reversed(amounts.items()))), expected)
    np.testing.assert_array_equal(edits.apply(mask, {}), mask)


def test_all_edits_together():
    for amount in (-1, 1):
        result = edits.apply(drawn(LONG_HAIR), dict.fromkeys(EDITS, amount))
        labels.validate(result, "helen", "result")
        assert labels.exchanged_pairs(result) == []


@pytest.mark.parametrize(
    ("name", "amount", "words"),
    [
        ("smiles", 1, "edit 'smiles' is unknown: did you mean 'smile'"),
        ("smile", 1.01, "smile is 1.01; allowed: a number from -1 to 1"),
        ("smile", float("nan"), "smile is nan"),
        ("smile", "much", "smile is 'much'"),
    ],
)
def test_mistakes(name, amount, words):
    with pytest.raises(UserError, match=words):
        edits.apply(drawn(OPEN), {name: amount})
    with pytest.raises(UserError, match="mask: label value 11"):
        edits.apply(np.full((8, 8), 11), {})


def test_table():
    for name, edit in EDITS.items():
        edits.check_amount(name, edit.low)
        edits.check_amount(name, edit.high)
        assert edit.low < 0 < edit.high and "\n" not in edit.summary
