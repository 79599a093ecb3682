"""The editor that comes with the package, on a real photograph: astronaut Eileen Collins (NASA, public domain)."""

from __future__ import annotations

import dataclasses
import hashlib
import zlib

import cv2
import editors
import numpy as np
import pytest
from astronaut import LANDMARKS

from mgpe_tf import labels
from mgpe_tf.data.detection import Face
from mgpe_tf.editing.carry.layers import UNDER, layers
from mgpe_tf.editing.carry.opening import openness
from mgpe_tf.editing.carry.sampling import moved_mask
from mgpe_tf.editing.masks import edits
from mgpe_tf.editing.masks.regions import box_of, distance_from
from mgpe_tf.editing.operations import SWAPPED, Take
from mgpe_tf.editing.pixels.fill import filled
from mgpe_tf.editing.portrait_editor import PortraitEditor
from mgpe_tf.editing.session import Session
from mgpe_tf.labels import PARTS
from mgpe_tf.models.editor_networks import EditorNetworks
from mgpe_tf.models.load import load
from mgpe_tf.models.shipped import model_path

HAIR = PARTS["hair"]

skimage_data = pytest.importorskip("skimage.data")


class Finder:
    """A detector that knows where her face is."""

    def detect(self, image):
        """It alone."""
        return [Face((190.0, 70.0, 70.0, 90.0), LANDMARKS, 1.0)]


@pytest.fixture(scope="module")
def editor():
    loaded = editors.shipped()
    return PortraitEditor(loaded.networks, loaded.parser, Finder())


@pytest.fixture(scope="module")
def portrait(editor):
    return editor.read(skimage_data.astronaut())


def face_error(picture: np.ndarray, portrait) -> float:
    """Mean absolute difference over the face, in levels of 255."""
    face = (portrait.mask != labels.BACKGROUND) & (portrait.mask != labels.HAIR)
    return np.abs(picture.astype(int) - portrait.image)[face].mean()


def test_its_files_are_whole_and_pack_to_60_megabytes():
    """As a wheel and an archive pack them: nine tenths of a graph are names."""
    folder = model_path("editor")
    lines = [line.split("  ") for line in (folder / "SHA256SUMS").read_text().splitlines()]
    assert {name for _, name in lines} >= {"1/saved_model.pb", "MODEL_CARD.md", "editor_dynamic.tflite"}
    assert all(hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest for digest, name in lines)
    assert sum(len(zlib.compress((folder / name).read_bytes(), 1)) for _, name in lines) <= 60e6


@pytest.mark.parametrize("form", [".", "editor_dynamic.tflite"])
def test_it_reconstructs_a_face_that_it_has_never_seen(form, portrait):
    networks = editors.shipped().networks if form == "." else EditorNetworks.load(model_path("editor") / form)
    features = networks.decode(networks.embed(portrait.image, portrait.mask))
    drawn = networks.render(features, portrait.image, portrait.mask)
    grey = np.full_like(drawn, portrait.image.mean((0, 1)).astype(np.uint8))
    assert face_error(drawn, portrait) < min(20, face_error(grey, portrait) / 2)
    background = portrait.mask == labels.BACKGROUND
    assert np.abs(drawn.astype(int) - portrait.image)[background].mean() < 4


def test_an_opened_mouth_is_seen_and_nothing_else_changes(editor, portrait):
    photo = skimage_data.astronaut()
    session = editor.open(photo)
    before = portrait.mask
    session.shape({"open_mouth": 0.4})
    edited = session.render()
    reading = editor.parse(portrait.alignment.crop(edited))
    opened = (session.mask == labels.INNER_MOUTH) & (before != labels.INNER_MOUTH)
    assert opened.sum() > 50 and (reading == labels.INNER_MOUTH)[opened].mean() > 0.5
    changed = (edited != photo).any(-1)
    rows, columns = np.nonzero(changed)
    assert 0 < changed.mean() < 0.05
    assert rows.min() > 100 and rows.max() < 200 and columns.min() > 130 and columns.max() < 320


