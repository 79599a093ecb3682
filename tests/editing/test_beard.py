"""Another's beard: where it is shown, what stays, what takes its place, and how it is recorded."""

from __future__ import annotations

import dataclasses

import cv2
import editors
import numpy as np
import pytest
from small import SIZE, by_palette, coloured, face_mask
from test_carry import DOWN, RIGHT, Shifting
from test_session import MASK, OTHER_MASK, Finder, followed

from mgpe_tf import labels
from mgpe_tf.data.images import encode_png
from mgpe_tf.editing.carry.beard import of_skin
from mgpe_tf.editing.carry.layers import layers
from mgpe_tf.editing.masks.beard import beard, opposite, shows_beard
from mgpe_tf.editing.operations import PutBack, Strip, Take, TakeInstead, TakeOnly
from mgpe_tf.editing.photograph import Photograph
from mgpe_tf.editing.pixels.both_sides import without_shadow
from mgpe_tf.editing.portrait_editor import PortraitEditor
from mgpe_tf.editing.recipes import Inputs, follow, located, to_json
from mgpe_tf.editing.session import Session
from mgpe_tf.errors import UserError
from mgpe_tf.models.editor_networks import EditorNetworks
from mgpe_tf.models.face_parser import FaceParser

X_T = coloured(MASK, 2)
LOWER = np.arange(SIZE)[:, None] >= 42
"""Below the nose of OTHER_MASK."""


def bearded(image, mask):
    """A face whose skin below the nose is brown."""
    return np.where((LOWER & (mask == labels.SKIN))[..., None], (110, 70, 50), image).astype(np.uint8)


@pytest.fixture(scope="module")
def editor():
    networks = EditorNetworks(editors.small_networks()._functions, SIZE, Shifting())
    return PortraitEditor(networks, FaceParser(by_palette, SIZE), Finder())


@pytest.fixture(scope="module")
def donor(editor):
    """Whose mask is OTHER_MASK."""
    portrait = editor.read(coloured(OTHER_MASK, 1), aligned=True)
    image = bearded(portrait.image, OTHER_MASK)
    return dataclasses.replace(portrait, photo=image, image=image)


def test_where_a_beard_grows():
    mask = face_mask(256)
    share = beard(mask)
    assert share.dtype == np.float32 and share.min() == 0 and share.max() == 1
    assert not share[mask != labels.SKIN].any()
    for row, column, grows in (
        (170, 128, True),  # moustache
        (215, 128, True),  # chin
        (210, 80, True),  # jaw
        (125, 70, True),  # whiskers
        (130, 100, False),  # cheek
        (60, 128, False),  # forehead
        (92, 128, False),  # between the eyes
    ):
        assert share[row, column] == grows, (row, column)
    assert np.abs(np.diff(share[130:175, 90], axis=0)).max() < 0.3  # over the cheek it fades
    np.testing.assert_allclose(share, beard(mask[:, ::-1].copy())[:, ::-1], atol=0.2)
    assert shows_beard(mask) and shows_beard(face_mask(512))
    hidden = np.where(np.arange(256)[:, None] > 150, labels.BACKGROUND, mask).astype(np.uint8)
    assert not shows_beard(hidden)
    for strange in (np.zeros((64, 64), np.uint8), np.full((64, 64), labels.SKIN, np.uint8)):
        assert np.isfinite(beard(strange)).all() and all(np.isfinite(each).all() for each in opposite(strange))


def test_the_other_side_of_a_face():
    rows, columns = opposite(MASK)
    mirrored = MASK[np.clip(np.round(rows), 0, 63).astype(int), np.clip(np.round(columns), 0, 63).astype(int)]
    face = np.isin(MASK, labels.FACE)
    assert (np.array(labels.FLIPPED)[mirrored] == MASK)[face].mean() > 0.95


def test_a_flow_brings_skin_alone():
    flow = np.zeros((SIZE, SIZE, 2), np.float32)
    moved, shown = of_skin(flow, MASK)
    rows, columns = np.indices(MASK.shape)
    brought = MASK[
        np.clip(np.round(rows + moved[..., 1]), 0, 63).astype(int),
        np.clip(np.round(columns + moved[..., 0]), 0, 63).astype(int),
    ]
    lips = np.isin(MASK, (labels.UPPER_LIP, labels.LOWER_LIP))
    assert (brought[lips] == labels.SKIN).mean() > 0.9 and shown.max() == 1 and shown[0, 0] == 0
    assert not of_skin(flow, np.zeros_like(MASK))[1].any()


