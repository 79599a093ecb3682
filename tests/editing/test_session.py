"""PortraitEditor and its sessions over small networks with random weights and a parser that reads the palette."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image
from small import SIZE, VARIANTS, as_inputs, by_palette, coloured, face_mask, randomised, small_config
from stored_parser import store_run

from mgpe_tf import labels
from mgpe_tf.data.alignment import template_at
from mgpe_tf.data.detection import Face
from mgpe_tf.data.images import encode_png
from mgpe_tf.editing.operations import Haircut, Mirror, parse
from mgpe_tf.editing.photograph import Photograph
from mgpe_tf.editing.pixels.colours import correct
from mgpe_tf.editing.pixels.details import FEATURES
from mgpe_tf.editing.pixels.inpaint import bared, without_face
from mgpe_tf.editing.portrait_editor import PortraitEditor
from mgpe_tf.editing.recipes import Inputs, follow, located, to_json
from mgpe_tf.editing.session import MAX_UNDONE
from mgpe_tf.editing.state import APPEARANCES
from mgpe_tf.errors import UserError
from mgpe_tf.models.editor_networks import EditorNetworks
from mgpe_tf.models.face_parser import FaceParser
from mgpe_tf.objectives.editor import build_generator
from mgpe_tf.ops.enlarge import enlarge_labels

MASK, OTHER_MASK = face_mask(), face_mask(down=2, right=-3)


class Finder:
    """A detector that knows where the faces are."""

    def __init__(self, *landmarks):
        self.faces = [Face((*points.min(0), *np.ptp(points, 0)), points, 1.0) for points in landmarks]

    def detect(self, image):
        """All of them, whatever the image."""
        return self.faces


X_S, X_T = coloured(OTHER_MASK, 1), coloured(MASK, 2)


@pytest.fixture(scope="module", params=["paper", "compact"])
def trained(request):
    """A generator with random weights, and its experiment."""
    config = small_config(VARIANTS[request.param](), label_enlargement=1.3)
    return randomised(build_generator(config)), config


@pytest.fixture(scope="module")
def editor(trained):
    return PortraitEditor(EditorNetworks.of(*trained), FaceParser(by_palette, SIZE), Finder())


def test_an_edit_is_the_generators(editor, trained):
    batch = {
        "source_image": X_S[None],
        "target_image": X_T[None],
        "source_mask": OTHER_MASK[None],
        "target_mask": MASK[None],
    }
    source, source_mask, target, target_mask = as_inputs(batch)
    drawn = trained[0].generate(source, source_mask, target, enlarge_labels(target_mask, 1.3))[0]
    expected = np.round((np.clip(drawn, -1, 1) + 1) * 127.5)
    found = editor.edit(X_S, X_T, OTHER_MASK, MASK)
    assert found.dtype == np.uint8 and np.ptp(found) > 20
    assert np.abs(found - expected).max() <= 1
    np.testing.assert_array_equal(editor.edit(X_S, X_T), found)  # with masks as the parser reads them


def test_an_untouched_photo_is_itself(editor):
    session = editor.open(X_T, aligned=True)
    np.testing.assert_array_equal(session.mask, MASK)
    np.testing.assert_array_equal(session.render(), X_T)
    session.take("all", editor.read(X_S, aligned=True))
    session.reset()
    np.testing.assert_array_equal(session.render(), X_T)


def test_all_of_another_appearance_is_an_edit(editor):
    """With the colours that the networks miss of the other; the background's are its own."""
    session, other = editor.open(X_T, aligned=True), editor.read(X_S, aligned=True)
    session.take("all", other)
    session.keep(detail=0)
    errors = other.colour_errors.copy()
    errors[labels.BACKGROUND] = session.portrait.colour_errors[labels.BACKGROUND]
    np.testing.assert_array_equal(session.render_portrait(), correct(editor.edit(X_S, X_T), MASK, errors))


