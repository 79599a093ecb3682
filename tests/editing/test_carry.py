"""Sessions that carry the photographs' own pixels, by flows that are known."""

from __future__ import annotations

import dataclasses

import cv2
import editors
import numpy as np
import pytest
from small import SIZE
from test_beyond import ALIGNMENT, BELOW, LEFT, LONG, PHOTO, PHOTO_MASK, near
from test_session import MASK, OTHER_MASK, Finder, by_palette, coloured

from mgpe_tf import labels
from mgpe_tf.data.alignment import Alignment
from mgpe_tf.data.images import encode_png
from mgpe_tf.editing.carry.layers import layers
from mgpe_tf.editing.operations import FaceOf, Keep, Open, Render, SetMask, Take
from mgpe_tf.editing.photograph import Photograph
from mgpe_tf.editing.portrait_editor import PortraitEditor
from mgpe_tf.editing.recipes import Inputs, follow, located
from mgpe_tf.editing.session import Session
from mgpe_tf.models.editor_networks import EditorNetworks
from mgpe_tf.models.face_parser import FaceParser

X_S, X_T = coloured(OTHER_MASK, 1), coloured(MASK, 2)
DOWN, RIGHT = 2, -3
"""By which OTHER_MASK lies beside MASK."""


class Shifting:
    """What finds flows of masks that are shifted as a whole."""

    def flow(self, source, target, stiff):
        """Another's mask lies shifted; the own one is told what it was moved by."""
        shift = (RIGHT, DOWN) if stiff else (-2, 0)
        return np.broadcast_to(np.array(shift, np.float32), (*source.shape, 2)).copy()


@pytest.fixture(scope="module")
def editor():
    networks = EditorNetworks(editors.small_networks()._functions, SIZE, Shifting())
    return PortraitEditor(networks, FaceParser(by_palette, SIZE), Finder())


def moved(mask):
    """Two pixels to the right; the border goes on."""
    return np.concatenate([mask[:, :1], mask[:, :1], mask[:, :-2]], axis=1)


def test_own_pixels_are_moved_and_no_others(editor):
    session = editor.open(X_T, aligned=True)
    session.set_mask(moved(MASK))
    picture = session.render()
    inner = cv2.erode(session.region().astype(np.uint8), np.ones((9, 9)), borderValue=0) > 0
    inner[:, :8] = inner[:, -8:] = inner[:8] = inner[-8:] = False
    assert inner.sum() > 100
    np.testing.assert_array_equal(picture[inner], moved(X_T)[inner])
    far = cv2.dilate(session.region().astype(np.uint8), np.ones((9, 9))) == 0
    np.testing.assert_array_equal(picture[far], X_T[far])


def test_nothing_is_carried_without_networks_or_with_none_of_it(editor):
    session = editor.open(X_T, aligned=True)
    session.set_mask(moved(MASK))
    carried = session.render()
    session.carry(0)
    drawn = session.render()
    assert (drawn != carried).any()
    plain = PortraitEditor(
        EditorNetworks(editor.networks._functions, SIZE), FaceParser(by_palette, SIZE), Finder()
    ).open(X_T, aligned=True)
    plain.set_mask(moved(MASK))
    np.testing.assert_array_equal(plain.render(), drawn)
    session.undo()
    np.testing.assert_array_equal(session.render(), carried)


def test_anothers_pixels_are_carried_to_where_the_mask_has_them(editor):
    """From a photograph twice as large, too."""
    session = editor.open(X_T, aligned=True)
    large = cv2.resize(X_S, None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST)
    for photo in (X_S, large):
        session.take("face", editor.read(photo, aligned=True))
        picture = session.render().astype(int)
        wanted = np.roll(X_S, (-DOWN, -RIGHT), (0, 1)).astype(int)
        skin = cv2.erode((MASK == labels.SKIN).astype(np.uint8), np.ones((9, 9))) > 0
        assert skin.sum() > 20 and np.abs(picture - wanted)[skin].max() <= (2 if photo is X_S else 12)


def test_a_face_stays_bit_for_bit_under_another_haircut(editor):
    """Hair that goes shows what is around, and skin where the mask has skin."""
    session, donor = editor.open(X_T, aligned=True), editor.read(X_S, aligned=True)
    session.replace("hair", donor)
    session.take("hair", donor)
    own, *_ = layers(session.state)
    assert not own.flow.any()
    face = np.isin(MASK, labels.FACE) & np.isin(session.mask, labels.FACE)
    inner = cv2.erode(face.astype(np.uint8), np.ones((9, 9))) > 0
    inner &= ~(cv2.dilate(own.hole.astype(np.uint8), np.ones((9, 9))) > 0)
    assert inner.sum() > 50
    np.testing.assert_array_equal(session.render()[inner], X_T[inner])