def test_flatter_hair_shows_what_is_behind_it(editor):
    photo = skimage_data.astronaut()
    session = editor.open(photo)
    session.shape({"hair_volume": -1.0})
    bare = (session.mask == labels.BACKGROUND) & (session.portrait.mask == labels.HAIR)
    wall = session.portrait.image[session.portrait.mask == labels.BACKGROUND][:2000].mean(0)
    before, after = (
        np.abs(picture[bare] - wall).mean() for picture in (session.portrait.image, session.render_portrait())
    )
    assert bare.sum() > 500 and after < before / 2


def test_an_edit_of_an_upside_down_photograph_is_made_on_the_face_as_it_lies(editor):
    """Only around the mouth, as in the upright photograph turned upside down."""
    pytest.importorskip("mtcnn")
    found = PortraitEditor(editor.networks, editor.parser)
    photo = skimage_data.astronaut()[:300, 80:380]
    sessions = [found.open(np.ascontiguousarray(np.rot90(photo, turns))) for turns in (0, 2)]
    for session in sessions:
        session.shape({"smile": 0.8})
    upright, upside_down = (session.render() for session in sessions)
    assert np.abs(upright.astype(int) - np.rot90(upside_down, 2)).max() <= 4  # OpenCV samples at 32nds of a pixel
    changed = (upside_down != np.rot90(photo, 2)).any(-1)
    rows, columns = np.nonzero(changed)
    assert changed.sum() > 200 and rows.min() >= 110 and rows.max() < 200  # the mouth lies in row 299 - 140
    assert columns.min() > 90 and columns.max() < 220


def test_the_registration_networks_find_flows_that_are_known(portrait):
    """Of a mask that is moved and made slimmer; another's flow stretches nothing by much."""
    folder = model_path("registration")
    lines = [line.split("  ") for line in (folder / "SHA256SUMS").read_text().splitlines()]
    assert all(hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest for digest, name in lines)
    registrations, mask = load("registration"), portrait.mask
    foreground = mask != labels.BACKGROUND
    for stiff in (False, True):
        assert np.abs(registrations.flow(mask, mask, stiff))[foreground].mean() < 1
        shifted = np.roll(mask, (6, -8), (0, 1))
        flow = registrations.flow(mask, shifted, stiff)
        inside = np.roll(foreground, (6, -8), (0, 1))[16:-16, 16:-16]
        np.testing.assert_allclose(flow[16:-16, 16:-16][inside].mean(0), (8, -6), atol=2)
    slim = edits.apply(mask, {"face_width": -0.8})
    found = moved_mask(mask, registrations.flow(mask, slim, stiff=False))
    assert (found != slim).mean() < 0.6 * (mask != slim).mean()


def test_what_hair_would_hide_is_told(portrait):
    """A brow, had she hair over it: nearer to the photograph than what is continued from around."""
    rows, columns = np.nonzero(portrait.parts == PARTS["r_brow"])
    known = distance_from(portrait.parts == PARTS["hair"]) > 12
    known[rows.min() - 6 : rows.max() + 7, columns.min() - 6 : columns.max() + 7] = False
    brow = portrait.parts == PARTS["r_brow"]
    told = portrait.networks.behind_hair.pixels(portrait.image, known, portrait.scene.behind)
    wanted = portrait.image.astype(np.float32)
    error, smooth = (np.abs(each - wanted)[brow].mean() for each in (told, filled(wanted, known)))
    assert error < 0.85 * smooth


def test_nothing_of_the_hair_is_left_where_it_goes(portrait):
    parts, behind = portrait.parts, portrait.scene.behind
    (skin, hidden), bare, hair = portrait.uncovered, portrait.without_hair, parts == PARTS["hair"]
    assert hidden[hair].all()
    for picture, part, most in ((skin, PARTS["skin"], 30), (bare, PARTS["background"], 40)):
        where, colour = hair & (behind == part), portrait.image[parts == part].mean(axis=0)
        assert where.sum() > 500
        assert np.abs(picture[where].mean(axis=0) - colour).max() < most
        assert np.abs(portrait.image[where].mean(axis=0) - colour).max() > most