def without(*ids, instead=labels.SKIN):
    """A portrait that shows nothing of some classes."""
    return coloured(np.where(np.isin(MASK, ids), instead, MASK).astype(np.uint8))


def test_what_a_photograph_does_not_show_is_not_taken(editor):
    session = editor.open(X_T, aligned=True)
    bald = editor.read(without(labels.HAIR, instead=labels.BACKGROUND), aligned=True)
    hidden = editor.read(without(labels.LEFT_EYE, labels.RIGHT_EYE), aligned=True)
    one_eyed = editor.read(without(labels.LEFT_EYE), aligned=True)
    for what, other, words in (
        ("hair", bald, "no hair"),
        ("eyes", hidden, "no eyes"),
        ("left_eye", one_eyed, "no left eye"),
    ):
        with pytest.raises(UserError, match=f"the other photograph shows {words}"):
            session.take(what, other)
    for what, other in (("hair", bald), ("eyes", hidden), ("left_eye", one_eyed)):
        with pytest.raises(UserError, match="so there is no shape to take"):
            session.replace(what, other)
    session.take("all", bald, strength=0)
    np.testing.assert_array_equal(session.render(), X_T)
    assert not session.notices
    faceless = editor.open(without(labels.LEFT_BROW, labels.RIGHT_BROW), aligned=True)
    with pytest.raises(UserError, match="the photograph shows no brows whose shape"):
        faceless.replace("brows", editor.read(X_S, aligned=True))


def test_of_a_whole_what_is_shown_is_taken_and_the_rest_stays(editor):
    bald = editor.read(without(labels.HAIR, instead=labels.BACKGROUND), aligned=True)
    hidden = editor.read(without(labels.LEFT_EYE, labels.RIGHT_EYE), aligned=True)
    for what, other, hides, words in (
        ("all", bald, [labels.HAIR], "no hair"),
        ("face", hidden, [labels.LEFT_EYE, labels.RIGHT_EYE], "no eyes"),
        ("eyes", editor.read(without(labels.LEFT_EYE), aligned=True), [labels.LEFT_EYE], "no left eye"),
    ):
        session = editor.open(X_T, aligned=True)
        taken = session.take(what, other)
        assert taken and set(taken) < set(APPEARANCES[what])
        assert session.notices == [f"the other photograph shows {words}: the own stays"]
        assert session.region().any() and not session.region()[np.isin(MASK, hides)].any()


def test_faces_that_look_in_different_directions_are_told(editor):
    ahead = face_mask()
    aside = np.where(ahead == labels.NOSE, labels.SKIN, ahead)
    aside = np.where(np.roll(ahead == labels.NOSE, 5, axis=1), labels.NOSE, aside).astype(np.uint8)
    told = ["the faces look in different directions, so what is taken may be distorted"]
    for what, notices in (("face", told), ("hair", []), ("mouth", [])):
        session = editor.open(coloured(ahead), aligned=True)
        session.take(what, editor.read(coloured(aside), aligned=True))
        assert session.notices == notices
    session = editor.open(coloured(ahead), aligned=True)
    session.apply(Haircut(editor.read(coloured(aside), aligned=True)))
    assert session.notices == told
    session = editor.open(coloured(ahead), aligned=True)
    session.apply(Haircut(editor.read(coloured(ahead), aligned=True)))
    assert session.notices == []


def followed(editor, steps, images, folder, strict=False):
    """The picture, the operations as a recipe holds them, and the notices."""
    photographs = []
    for number, image in enumerate(images):
        (folder / f"{number}.png").write_bytes(encode_png(image))
        photographs.append(Photograph.read(folder / f"{number}.png", "target"))
    made = follow(parse(steps), Inputs(editor, dict(enumerate(photographs))), strict)
    return made.picture, [to_json(each) for each in located(made.done, photographs)[1]], made.notices


