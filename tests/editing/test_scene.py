"""What hair leaves where it goes, by nineteen classes."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mgpe_tf import labels
from mgpe_tf.editing.masks import edits
from mgpe_tf.editing.masks.presence import colour_notices, hat_notices
from mgpe_tf.editing.masks.regions import distance_from
from mgpe_tf.editing.masks.replace import replace_hair
from mgpe_tf.editing.masks.scene import Scene
from mgpe_tf.editing.pixels.inpaint import with_fringe
from mgpe_tf.editing.pixels.uncover import beside_face, with_skin
from mgpe_tf.labels import PARTS, PARTS_TO_HELEN

R = 256
ROWS, COLUMNS = np.indices((R, R))
COLOURS = {"background": (40, 90, 200), "neck": (150, 110, 90), "skin": (200, 150, 120), "hair": (20, 15, 10)}
GUESS = (150, 100, 70)


def disc(row: int, column: int, down: int, across: int) -> np.ndarray:
    return ((ROWS - row) / down) ** 2 + ((COLUMNS - column) / across) ** 2 < 1


def person(left_ear: bool = True, hat: bool = False) -> Scene:
    """Long hair around a head with a neck, over the right ear as one sees it, and over the left one or not."""
    behind = np.zeros((R, R), np.uint8)
    behind[disc(245, 128, 90, 36)] = PARTS["neck"]
    for name, column in (("r_ear", 70), ("l_ear", 186)):
        behind[disc(140, column, 18, 10)] = PARTS[name]
    behind[disc(130, 128, 80, 60)] = PARTS["skin"]
    for name, row, column, down, across in (
        ("r_eye", 120, 104, 4, 9),
        ("l_eye", 120, 152, 4, 9),
        ("r_brow", 106, 104, 3, 12),
        ("l_brow", 106, 152, 3, 12),
        ("nose", 145, 128, 16, 9),
        ("u_lip", 172, 128, 4, 18),
        ("l_lip", 180, 128, 4, 18),
    ):
        behind[disc(row, column, down, across)] = PARTS[name]
    parts = behind.copy()
    mane = disc(150, 128, 135, 84) & ~disc(145, 128, 65, 48) & ~((ROWS > 150) & (np.abs(COLUMNS - 128) < 18))
    if left_ear:
        mane &= ~(behind == PARTS["r_ear"])
    parts[mane] = PARTS["hair"]
    if hat:
        worn = disc(40, 128, 40, 70)
        parts[worn] = behind[worn] = PARTS["hat"]
    return Scene(parts, behind)


def mask_of(parts: np.ndarray) -> np.ndarray:
    return np.array(PARTS_TO_HELEN, np.uint8)[parts]


def test_hair_that_goes_leaves_what_it_hides():
    scene = person()
    mask = mask_of(scene.parts)
    cut = edits.apply(mask, {"hair_length": -1.0}, scene)
    gone = (mask == labels.HAIR) & (cut != labels.HAIR)
    assert gone.sum() > 500
    np.testing.assert_array_equal(cut[gone], mask_of(scene.behind)[gone])


def test_hair_stays_over_an_ear_that_nobody_sees():
    scene = person()
    left = scene.without_hair
    hidden_ear = (scene.behind == PARTS["l_ear"]) & (scene.parts == PARTS["hair"])
    assert hidden_ear.sum() > 50 and (left[hidden_ear] == labels.HAIR).all()
    seen_ear = scene.parts == PARTS["r_ear"]
    assert (left[seen_ear] == labels.BACKGROUND).all()
    assert (person(left_ear=False).without_hair == labels.HAIR).sum() > hidden_ear.sum()


@pytest.mark.parametrize("edit", ["hair_volume", "hair_length"])
def test_hair_does_not_grow_over_a_hat(edit):
    scene = person(hat=True)
    mask = mask_of(scene.parts)
    grown = edits.apply(mask, {edit: 1.0}, scene)
    assert (grown == labels.HAIR).sum() > (mask == labels.HAIR).sum()
    np.testing.assert_array_equal(grown[scene.hat], mask[scene.hat])
    assert (edits.apply(mask, {"hair_volume": 1.0})[scene.hat] == labels.HAIR).any()  # if nobody knows of it


def test_brows_move_behind_glasses():
    scene = person()
    glasses = disc(112, 104, 5, 24) | disc(112, 152, 5, 24)
    parts = np.where(glasses & (scene.parts == PARTS["skin"]), PARTS["eye_g"], scene.parts).astype(np.uint8)
    worn = Scene(parts, scene.behind)
    mask = mask_of(parts)
    [(_, _, bare)] = edits.steps(mask, {"raise_brows": 1.0})
    [(_, after, moved)] = edits.steps(mask, {"raise_brows": 1.0}, worn)
    assert np.abs(bare.flow[worn.glasses]).max() > 1 and not moved.flow[worn.glasses].any()
    assert np.abs(moved.flow).max() > 0.5 * np.abs(bare.flow).max()
    np.testing.assert_array_equal(after, edits.apply(mask, {"raise_brows": 1.0}))


def test_a_haircut_leaves_the_hat_on_and_the_neck_bare():
    scene = person(hat=True)
    donor = mask_of(person().behind)
    donor[disc(100, 128, 60, 66) & ~disc(150, 128, 80, 50)] = labels.HAIR
    cut = replace_hair(mask_of(scene.parts), donor, scene)
    assert not (cut[scene.hat] == labels.HAIR).any()
    neck = (scene.parts == PARTS["hair"]) & (scene.behind == PARTS["neck"]) & (ROWS > 220)
    assert neck.any() and (cut[neck] == labels.BACKGROUND).all()


def painted(scene: Scene) -> np.ndarray:
    """A portrait in plain colours by part."""
    portrait = np.zeros((R, R, 3), np.uint8)
    for name, colour in COLOURS.items():
        portrait[scene.parts == PARTS[name]] = colour
    portrait[np.isin(scene.parts, [PARTS["l_ear"], PARTS["r_ear"]])] = COLOURS["skin"]
    return portrait


def told(portrait: np.ndarray, known: np.ndarray, behind: np.ndarray) -> np.ndarray:
    """What a network may tell of hidden skin, which is darker than what is seen: all is one colour."""
    return np.full(portrait.shape, GUESS, np.float32)


def both(portrait: np.ndarray, scene: Scene) -> tuple[np.ndarray, np.ndarray]:
    """A portrait without hair and face, and with skin in the place of hair."""
    skin, _ = with_skin(portrait, scene, told)
    return beside_face(portrait, scene, skin, np.zeros(scene.parts.shape, bool)), skin


def inner(where: np.ndarray, pixels: int = 5) -> np.ndarray:
    return cv2.erode(where.astype(np.uint8), np.ones((2 * pixels + 1, 2 * pixels + 1), np.uint8)) > 0


def test_hidden_parts_are_patched_or_told():
    scene = person()
    portrait, hair = painted(scene), scene.parts == PARTS["hair"]
    bare, face = (each.astype(int) for each in both(portrait, scene))
    background = inner(hair & (scene.behind == PARTS["background"]))
    unseen_ear = inner(hair & (scene.behind == PARTS["l_ear"]), 2)  # which nobody can guess
    for where in (background, unseen_ear):
        assert where.any() and np.abs(bare[where] - COLOURS["background"]).max() < 12
    neck = inner(hair & (scene.behind == PARTS["neck"]), 2)
    assert neck.any() and (bare[neck] >= np.array(GUESS) - 12).all()
    far = ~hair & disc(150, 128, 40, 30)
    np.testing.assert_array_equal(bare[far], portrait[far])
    np.testing.assert_array_equal(face[far], portrait[far])


@pytest.mark.parametrize(("seen", "expected"), [((90, 30, 60), (90, 30, 60)), (None, GUESS)], ids=["seen", "unseen"])
def test_hidden_clothes_have_the_colours_that_are_told_in_the_light_of_those_that_are_seen(seen, expected):
    """Not those of patches, of which there may be few, or none."""
    scene = person()
    coat = ROWS > 226
    parts = np.where(coat & ((scene.parts != PARTS["hair"]) if seen else False), PARTS["cloth"], scene.parts)
    scene = Scene(parts.astype(np.uint8), np.where(coat, PARTS["cloth"], scene.behind).astype(np.uint8))
    portrait = painted(scene)
    portrait[scene.parts == PARTS["cloth"]] = seen or 0
    bare = both(portrait, scene)[0].astype(float)
    hidden = inner((scene.parts == PARTS["hair"]) & coat)
    assert hidden.any() and np.abs(bare[hidden] - expected).max() < 14


def test_shadows_of_hair_on_the_face_go_with_it():
    """By what a network tells of the skin there; darker skin farther away stays as it is."""
    scene = person()
    portrait, skin = painted(scene).astype(float), scene.parts == PARTS["skin"]
    away = distance_from(with_fringe(scene.parts == PARTS["hair"]))
    shadow, mole = skin & (away < 5) & (ROWS > 190), disc(158, 140, 3, 3)
    portrait[shadow | mole] *= 0.7
    light = lambda image, known, behind: np.full(image.shape, COLOURS["skin"], np.float32)  # noqa: E731
    result, where = with_skin(portrait.astype(np.uint8), scene, light)
    assert shadow.any() and where[shadow].mean() > 0.9
    left = COLOURS["skin"] - result[shadow & (away < 3)].astype(float).mean(0)
    assert (left < 0.5 * 0.3 * np.array(COLOURS["skin"])).all()  # of what it was darker; the border is soft
    assert not where[mole].any() and not where[scene.parts == PARTS["l_eye"]].any()


def test_hidden_skin_is_background_or_face():
    """Where a mask has no face beside another's hair, none is to be seen."""
    scene = person()
    bare, face = (each.astype(int) for each in both(painted(scene), scene))
    skin = inner((scene.parts == PARTS["hair"]) & (scene.behind == PARTS["skin"]) & (ROWS < 70))
    assert skin.any()
    assert np.abs(bare[skin] - COLOURS["background"]).max() < 12
    away = inner(skin, 3)
    assert (face[away] <= np.array(COLOURS["skin"]) + 12).all() and (face[away] >= np.array(GUESS) - 12).all()


def test_hats_are_told():
    plain, hatted = person(), person(hat=True)
    assert colour_notices(plain) == colour_notices(None) == []
    assert "its hair is what shows beside it" in colour_notices(hatted)[0]
    assert hat_notices(plain, plain) == hat_notices(None, None) == []
    [comes] = hat_notices(plain, hatted)
    [stays] = hat_notices(hatted, hatted)
    assert "comes with the hair" in comes and "stays on" in stays


def test_a_hat_beside_hair_stays_as_it_is():
    scene = person(hat=True)
    portrait = np.random.default_rng(0).integers(0, 256, (R, R, 3)).astype(np.uint8)
    for each in both(portrait, scene):
        np.testing.assert_array_equal(each[inner(scene.hat, 3)], portrait[inner(scene.hat, 3)])