def test_behind_gray_hair_all_is_gray(portrait):
    gray = np.repeat(portrait.image.mean(axis=-1, keepdims=True).astype(np.uint8), 3, axis=-1)
    picture, hidden = dataclasses.replace(portrait, photo=gray, image=gray, alignment=None, gain=1.0).uncovered
    assert hidden.any() and np.ptp(picture[hidden], axis=-1).max() == 0


def test_a_fringe_does_not_come_with_anothers_face(editor, portrait):
    """Had she one down to her brows, her face over her own would show the skin behind it."""
    own = editor.read(portrait.image, aligned=True)
    eyes = np.isin(own.mask, (labels.LEFT_EYE, labels.RIGHT_EYE))
    fringe = (own.mask == labels.SKIN) & (np.arange(len(eyes))[:, None] < np.nonzero(eyes)[0].min())
    assert fringe.sum() > 1000
    image = np.where(fringe[..., None], np.uint8(20), own.image)
    mask, parts = (np.where(fringe, *each).astype(np.uint8) for each in ((labels.HAIR, own.mask), (HAIR, own.parts)))
    session = Session(editor, own)
    session.take("face", dataclasses.replace(own, photo=image, image=image, mask=mask, parts=parts))
    _, other, *_ = layers(session.state)
    within = fringe & (distance_from(~np.isin(own.mask, labels.FACE)) > 12)
    assert within.sum() > 300 and other.share[within].min() > 0.95
    skin = own.image[own.mask == labels.SKIN].mean(axis=0)
    assert np.abs(session.render()[within].mean(axis=0) - skin).max() < 25


@pytest.mark.parametrize(
    "amounts", [{"hair_volume": 0.8}, {"hair_length": 0.8}, {"hair_volume": 0.8, "hair_length": 0.3}]
)
def test_hair_that_grows_leaves_the_face_alone(editor, portrait, amounts):
    aligned = editor.open(portrait.image, aligned=True)
    aligned.shape(amounts)
    picture, own = aligned.render(), aligned.state.target
    grown = (aligned.mask == labels.HAIR) & (own.mask != labels.HAIR)
    assert grown.sum() > 300
    wall = own.image[own.mask == labels.BACKGROUND].mean(axis=0)
    assert (picture[grown].mean(axis=0) < wall - 30).all()
    face = np.isin(own.mask, labels.FACE) & (distance_from((own.mask == labels.HAIR) | grown) > 4)
    assert np.abs(picture[face].astype(int) - own.image[face]).max() < 12


def test_teeth_that_nothing_shows_are_told(portrait):
    """Hers, were her lips closed over them: nearer to the photograph than what is continued from around."""
    inside = portrait.mask == labels.INNER_MOUTH
    known = distance_from(inside) > 1
    told = portrait.networks.opened_mouths.completed(portrait.image, portrait.mask, known)
    wanted = portrait.image.astype(np.float32)
    error, smooth = (np.abs(each - wanted)[inside].mean() for each in (told, filled(wanted, known)))
    assert error < 0.85 * smooth
    np.testing.assert_array_equal(told[known], portrait.image[known])


def test_what_an_opened_mouth_shows_is_dark_below_its_teeth(editor, portrait):
    """Not a gray band: most of what has come is darker than her teeth by half."""
    session = Session(editor, portrait)
    session.shape({"open_mouth": 0.6})
    come = (session.mask == labels.INNER_MOUTH) & (portrait.mask == labels.LOWER_LIP)
    teeth = portrait.image[portrait.mask == labels.INNER_MOUTH].mean()
    opened = session.portrait.alignment.crop(session.render())
    assert come.sum() > 50 and np.median(opened[come].mean(axis=-1)) < 0.7 * teeth