def test_a_recipe_of_an_edit_that_left_something_out_gives_the_same_again(editor, tmp_path):
    face = {"face": "largest", "aligned": True, "matrix": None}
    steps = [
        {"op": "open", "target": {**face, "input": 0}},
        {"op": "take", "component": "all", "source": {**face, "input": 1}, "strength": 0.8},
        {"op": "render", "blend": "feather"},
    ]
    photos = [X_T, without(labels.HAIR, instead=labels.BACKGROUND)]
    picture, recorded, notices = followed(editor, steps, photos, tmp_path, strict=True)
    assert notices == ["the other photograph shows no hair: the own stays"]
    assert [step.get("component") for step in recorded] == [None, "left_eye", "right_eye", "skin", "mouth", None]
    np.testing.assert_array_equal(followed(editor, recorded, photos, tmp_path)[0], picture)
    assert (followed(editor, steps, photos, tmp_path)[0] != picture).any()  # as it was before anything was left out


def test_a_recipe_of_earlier_versions_takes_what_is_not_shown(editor, tmp_path):
    """What is refused in a new edit, not in one that is made again."""
    face = {"face": "largest", "aligned": True, "matrix": None}
    steps = [
        {"op": "open", "target": {**face, "input": 0}},
        {"op": "take", "component": "hair", "source": {**face, "input": 1}, "strength": 1.0},
        {"op": "render", "blend": "feather"},
    ]
    photos = [X_T, without(labels.HAIR, instead=labels.BACKGROUND)]
    assert (followed(editor, steps, photos, tmp_path)[0] != X_T).any()
    with pytest.raises(UserError, match="^the other photograph shows no hair"):
        followed(editor, steps, photos, tmp_path, strict=True)


def test_what_a_changed_shape_lacks_is_told(editor):
    bald = editor.open(without(labels.HAIR, labels.LEFT_BROW, labels.RIGHT_BROW), aligned=True)
    for _ in range(2):
        bald.shape({"hair_length": 0.5, "raise_brows": 0.5, "smile": 0.2, "hair_volume": 0})
    assert bald.notices == ["hair_length: the photograph shows no hair", "raise_brows: the photograph shows no brows"]
    closed = editor.open(without(labels.INNER_MOUTH, instead=labels.UPPER_LIP), aligned=True)
    closed.shape({"open_mouth": -0.5})
    assert closed.notices == ["open_mouth: the mouth is closed already"]
    closed.undo()
    closed.shape({"open_mouth": 0.5})
    assert closed.notices == ["open_mouth: the photograph shows no teeth, so what the open mouth shows is made up"]
    shown = editor.open(X_T, aligned=True)
    shown.shape({"open_mouth": 0.5, "hair_length": 0.5})
    assert not shown.notices


@pytest.mark.parametrize("what", ["hair", "mouth", "eyes", "face"])
def test_a_component_changes_and_the_rest_stays(editor, what):
    session, other = editor.open(X_T, aligned=True), editor.read(X_S, aligned=True)
    session.take(what, other)
    from mgpe_tf.geometry import component

    ids = [label for name in APPEARANCES[what] for label in component(name).labels]
    np.testing.assert_array_equal(session.region(), np.isin(MASK, ids))
    result = session.render()
    near = cv2.dilate(session.region().astype(np.uint8), np.ones((9, 9))) > 0  # 11 pixels at 256 are 3 at 64
    np.testing.assert_array_equal(result[~near], X_T[~near])
    assert (result[session.region()] != X_T[session.region()]).any(-1).mean() > 0.9
    whole = session.render_portrait()
    session.take(what, other, strength=0.5)
    half = session.render_portrait()
    session.take(what, other, strength=0)
    assert not session.region().any()
    assert (half != whole).any() and (half != session.render_portrait()).any()