def test_a_shadow_on_one_side_goes_and_the_own_light_stays():
    """A beard, dark on both sides, stays."""
    mask = face_mask(256)
    skin, where = beard(mask) > 0, np.arange(256)[None, :, None]
    chin = cv2.circle(np.zeros((256, 256), np.uint8), (128, 215), 12, 1, -1)[..., None] > 0
    even = np.broadcast_to(np.where(chin, 60, 180), (256, 256, 3)).astype(np.uint8)
    shaded = np.where((where < 128) & ~chin, 110, even).astype(np.uint8)
    plain = np.full((256, 256, 3), 180, np.uint8)
    lit = without_shadow(shaded, skin, plain, skin, opposite(mask))
    left, right = lit[200:215, 70:90].astype(int).mean(), lit[200:215, 166:186].astype(int).mean()
    assert left > 160 and right == 180 and lit[215, 120:136].max() < 90
    dark = np.where(where < 128, 120, plain).astype(np.uint8)
    kept = without_shadow(shaded, skin, dark, skin, opposite(mask))
    assert kept[200:215, 70:90].mean() < 130
    np.testing.assert_array_equal(without_shadow(shaded, skin, plain, np.zeros_like(skin), opposite(mask)), shaded)


@pytest.mark.parametrize("carry", [1.0, 0.5, 0.0])
def test_a_beard_comes_and_all_else_stays(editor, donor, carry):
    session = editor.open(X_T, aligned=True)
    assert session.take("beard", donor) == ("skin",)
    session.carry(carry)
    region = session.region()
    np.testing.assert_array_equal(region, beard(MASK) > 0)
    picture = session.render()
    np.testing.assert_array_equal(picture[~region], X_T[~region])
    inner = cv2.erode((beard(MASK) == 1).astype(np.uint8), np.ones((3, 3))) > 0
    assert inner.sum() > 50 and (picture != X_T)[inner].any(-1).mean() > 0.9
    if carry == 1:
        chin = picture[52:56, 28:36].astype(int).mean((0, 1))
        assert chin.sum() < X_T[52:56, 28:36].astype(int).mean((0, 1)).sum() - 100
    portrait = session.render_portrait()
    session.reset("beard")
    np.testing.assert_array_equal(session.render(), X_T)
    own = session.render_portrait()
    np.testing.assert_array_equal(portrait[~region], own[~region])
    assert (portrait != own)[inner].any()


def test_in_a_large_photograph_what_is_no_skin_stays(editor, donor):
    photo = cv2.resize(X_T, None, fx=3, fy=3, interpolation=cv2.INTER_NEAREST)
    session = editor.open(photo, aligned=True)
    np.testing.assert_array_equal(session.mask, MASK)
    session.take("beard", donor)
    other = np.repeat(np.repeat(MASK != labels.SKIN, 3, 0), 3, 1)
    picture = session.render()
    np.testing.assert_array_equal(picture[other], photo[other])
    assert (picture != photo).any(-1).mean() > 0.05


def test_no_lips_of_the_other_are_carried(editor, donor):
    """Only the skin about them."""
    session = editor.open(X_T, aligned=True)
    session.take("beard", donor)
    own, layer = layers(session.state)
    assert own.portrait is session.portrait and (own.share == 1).all() and not own.flow.any()
    rows, columns = np.indices(MASK.shape)
    r = np.clip(np.round(rows + layer.flow[..., 1]), 0, 63).astype(int)
    c = np.clip(np.round(columns + layer.flow[..., 0]), 0, 63).astype(int)
    assert not np.isin(OTHER_MASK[r, c][layer.share > 0.5], labels.MOUTH).any()
    assert (layer.tone, layer.alone) == (1.0, False)


def test_the_tone_is_the_own_whatever_is_kept(editor, donor):
    pictures = []
    for tone in (0.0, 1.0):
        session = editor.open(X_T, aligned=True)
        session.take("beard", donor)
        session.keep(tone=tone)
        pictures.append(session.render())
    np.testing.assert_array_equal(*pictures)


def test_a_beard_and_a_face_take_each_others_place(editor, donor):
    session = editor.open(X_T, aligned=True)
    session.take("beard", donor)
    only = session.render()
    session.take("face", donor)
    assert session.state.has_face and not session.state.has_beard
    plain = editor.open(X_T, aligned=True)
    plain.take("face", donor)
    np.testing.assert_array_equal(session.render(), plain.render())
    session.reset("beard")  # there is none
    assert session.state.has_face
    session.apply(TakeInstead("beard", donor))
    assert session.state.has_beard and set(session.state.taken) == {"skin"}
    np.testing.assert_array_equal(session.render(), only)
    session.undo()
    assert session.state.has_face
    session.redo()
    session.reset("skin")
    assert not session.state.taken
    session.take("eyes", donor)
    session.apply(TakeInstead("beard", donor))
    assert set(session.state.taken) == {"left_eye", "right_eye", "skin"}
    session.apply(TakeOnly(("beard", "mouth"), donor))
    assert session.state.has_beard and set(session.state.taken) == {"skin", "mouth"}