def test_no_own_hair_shows_through_the_border_of_anothers(editor, portrait):
    """There the other's ends softly, in strands."""
    session, donor = Session(editor, portrait), portrait.mirrored
    session.replace("hair", donor)
    session.take("hair", donor)
    own, other = layers(session.state)
    soft = (session.mask == labels.HAIR) & (distance_from(session.mask != labels.HAIR) <= UNDER) & (other.share < 0.9)
    hair = soft & (moved_mask(portrait.mask, own.flow) == labels.HAIR)
    assert hair.sum() > 100 and (own.bare | own.hole)[hair].all()
    assert (other.share[session.mask == labels.BACKGROUND] > 0.1).any()


def test_a_closed_mouth_of_another_opens_where_the_own_is_open(editor, portrait):
    """Her own mouth, closed, is laid over her smile: teeth are seen again, and no lips in their place."""
    closing = Session(editor, portrait)
    closing.shape({"open_mouth": -1.0})
    closed = editor.read(closing.render())
    inside = cv2.erode((portrait.mask == labels.INNER_MOUTH).astype(np.uint8), np.ones((3, 3))) > 0
    assert openness(closed.mask) < 0.3 * openness(portrait.mask) and inside.sum() > 100
    session = Session(editor, portrait)
    session.apply(Take("mouth", closed))
    session.apply(SWAPPED)
    result = portrait.alignment.crop(session.render()).astype(float)
    lips, teeth = (np.abs(each.astype(float) - portrait.image)[inside].mean() for each in (closed.image, result))
    assert teeth < 0.6 * lips
    beside = portrait.mask == labels.SKIN
    assert np.abs(result - portrait.image)[beside].mean() < 6


def with_hair_over_an_eye(editor, portrait, nose: int = 0):
    """She with dark hair over the outer half of an eye and its brow, her nose moved aside by some pixels in the mask;
    and without it."""
    bare = editor.read(portrait.image, aligned=True)
    eye = np.isin(bare.mask, [labels.LEFT_EYE, labels.LEFT_BROW])
    rows, columns = np.nonzero(eye)
    strand = np.zeros(eye.shape, bool)
    strand[rows.min() - 40 : rows.max() + 8, columns.min() - 30 : (columns.min() + columns.max()) // 2] = True
    image = np.where(strand[..., None], np.uint8((45, 32, 24)), bare.image)
    parts, mask = (
        np.where(strand, hair, ids).astype(np.uint8) for hair, ids in ((HAIR, bare.parts), (labels.HAIR, bare.mask))
    )
    for ids, own, skin in ((parts, PARTS["nose"], PARTS["skin"]), (mask, labels.NOSE, labels.SKIN)):
        moved = np.roll(ids == own, nose, axis=1)
        ids[ids == own] = skin
        ids[moved & ~strand] = own
    return dataclasses.replace(bare, image=image, photo=image, mask=mask, parts=parts), bare


def test_eyes_and_brows_that_hair_hid_come_from_the_other_side(editor, portrait):
    """What her photograph shows there is met by them as no network's guess does."""
    hidden, bare = with_hair_over_an_eye(editor, portrait)
    session = Session(editor, hidden)
    session.set_mask(hidden.bald)
    [mirrored] = [layer for layer in layers(session.state) if layer.portrait is hidden.mirrored]
    eye = box_of(bare.mask, (labels.LEFT_EYE,))
    about = np.s_[int(eye.top) - 3 : int(eye.bottom) + 3, int(eye.left) - 4 : int(eye.right) + 4]
    assert mirrored.share[about].max() == 1 and mirrored.share[:, 128:].max() == 0
    seen, told, result = (
        each[about].mean(axis=-1).ravel() for each in (bare.image, hidden.uncovered[0], session.render())
    )
    assert np.corrcoef(result, seen)[0, 1] > max(0.8, np.corrcoef(told, seen)[0, 1])


def test_nothing_comes_from_the_other_side_of_a_face_that_is_turned(editor, portrait):
    hidden, _ = with_hair_over_an_eye(editor, portrait, nose=22)
    session = Session(editor, hidden)
    session.set_mask(hidden.bald)
    assert all(layer.portrait is hidden for layer in layers(session.state))