def test_a_changed_mask_uses_what_is_kept(editor):
    """A session's picture on a new mask is that of a new session opened with it; what it bares is filled in."""
    session = editor.open(X_T, aligned=True)
    session.keep(detail=0)
    session.render_portrait()
    features, bare = editor.networks.decode(session.portrait.embeddings), bared(MASK, OTHER_MASK)
    filled = np.where(bare[..., None], without_face(X_T, MASK), X_T)
    for mask, behind in ((np.where(MASK > 0, MASK, OTHER_MASK), X_T), (OTHER_MASK, filled)):
        session.set_mask(mask)
        drawn = editor.networks.render(features, behind, mask)
        expected = correct(drawn, mask, session.portrait.colour_errors)
        np.testing.assert_array_equal(session.render_portrait(), expected)
        np.testing.assert_array_equal(session.region(), mask != MASK)
    assert bare.any()


def test_what_is_kept(editor):
    """A tone is kept of a face that is taken, details in hair, eyes and teeth alone, and half of them is between."""
    session, other = editor.open(X_T, aligned=True), editor.read(X_S, aligned=True)
    drawn = {}
    for tone, detail in ((0, 0), (1, 0), (0, 0.5), (0, 1)):
        session.keep(tone, detail)
        drawn[tone, detail] = session.render_portrait().astype(int)
    np.testing.assert_array_equal(drawn[1, 0], drawn[0, 0])  # it is the own face still
    fine = np.isin(MASK, [labels.HAIR, *FEATURES])
    np.testing.assert_array_equal(drawn[0, 1][~fine], drawn[0, 0][~fine])
    half, whole = (np.abs(drawn[0, amount] - drawn[0, 0])[fine].mean() for amount in (0.5, 1))
    assert 0.5 < half < whole
    session.take("face", other)
    own = X_T[MASK == labels.SKIN].astype(int).mean(0)
    away = {}
    for tone in (0, 0.5, 1):
        session.keep(tone=tone)
        away[tone] = np.abs(session.render_portrait()[MASK == labels.SKIN].astype(int).mean(0) - own).sum()
    assert away[1] < away[0.5] < away[0] and away[1] < 0.75 * away[0]
    assert session.kept == {"tone": 1, "detail": 1}
    for amounts in ({"tone": 1.5}, {"detail": -1}, {"tone": float("nan")}):
        with pytest.raises(UserError, match="allowed: a number from 0 to 1"):
            session.keep(**amounts)


def test_scripted_shapes_and_replaced_components_change_the_mask(editor):
    session = editor.open(X_T, aligned=True)
    session.shape({"eye_size": 0.8})
    assert (session.mask == labels.LEFT_EYE).sum() > (MASK == labels.LEFT_EYE).sum()
    session.replace("hair", editor.read(X_S, aligned=True))
    assert (session.mask != MASK).any() and session.region().any()
    session.reset("mouth")  # an appearance: the mask stays edited
    assert (session.mask != MASK).any()


def test_a_face_somewhere_in_a_photo(editor):
    """Found by its landmarks, twice as large and turned; pixels away from it stay."""
    angle = np.deg2rad(10)
    turn = 2 * np.array([(np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))])
    matrix = np.column_stack([turn, (60, 20)])
    photo = cv2.warpAffine(X_T, matrix, (260, 200), flags=cv2.INTER_LINEAR, borderValue=(0, 0, 0))
    points = template_at(SIZE) @ turn.T + (60, 20)
    finder = Finder(points)
    finding = PortraitEditor(editor.networks, editor.parser, finder)
    session = finding.open(photo)
    assert (session.mask == MASK).mean() > 0.9
    session.take("mouth", finding.read(photo[:, ::-1].copy()))  # its landmarks are wrong there: any other appearance
    result = session.render()
    assert result.shape == photo.shape
    changed = (result != photo).any(-1)
    assert 0 < changed.sum() < 0.1 * changed.size
    mouth = cv2.warpAffine(np.isin(MASK, (7, 8, 9)).astype(np.uint8), matrix, (260, 200), flags=cv2.INTER_NEAREST)
    assert changed[mouth == 1].mean() > 0.9


