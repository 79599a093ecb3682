"""Dyed hair: its colour and strands, where it is, in recipes and with undo, and haircuts that stay beneath sliders."""

from __future__ import annotations

import dataclasses

import cv2
import editors
import numpy as np
import pytest
from small import coloured, face_mask

from mgpe_tf import labels
from mgpe_tf.data.alignment import Alignment
from mgpe_tf.data.images import encode_png
from mgpe_tf.editing.operations import Dye, Haircut, OwnHair, PutBack, Reshape, StartOver, Take, parse
from mgpe_tf.editing.photograph import Photograph
from mgpe_tf.editing.pixels.dye import Dyed, change_of, faded_to_border, wider, with_hair_around
from mgpe_tf.editing.recipes import Inputs, follow, located, to_json
from mgpe_tf.errors import UserError

MASK, OTHER = face_mask(), face_mask()
OTHER[4:44, 6:12] = labels.HAIR
HAIR = MASK == labels.HAIR
PHOTO = coloured(MASK, 2)


@pytest.fixture(scope="module")
def editor():
    return editors.by_colours()


def lightness(image: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[..., 0]


@pytest.mark.parametrize("colour", [(27, 21, 18), (122, 46, 26), (216, 180, 122)])
def test_hair_gets_the_colour_and_keeps_the_order_of_its_strands(colour):
    rng, hair = np.random.default_rng(0), np.ones((64, 64), bool)
    image = (90 + 80 * rng.beta(2, 2, (64, 64, 1)) * np.array([1, 0.8, 0.6])).astype(np.uint8)
    dyed = image + change_of(image, hair, Dyed(colour, 1.0))
    np.testing.assert_allclose(dyed.mean((0, 1)), colour, atol=8)
    assert np.corrcoef(lightness(dyed).ravel(), lightness(image).ravel())[0, 1] > 0.95
    half = image + change_of(image, hair, Dyed(colour, 0.5))
    np.testing.assert_allclose(half, (image.astype(float) + dyed) / 2, atol=1e-3)


def test_nothing_but_hair_is_dyed(editor):
    session = editor.open(PHOTO, aligned=True)
    session.dye("#7A2E1A")
    picture = session.render()
    near = cv2.dilate(HAIR.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    np.testing.assert_array_equal(picture[~near], PHOTO[~near])
    inner = cv2.erode(HAIR.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    np.testing.assert_allclose(picture[inner].mean(0), (122, 46, 26), atol=8)
    np.testing.assert_array_equal(session.region(), HAIR)
    session.undo()
    np.testing.assert_array_equal(session.render(), PHOTO)


def test_a_recipe_dyes_again(editor, tmp_path):
    path = tmp_path / "me.png"
    path.write_bytes(encode_png(PHOTO))
    photo = Photograph.read(path, "target")
    portrait = editor.read(photo, aligned=True)
    session = editor.open(PHOTO, aligned=True)
    session.dye("#d8b47a", 0.7)
    operations = [
        dataclasses.replace(each, target=portrait) if i == 0 else each for i, each in enumerate(session.recipe())
    ]
    document = [to_json(each) for each in located(operations)[1]]
    assert {"op": "dye", "colour": "#d8b47a", "strength": 0.7} in document
    again = follow(parse(document), Inputs(editor, {0: photo}))
    np.testing.assert_array_equal(again.picture, session.render())
    document[-2]["colour"] = "red"
    with pytest.raises(UserError, match=r"operation 3 \(dye\).colour: 'red'; allowed: a colour as #rrggbb"):
        parse(document)


def test_moves_of_its_strength_count_as_one_and_its_own_colour_comes_back(editor):
    session = editor.open(PHOTO, aligned=True)
    for colour, strength in (("#000000", 0.5), ("#000000", 1.0), ("#ffffff", 1.0)):
        session.apply(Dye(colour, strength))
    assert session.undo().dyed == Dyed((0, 0, 0), 1.0) and session.undo().dyed is None
    session.redo()
    assert session.apply(PutBack("mouth")).dyed and session.apply(PutBack("hair")).dyed is None
    assert session.apply(Dye("#000000", 0)).dyed is None


def test_where_there_is_no_hair_none_is_dyed(editor):
    bald = coloured(np.where(HAIR, labels.BACKGROUND, MASK).astype(np.uint8))
    session = editor.open(bald, aligned=True)
    with pytest.raises(UserError, match="the photograph shows no hair that could be dyed"):
        session.dye("#000000")
    other = coloured(OTHER, 1)
    session.apply(Haircut(editor.read(other, aligned=True)))
    session.dye("#000000")
    assert (session.mask == labels.HAIR).any() and session.state.dyed


def test_a_haircut_is_one_step_and_sliders_count_on(editor):
    """Its shape and appearance stay when a face is swapped and when a slider moves, and go as one."""
    donor, session = editor.read(coloured(OTHER, 1), aligned=True), editor.open(PHOTO, aligned=True)
    begun = session.state
    session.apply(Reshape({"eye_size": 0.8}))
    eyes = (session.mask == labels.LEFT_EYE).sum()
    session.apply(Haircut(donor))
    session.apply(Haircut(donor, 0.5))
    cut = session.state
    assert cut.amounts == {"eye_size": 0.8} and (cut.mask == labels.LEFT_EYE).sum() == eyes
    assert cut.taken["hair"].strength == 0.5 and ((cut.mask == labels.HAIR) != HAIR).any()
    swapped = session.apply(Take("face", donor))
    assert set(swapped.taken) == {"hair", "left_eye", "right_eye", "skin", "mouth"}
    np.testing.assert_array_equal(swapped.mask, cut.mask)
    moved = session.apply(Reshape({"eye_size": 0}))
    np.testing.assert_array_equal(moved.mask == labels.HAIR, cut.mask == labels.HAIR)
    own = session.apply(OwnHair())
    assert "hair" not in own.taken and "skin" in own.taken
    np.testing.assert_array_equal(own.mask, MASK)
    for _ in range(4):
        session.undo()
    assert session.state.amounts == {"eye_size": 0.8} and not session.state.taken
    assert session.apply(StartOver(begun)).amounts == {} and session.undo().amounts == {"eye_size": 0.8}


def test_dye_fades_where_the_photograph_goes_on(editor):
    """But not at the photograph's own border."""
    matrix = np.array([(1.0, 0, -40), (0, 1.0, 0)])  # the crop starts at the photograph's top, 40 pixels from its left
    faded = faded_to_border(Alignment(matrix, 64, (200, 200)))
    assert faded.shape == (64, 64) and faded[32, 32] == 1
    assert faded[0, 32] == 1 and faded[-1, 32] < 0.5 and faded[32, 0] < 0.5


def test_hair_is_found_beyond_the_portrait():
    """A brown disc on gray that the portrait cuts goes on as far as its colour does; a brown spot apart does not."""
    y, x = np.mgrid[:96, :96]
    disc = np.hypot(y - 30, x - 48) < 24
    image = np.where(disc[..., None], (90, 60, 40), (190, 190, 195)).astype(np.uint8)
    image[88:94, 4:10] = (90, 60, 40)
    image += np.random.default_rng(0).integers(0, 8, image.shape).astype(np.uint8)
    found = with_hair_around(image, disc[16:80, 16:80])
    np.testing.assert_array_equal(found[16:80, 16:80], disc[16:80, 16:80])
    assert (found & disc).sum() > 0.9 * disc.sum() and (found & ~disc).sum() < 0.05 * disc.sum()
    bare = np.zeros((64, 64), bool)
    assert not with_hair_around(image, bare).any()


def test_a_wider_crop_has_the_portrait_in_its_middle():
    photo = np.random.default_rng(0).integers(0, 256, (200, 200, 3)).astype(np.uint8)
    alignment = Alignment(np.array([(1.0, 0, -50), (0, 1.0, -60)]), 64, (200, 200))
    np.testing.assert_array_equal(wider(alignment).crop(photo)[16:80, 16:80], alignment.crop(photo))