def test_notices_of_a_beard_go_with_it():
    taken = Take("beard", None)
    assert all(PutBack(what).takes_back(taken) for what in ("beard", "skin", "face", "all"))
    assert not PutBack("beard").takes_back(Take("skin", None)) and not PutBack("hair").takes_back(taken)


def test_a_haircut_and_a_beard_together(editor, donor):
    """Each is what it is alone where the other is not."""
    both = editor.open(X_T, aligned=True)
    both.replace("hair", donor)
    both.take("hair", donor)
    cut = both.render()
    both.take("beard", donor)
    only = editor.open(X_T, aligned=True)
    only.take("beard", donor)
    far = cv2.dilate((both.mask != MASK).astype(np.uint8) | (MASK == labels.HAIR), np.ones((13, 13))) > 0
    chin = (beard(both.mask) > 0) & ~far
    assert chin.any()
    np.testing.assert_array_equal(both.render()[~(beard(both.mask) > 0)], cut[~(beard(both.mask) > 0)])
    np.testing.assert_allclose(both.render()[chin].astype(int), only.render()[chin], atol=3)


def test_half_a_beard_and_strips(editor, donor):
    session = editor.open(X_T, aligned=True)
    pictures = []
    for strength in (0.0, 0.5, 1.0):
        session.take("beard", donor, strength)
        pictures.append(session.render().astype(int))
    none, half, whole = pictures
    np.testing.assert_array_equal(none, X_T)
    assert np.abs(half - (none + whole) / 2).max() <= 2
    states = Strip("beard", donor, 3).frames(editor.open(X_T, aligned=True).state)
    assert [state.has_beard for state in states] == [True] * 3 and not states[0].beard.any()


def test_without_a_chin_there_is_no_beard(editor, donor):
    masked = np.where((np.arange(SIZE)[:, None] > 40) & (MASK != labels.HAIR), labels.BACKGROUND, MASK)
    hidden = editor.read(coloured(masked.astype(np.uint8)), aligned=True)
    session = editor.open(X_T, aligned=True)
    with pytest.raises(UserError, match="the other photograph shows no skin about the mouth and the chin"):
        session.take("beard", hidden)
    with pytest.raises(UserError, match="the photograph shows no skin about .* where a beard could be"):
        Session(editor, hidden, strict=True).take("beard", donor)
    session.take("beard", hidden, strength=0)
    np.testing.assert_array_equal(session.render(), X_T)


def test_recipes_of_beards_and_of_faces(editor, donor, tmp_path):
    """A recipe gives the same again; one of a whole skin is what it was."""
    face = {"face": "largest", "aligned": True, "matrix": None}

    def steps(component):
        taken = {"op": "take", "component": component, "source": {**face, "input": 1}, "strength": 1.0}
        return [{"op": "open", "target": {**face, "input": 0}}, taken, {"op": "render", "blend": "feather"}]

    photos = [X_T, coloured(OTHER_MASK, 1)]
    picture, recorded, _ = followed(editor, steps("beard"), photos, tmp_path, strict=True)
    assert recorded[1]["component"] == "beard"
    assert (picture != followed(editor, steps("skin"), photos, tmp_path)[0]).any()
    files = []
    for number, image in enumerate(photos):
        (tmp_path / f"{number}.png").write_bytes(encode_png(image))
        files.append(Photograph.read(tmp_path / f"{number}.png", "target"))
    session = Session(editor, editor.read(files[0], aligned=True))
    session.take("eyes", editor.read(files[1], aligned=True))
    session.take("beard", editor.read(files[1], aligned=True), 0.7)
    photographs, operations = located(session.recipe())
    assert [to_json(each).get("component") for each in operations[1:4]] == ["left_eye", "right_eye", "beard"]
    again = follow(operations, Inputs(editor, dict(enumerate(photographs))))
    np.testing.assert_array_equal(again.picture, session.render())


def test_the_flow_is_that_of_swaps(editor, donor):
    """A whole shift of the other's face."""
    session = editor.open(X_T, aligned=True)
    session.take("beard", donor)
    *_, layer = layers(session.state)
    chin = (slice(54, 56), slice(28, 36))
    np.testing.assert_allclose(np.median(layer.flow[chin], (0, 1)), (RIGHT, DOWN), atol=0.6)