def test_what_cannot_be_edited(editor):
    session = editor.open(X_T, aligned=True)
    bad = [
        (lambda: session.take("hiar", X_S), "component: 'hiar' is unknown: did you mean 'hair'.; allowed: left_eye"),
        (lambda: session.take("hair", editor.read(X_S, aligned=True), 2), "strength: 2; allowed: a number from 0 to 1"),
        (lambda: session.set_mask(MASK[1:]), "mask: uint8 of shape .63, 64.; allowed: ids .64, 64."),
        (lambda: session.set_mask(MASK + 9), "mask: label values 11"),
        (lambda: editor.edit(X_S, X_T[1:]), "target: uint8 of shape .63, 64, 3.; allowed: uint8 RGB .64, 64, 3."),
        (lambda: editor.open(X_T[1:], aligned=True), "photo: 64 x 63 pixels; allowed for an aligned portrait: squares"),
        (lambda: editor.open(X_T, name="a.jpg"), "a.jpg: no face"),
        (lambda: editor.open(X_T / 255.0), "photo: float64"),
        (lambda: editor.open("me.jpg"), r"photo: str; allowed: uint8 RGB \[H, W, 3\], as np.array\(Image.open"),
        (lambda: editor.open(Image.fromarray(X_T)), "photo: Image; allowed: uint8 RGB"),
        (lambda: editor.edit(Image.fromarray(X_S), X_T), "source: Image of shape .64, 64, 3.; allowed: uint8 RGB"),
        (lambda: session.take("hair", "friend.jpg"), "other photo: str; allowed: uint8 RGB"),
        (lambda: session.shape("smile"), "amounts: 'smile'; allowed: numbers by name, as {\"smile\": 0.6}"),
        (lambda: editor.open(X_T, "all"), "face: 'all'; allowed here: largest, or a number"),
    ]
    for attempt, words in bad:
        with pytest.raises(UserError, match=words):
            attempt()
    np.testing.assert_array_equal(session.render(), X_T)


def test_a_parser_is_no_editor(tmp_path):
    with pytest.raises(UserError, match="is a run of the parser; a run of the editor is needed"):
        PortraitEditor.load(store_run(tmp_path / "run"))


def test_details_of_a_large_photograph_are_finer_than_the_portrait(editor):
    """Of a photograph with three pixels for one of the portrait's; outside the region it stays as it is."""
    photo = cv2.resize(X_T, None, fx=3, fy=3, interpolation=cv2.INTER_NEAREST)
    photo[:, ::2] = np.clip(photo[:, ::2].astype(int) + 40, 0, 255)  # too fine for the portrait
    session = editor.open(photo, aligned=True)
    session.take("hair", editor.read(X_S, aligned=True))
    region = session.region()
    fine = {}
    for detail in (0, 1):
        session.keep(detail=detail)
        picture = session.render().astype(int)
        inner = cv2.erode(region.astype(np.uint8), np.ones((5, 5))).repeat(3, 0).repeat(3, 1) > 0
        fine[detail] = np.abs(np.diff(picture[..., 0], axis=1))[inner[:, 1:]].mean()
        far = cv2.dilate(region.astype(np.uint8), np.ones((13, 13))).repeat(3, 0).repeat(3, 1) == 0
        np.testing.assert_array_equal(picture[far], photo[far])
    assert fine[1] > fine[0] + 5


def test_a_session_remembers_so_many_states_and_the_oldest_is_where_undoing_ends(editor):
    session = editor.open(X_T, aligned=True)
    masks = [session.apply(Mirror()).mask for _ in range(MAX_UNDONE + 5)]
    for _ in range(2 * MAX_UNDONE):
        session.undo()
    assert session.mask is masks[4]
    for _ in range(2 * MAX_UNDONE):
        session.redo()
    assert session.mask is masks[-1]