def test_of_a_gray_photograph_lightness_comes_in_and_the_own_face_stays(editor):
    """Its hair has the hues of the own hair."""
    gray = np.repeat(cv2.cvtColor(X_S, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=-1)
    session, donor = editor.open(X_T, aligned=True), editor.read(X_S, aligned=True)
    donor = dataclasses.replace(donor, photo=gray, image=gray)
    assert donor.tones is not None
    session.replace("hair", donor)
    session.take("hair", donor)
    [own] = layers(session.state)
    coloured_donor = donor.in_colours_of(session.portrait)
    assert own.portrait is session.portrait and own.colours is coloured_donor
    face = np.isin(MASK, labels.FACE) & np.isin(session.mask, labels.FACE)
    inner = cv2.erode(face.astype(np.uint8), np.ones((9, 9))) > 0
    inner &= ~(cv2.dilate(own.hole.astype(np.uint8), np.ones((9, 9))) > 0)
    assert inner.sum() > 50
    picture = session.render()
    np.testing.assert_array_equal(picture[inner], X_T[inner])
    colour = [x[mask == labels.HAIR].mean(axis=0) for x, mask in ((X_T, MASK), (coloured_donor.image, donor.mask))]
    away = [each - each @ (0.299, 0.587, 0.114) for each in colour]
    np.testing.assert_allclose(away[0], away[1], atol=10)


def test_beyond_its_portrait_a_gray_photograph_stays_as_it_is(editor):
    gray = np.repeat(cv2.cvtColor(np.pad(X_S, ((9, 9), (9, 9), (0, 0))), cv2.COLOR_RGB2GRAY)[..., None], 3, axis=-1)
    target, donor = editor.read(X_T, aligned=True), editor.read(X_S, aligned=True)
    shift = np.float64([[1, 0, -9], [0, 1, -9]])
    within = dataclasses.replace(donor.alignment, matrix=shift, photo_size=gray.shape[:2])
    donor = dataclasses.replace(donor, photo=gray, image=within.crop(gray), alignment=within)
    found = donor.in_colours_of(target)
    changed = (found.photo != gray).any(axis=-1)
    assert changed[12:-12, 12:-12].any() and not changed[:8].any() and not changed[:, -8:].any()
    np.testing.assert_allclose(within.crop(found.photo).astype(int), found.image, atol=3)
    assert donor.in_colours_of(target) is found and target.in_colours_of(donor) is target


def test_hair_beyond_the_portrait_gets_anothers_colours_as_within(editor):
    target, donor = editor.read(PHOTO, alignment=ALIGNMENT), editor.read(coloured(LONG, 5), aligned=True)
    noise = np.random.default_rng(0).integers(-9, 10, (SIZE, SIZE, 1))
    blue = np.where((LONG == labels.HAIR)[..., None], (40, 60, 200) + noise, donor.image).astype(np.uint8)
    session = Session(editor, target)
    session.take("hair", dataclasses.replace(donor, photo=blue, image=blue))
    edited, below = session.render().astype(int), near(LEFT, 0) & (PHOTO_MASK == labels.HAIR)
    within = edited[ALIGNMENT.region][cv2.erode((LONG == labels.HAIR).astype(np.uint8), np.ones((5, 5))) > 0]
    assert within[:, 2].mean() > within[:, 0].mean() + 50
    wanted = np.median(within, axis=0)
    away_from = [np.abs(np.median(x[below], axis=0) - wanted).sum() for x in (edited, PHOTO)]
    assert away_from[0] < 0.4 * away_from[1]
    wall = BELOW & (PHOTO_MASK == labels.BACKGROUND)
    away = wall & (cv2.dilate((PHOTO_MASK == labels.HAIR).astype(np.uint8), np.ones((9, 9))) == 0)
    np.testing.assert_array_equal(edited[away], PHOTO[away])


@pytest.mark.parametrize("donor_too", [False, True])
def test_in_a_gray_photograph_anothers_pixels_are_gray(editor, donor_too):
    gray, other = (np.repeat(cv2.cvtColor(x, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=-1) for x in (X_T, X_S))
    target, donor = editor.read(X_T, aligned=True), editor.read(X_S, aligned=True)
    target = dataclasses.replace(target, photo=gray, image=gray)
    if donor_too:
        donor = dataclasses.replace(donor, photo=other, image=other)
    session = Session(editor, target)
    session.take("face", donor)
    assert [layer.portrait for layer in layers(session.state)][:2] == [target, donor]
    picture = session.render()
    skin = cv2.erode((MASK == labels.SKIN).astype(np.uint8), np.ones((9, 9))) > 0
    assert np.ptp(picture, axis=-1).max() == 0
    assert np.abs(picture.astype(int) - np.roll(other, (-DOWN, -RIGHT), (0, 1)))[skin].max() <= 3
    session = Session(editor, target)
    session.take("hair", dataclasses.replace(donor, photo=255 - donor.photo, image=255 - donor.image))
    recoloured = session.render()
    assert np.ptp(recoloured, axis=-1).max() == 0 and (recoloured != gray).any()


def test_fillings_are_carried_as_much_as_all_else(editor):
    """Half of it is half way between what is drawn and what is carried."""
    pictures = []
    for amount in (0.0, 0.5, 1.0):
        session = editor.open(X_T, aligned=True)
        session.keep(detail=0)
        session.set_mask(np.where(MASK == labels.HAIR, labels.BACKGROUND, MASK).astype(np.uint8))
        session.carry(amount)
        pictures.append(session.render().astype(int))
    drawn, half, carried = pictures
    assert (drawn != carried).any()
    assert np.abs(half - (drawn + carried) / 2).max() <= 2


def test_hair_that_is_painted_away_shows_the_background(editor):
    session = editor.open(X_T, aligned=True)
    session.set_mask(np.where(MASK == labels.HAIR, labels.BACKGROUND, MASK).astype(np.uint8))
    (own,) = layers(session.state)
    gone = own.bare & (MASK == labels.HAIR)
    assert gone.sum() > 20 and not (own.bare & (session.mask != labels.BACKGROUND)).any()
    background = X_T[MASK == labels.BACKGROUND].mean(0)
    inner = cv2.erode(gone.astype(np.uint8), np.ones((5, 5))) > 0
    before, after = (np.abs(each[inner] - background).mean() for each in (X_T, session.render()))
    assert inner.any() and after < before / 3


def test_own_hair_is_coloured_and_anothers_shape_is_carried(editor):
    """By whose hair fits the mask better."""
    session, donor = editor.open(X_T, aligned=True), editor.read(X_S, aligned=True)
    session.take("hair", donor)
    (own,) = layers(session.state)
    hair = cv2.erode((MASK == labels.HAIR).astype(np.uint8), np.ones((7, 7))) > 0
    assert hair.any() and (own.recoloured[hair] > 0.9).all() and not own.flow.any()
    without = np.where(MASK == labels.HAIR, labels.BACKGROUND, MASK).astype(np.uint8)
    bald = editor.open(coloured(without, 3), aligned=True)
    bald.set_mask(MASK)
    bald.take("hair", donor)
    own, other = layers(bald.state)
    assert own.recoloured is None and other.portrait is donor and (other.share[hair] > 0.9).mean() > 0.9


def test_recipes_without_carrying_are_followed_as_they_were(editor, tmp_path):
    """And those with it give the same again."""
    files = []
    for name, image in (("a", X_T), ("b", X_S)):
        (tmp_path / f"{name}.png").write_bytes(encode_png(image))
        files.append(Photograph.read(tmp_path / f"{name}.png", "target"))
    inputs = Inputs(editor, dict(enumerate(files)))
    faces = [FaceOf(number, aligned=True) for number in (0, 1)]
    steps = [Open(faces[0]), SetMask(moved(MASK)), Take("mouth", faces[1]), Keep(0.5, 0.5)]
    before = follow([*steps, Render()], inputs).picture
    session = editor.open(X_T, aligned=True)
    session.set_mask(moved(MASK))
    session.take("mouth", editor.read(X_S, aligned=True))
    session.keep(0.5, 0.5)
    assert (session.render() != before).any()
    session.carry(0)
    np.testing.assert_array_equal(session.render(), before)

    session = Session(editor, editor.read(files[0], aligned=True))
    session.set_mask(moved(MASK))
    session.take("skin", editor.read(files[1], aligned=True))
    photographs, operations = located(session.recipe())
    again = follow(operations, Inputs(editor, dict(enumerate(photographs))))
    np.testing.assert_array_equal(again.picture, session.render())


def test_a_photograph_is_sampled_at_its_own_size(editor):
    """Pixels of a photograph four times as large, turned in it, keep their detail."""
    matrix = np.array([(0.0, 0.25, -3.0), (-0.25, 0.0, SIZE + 2.0)])
    photo = cv2.warpAffine(X_T, cv2.invertAffineTransform(matrix), (4 * SIZE, 4 * SIZE), flags=cv2.INTER_NEAREST)
    photo[::2] = np.clip(photo[::2].astype(int) + 25, 0, 255)
    portrait = editor.read(photo, alignment=Alignment(matrix, SIZE, photo.shape[:2]))
    session = Session(editor, portrait)
    session.keep(detail=0)
    session.set_mask(moved(portrait.mask))
    inner = portrait.alignment.back_mask(cv2.erode(session.region().astype(np.uint8), np.ones((9, 9)))) > 0.99
    edited, own = (
        np.abs(np.diff(picture[portrait.alignment.region][..., 0].astype(int), 2, axis=0))[inner[1:-1]].mean()
        for picture in (session.render(), photo)
    )
    assert own > 30 and 0.8 < edited / own < 1.2


def test_masks_are_those_of_the_tests():
    assert (np.roll(OTHER_MASK, (-DOWN, -RIGHT), (0, 1))[8:-8, 8:-8] == MASK[8:-8, 8:-8]).mean() > 0.95


class Bald:
    """What is behind hair of people who have none."""

    def parts(self, parts: np.ndarray) -> np.ndarray:
        return parts

    def pixels(self, portrait: np.ndarray, known: np.ndarray, behind: np.ndarray) -> np.ndarray:
        return portrait.astype(np.float32)


def test_glasses_stay_on_anothers_face(editor):
    """The own ones, over the other's skin."""
    networks = EditorNetworks(editor.networks._functions, SIZE, Shifting(), Bald())
    skin = cv2.erode((MASK == labels.SKIN).astype(np.uint8), np.ones((5, 5))) > 0
    row, column = np.argwhere(skin & (cv2.erode(skin.astype(np.uint8), np.ones((9, 9))) > 0))[0]
    parts = np.array([labels.PARTS_TO_HELEN.index(helen) for helen in range(labels.NUM_CLASSES)], np.uint8)[MASK]
    parts[row - 3 : row + 4, column - 3 : column + 4] = labels.PARTS["eye_g"]
    target = dataclasses.replace(editor.read(X_T, aligned=True), networks=networks, parts=parts)
    session = Session(editor, target)
    session.take("face", editor.read(X_S, aligned=True))
    glasses = target.scene.glasses
    assert glasses.sum() == 49
    glasses = cv2.erode(glasses.astype(np.uint8), np.ones((5, 5))) > 0  # their border is soft
    np.testing.assert_array_equal(session.render()[glasses], X_T[glasses])
    bare = Session(editor, dataclasses.replace(target, parts=None))
    bare.take("face", editor.read(X_S, aligned=True))
    assert (bare.render()[glasses] != X_T[glasses]).any()


def turned(mask: np.ndarray, right: int) -> np.ndarray:
    """The face with its nose some pixels aside."""
    bare = np.where(mask == labels.NOSE, labels.SKIN, mask)
    return np.where(np.roll(mask == labels.NOSE, right, axis=1), labels.NOSE, bare).astype(np.uint8)


def test_of_a_face_that_looks_the_other_way_the_mirror_image_is_carried(editor):
    """Of one that looks the same way or ahead it itself is."""
    for right, mirrored in ((-3, False), (0, False), (3, True)):
        donor = editor.read(coloured(turned(MASK, right)), aligned=True)
        session = editor.open(coloured(turned(MASK, -3)), aligned=True)
        session.take("face", donor)
        _, other = list(layers(session.state))[:2]
        assert other.portrait is (donor.mirrored if mirrored else donor)
        assert any("mirror image" in notice for notice in session.notices) == mirrored
        assert session.state.taken["skin"].donor is donor


def test_a_haircut_of_a_mirror_image_has_its_shape(editor):
    target, donor = (editor.read(coloured(turned(MASK, right)), aligned=True) for right in (-3, 3))
    lopsided = donor.mask.copy()
    lopsided[20:60, 44:60] = np.where(lopsided[20:60, 44:60] == labels.BACKGROUND, labels.HAIR, lopsided[20:60, 44:60])
    donor = dataclasses.replace(donor, mask=lopsided)
    session = Session(editor, target)
    session.replace("hair", donor)
    hair = session.mask == labels.HAIR
    assert hair[20:60, :20].sum() > 3 * max(hair[20:60, 44:].sum(), 1)
