"""What users do, without a browser: edits, files, recipes, limits, and that two users are apart."""

from __future__ import annotations

import json

import gradio as gr
import numpy as np
import pytest
from drawn_studio import TwoFaces, draw, drawn_editor, drawn_studio
from PIL import Image
from small import SIZE, face_mask

from mgpe_tf import labels
from mgpe_tf.data.images import read_image, read_label, write_label
from mgpe_tf.editing.operations import (
    Keep,
    Mirror,
    Open,
    PutBack,
    Render,
    Replace,
    Reshape,
    Restore,
    SetMask,
    Take,
    TakeOnly,
)
from mgpe_tf.editing.recipes import located
from mgpe_tf.errors import UserError
from mgpe_tf.provenance import marks
from mgpe_tf.provenance.recipe import mask_to_json
from mgpe_tf.provenance.verification import verify
from mgpe_tf.webapp import painter, texts
from mgpe_tf.webapp.api import Api
from mgpe_tf.webapp.events import Events
from mgpe_tf.webapp.page import Page
from mgpe_tf.webapp.painting import from_runs

MASK = face_mask()


@pytest.fixture(scope="module")
def editor():
    return drawn_editor()


@pytest.fixture
def studio(editor, tmp_path):
    (tmp_path / "private").mkdir()
    return drawn_studio(editor, tmp_path / "private")


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    return [
        draw(folder / f"{name}.png", seed, size)
        for seed, (name, size) in enumerate([("ann", 2 * SIZE), ("bob", SIZE), ("eve", SIZE)])
    ]


def test_edits_are_drawn_and_told(studio, photos, tmp_path):
    """The file that is downloaded is the picture that is shown; its recipe makes the same edits again."""
    ann, bob, eve = photos
    studio.open("me", ann, aligned=True)
    studio.apply("me", SetMask(MASK))
    for path, components, strength in ((bob, ["hair", "mouth"], 0.5), (eve, ["eyes"], 1.0)):
        studio.open_source("me", path, aligned=True)
        studio.apply("me", TakeOnly(components, studio.source("me"), strength))
    shown, _ = studio.draw("me")
    files = studio.write_files("me", ".png")
    np.testing.assert_array_equal(read_image(files["picture"]), shown)
    np.testing.assert_array_equal(read_label(files["mask"]), MASK)
    np.testing.assert_array_equal(read_label(files["preview"]), MASK)
    assert verify(files["picture"], [ann, bob, eve]).ok
    assert json.loads(files["recipe"].read_text())["operations"][1]["op"] == "set_mask"

    studio.open("again", ann, aligned=True)
    studio.open_source("again", bob, aligned=True)
    studio.apply("again", TakeOnly(["skin"], studio.source("again")))
    with pytest.raises(UserError, match="the input eve.png .* is not among the photographs that are open"):
        studio.load_recipe("again", files["recipe"])
    studio.open_source("again", eve, aligned=True)
    for recipe in (files["recipe"], files["picture"]):
        desk = studio.load_recipe("again", recipe)
        np.testing.assert_array_equal(desk.session.mask, MASK)
        np.testing.assert_array_equal(studio.draw("again")[0], shown)


def test_amounts_count_from_the_mask_that_was_painted(studio, photos):
    studio.open("me", photos[0], aligned=True)
    studio.apply("me", SetMask(MASK))
    once = studio.apply("me", Reshape({"eye_size": 0.8})).session.mask
    studio.apply("me", Reshape({"eye_size": -0.5}))
    np.testing.assert_array_equal(studio.apply("me", Reshape({"eye_size": 0.8})).session.mask, once)
    np.testing.assert_array_equal(studio.apply("me", Reshape({})).session.mask, MASK)
    with pytest.raises(UserError, match="eye_size is 3"):
        studio.apply("me", Reshape({"eye_size": 3}))


def test_a_mask_is_mirrored_and_given_back(studio, photos):
    original = studio.open("me", photos[0], aligned=True).session.mask
    studio.apply("me", SetMask(MASK))
    mirrored = studio.apply("me", Mirror()).session.mask
    assert (mirrored == labels.LEFT_EYE).sum() == (MASK == labels.RIGHT_EYE).sum()
    assert np.flatnonzero((mirrored == labels.LEFT_EYE).any(0)).max() < SIZE / 2
    np.testing.assert_array_equal(studio.apply("me", Mirror()).session.mask, MASK)
    given = studio.apply("me", Restore("hair")).session.mask
    hair = (MASK == labels.HAIR) | (original == labels.HAIR)
    np.testing.assert_array_equal(given, np.where(hair, original, MASK))
    np.testing.assert_array_equal(studio.apply("me", Restore()).session.mask, original)
    with pytest.raises(UserError, match="component 'nase' is unknown: did you mean 'nose'"):
        studio.apply("me", Restore("nase"))


def test_ticks_say_what_is_taken(studio, photos):
    """Of the source that is open exactly those; what was taken from one before stays."""
    studio.open("me", photos[0], aligned=True)
    with pytest.raises(UserError, match="no second photograph"):
        studio.apply("me", TakeOnly(["hair"], studio.source("me")))
    studio.open_source("me", photos[1], aligned=True)
    studio.apply("me", TakeOnly(["hair", "mouth"], studio.source("me")))
    studio.apply("me", TakeOnly(["mouth"], studio.source("me"), 0.5))
    desk = studio.open_source("me", photos[2], aligned=True)
    studio.apply("me", TakeOnly(["skin"], studio.source("me")))
    photographs, operations = located(desk.session.recipe())
    taken = {each.component: each.strength for each in operations if isinstance(each, Take)}
    assert taken == {"mouth": 0.5, "skin": 1.0}
    assert [photo.input.file for photo in photographs] == ["ann.png", "bob.png", "eve.png"]
    studio.apply("me", PutBack())
    photographs, operations = located(desk.session.recipe())
    assert [type(each) for each in operations] == [Open, Keep, Render] and len(photographs) == 1


def test_a_shape_and_what_is_kept_are_told_in_the_recipe(studio, photos):
    desk = studio.open("me", photos[0], aligned=True)
    own = desk.session.mask
    assert desk.session.kept == {"tone": 1, "detail": 1}
    with pytest.raises(UserError, match="no second photograph"):
        studio.apply("me", Replace("hair", studio.source("me")))
    desk = studio.open_source("me", photos[1], aligned=True)
    studio.apply("me", SetMask(MASK))
    studio.apply("me", Replace("hair", studio.source("me")))
    session = desk.session
    assert (session.mask != MASK).any() and (session.mask != own).any()
    np.testing.assert_array_equal(studio.apply("me", Reshape({})).session.mask, session.mask)  # amounts count from it
    studio.apply("me", TakeOnly(["all"], studio.source("me")))
    studio.apply("me", Keep(0.5, 0.25))
    shown, _ = studio.draw("me")
    recipe = studio.write_files("me", ".png")["recipe"]
    studio.open("again", photos[0], aligned=True)
    studio.open_source("again", photos[1], aligned=True)
    assert studio.load_recipe("again", recipe).session.kept == {"tone": 0.5, "detail": 0.25}
    np.testing.assert_array_equal(studio.draw("again")[0], shown)


def test_faces_are_chosen(tmp_path, photos):
    studio = drawn_studio(drawn_editor(TwoFaces()), tmp_path)
    photo = draw(tmp_path / "both.png", 3, 6 * SIZE)
    desk = studio.open("me", photo)
    assert list(desk.faces.places) == [1, 2] and desk.session.portrait.face == "2"  # the larger one
    large = desk.session.portrait.image
    studio.apply("me", SetMask(MASK))
    desk = studio.choose_face("me", 1)
    assert (desk.session.portrait.image != large).any() and (desk.session.mask != MASK).any()
    with pytest.raises(UserError, match="face: 3; allowed.*: 1, 2"):
        studio.choose_face("me", 3)
    with pytest.raises(UserError, match="face: 5; allowed for both.png: 1, 2"):
        studio.open("me", photo, face=5)


def test_users_who_do_not_choose_a_face_are_told_of_the_others(tmp_path, photos):
    """By the API and on the page, of both photographs; and the others can be taken."""
    (tmp_path / "private").mkdir()
    studio, ann, bob = drawn_studio(drawn_editor(TwoFaces()), tmp_path / "private"), *photos[:2]
    with gr.Blocks() as blocks:
        api, page = Api(studio), Page(studio.limits, [])
        events = Events(page, studio, blocks)
    given = {"path": str(ann), "meta": {"_type": "gradio.FileData"}}
    words = "ann.png shows 2 faces; the largest, face 2 from the left, is taken; for another: face=1"
    opened = api.open(given)
    assert (opened["face"], opened["faces"], opened["notice"]) == (2, [1, 2], words)
    assert api.open(given, 1)["notice"] == api.open(given, 0, True)["notice"] == ""
    session = opened["session"]
    assert api.open_source(session, given) == {"face": 2, "faces": [1, 2], "notice": words}
    assert api.open_source(session, given, False, 1) == {"face": 1, "faces": [1, 2], "notice": ""}
    with pytest.raises(UserError, match="face: 3; allowed for ann.png: 1, 2"):
        api.open_source(session, given, False, 3)

    seen = events.open("me", given, False, {**given, "path": str(bob)})
    told = "2 faces: the largest, number 2 from the left, is taken. Choose another one below."
    assert seen[page.notice] == seen[page.source_notice] == told
    assert seen[page.source_face]["choices"] == ["1", "2"] and seen[page.source_face]["visible"]
    assert events.choose_face("me", "1")[page.notice] == events.choose_source_face("me", "1")[page.source_notice] == ""
    desk = studio.store.get("me")
    assert (desk.session.portrait.face, desk.source.face) == ("1", "1")
    assert studio.open("me", ann).source.face == "1"  # another target keeps the source, and its faces
    assert studio.choose_source_face("me", 2).source.face == "2"

    taken = [f"{name}.png shows 2 faces; the largest, face 2 from the left, is taken" for name in ("ann", "bob")]
    assert api.variety(session, [given, {**given, "path": str(bob)}])["notices"] == taken
    assert events.draw_variety("me", [str(ann), str(bob)], False)[page.variety_notice] == "\n\n".join(taken)


def test_a_variety_says_that_it_is_generated(studio, photos):
    studio.open("me", photos[0], aligned=True)
    studio.apply("me", SetMask(MASK))
    path, left_out, several = studio.write_variety("me", photos[:1] * 2, aligned=True)
    assert left_out == several == []
    assert read_image(path).shape == (SIZE, 2 * SIZE, 3)
    found = marks.read_marks(path)
    assert found.digital_source_type == marks.GENERATED and len(found.recipe.inputs) == 3
    with pytest.raises(UserError, match="set_mask, keep, variety; allowed in the recipe of an edited photograph"):
        studio.load_recipe("me", path)
    for count in (0, 17):
        with pytest.raises(UserError, match=f"{count} photographs; allowed: 1 to 16"):
            studio.write_variety("me", photos[:1] * count, aligned=True)


def test_a_variety_leaves_out_what_is_unfit_and_says_so(studio, photos, tmp_path):
    (tmp_path / "text.png").write_text("no picture")
    wide = tmp_path / "wide.png"
    Image.new("RGB", (2 * SIZE, SIZE)).save(wide)
    studio.open("me", photos[0], aligned=True)
    path, left_out, _ = studio.write_variety("me", [tmp_path / "text.png", photos[0], wide, photos[1]], aligned=True)
    assert read_image(path).shape == (SIZE, 2 * SIZE, 3)
    assert len(marks.read_marks(path).recipe.inputs) == 3
    assert [line.partition(":")[0] for line in left_out] == ["text.png", "wide.png"]
    with pytest.raises(UserError, match="^wide.png: .*; nor is any of the 1 others fit$"):
        studio.write_variety("me", [wide, tmp_path / "text.png"], aligned=True)


def test_users_are_apart(studio, photos):
    studio.open("ann", photos[0], aligned=True)
    studio.open("bob", photos[1], aligned=True)
    studio.apply("ann", SetMask(MASK))
    assert (studio.store.get("bob").session.mask != MASK).any()
    files = {key: studio.write_files(key)["picture"] for key in ("ann", "bob")}
    assert files["ann"].name == "ann_edited.png" and files["bob"].name == "bob_edited.png"
    studio.store.close("ann")
    assert not files["ann"].exists() and files["bob"].exists()
    with pytest.raises(UserError, match="no photograph is open"):
        studio.draw("ann")
    studio.draw("bob")


def test_recipes_of_another_photograph_or_model(studio, editor, photos, tmp_path):
    studio.open("me", photos[0], aligned=True)
    recipe = studio.write_files("me")["recipe"]
    studio.open("you", photos[1], aligned=True)
    studio.open_source("you", photos[0], aligned=True)
    with pytest.raises(UserError, match="the recipe edits ann.png: open it in the place of bob.png"):
        studio.load_recipe("you", recipe)
    changed = tmp_path / "changed.json"
    changed.write_text(recipe.read_text().replace("0" * 64, "1" * 64))
    with pytest.raises(UserError, match="the recipe's editor is drawn"):
        studio.load_recipe("me", changed)


def test_uploads_that_are_too_large(editor, photos, tmp_path):
    studio = drawn_studio(editor, tmp_path, max_megabytes=1, max_megapixels=0.01)
    studio.open("me", photos[1], aligned=True)
    with pytest.raises(UserError, match="ann.png: 128 x 128 pixels, 0.02 megapixels; allowed: 0.01 megapixels"):
        studio.open("me", photos[0], aligned=True)
    noise = tmp_path / "noise.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (700, 700, 3)).astype(np.uint8)).save(noise)
    with pytest.raises(UserError, match="noise.png: [0-9]+ bytes; allowed: 1 MB"):
        studio.open_source("me", noise, aligned=True)


def test_a_mask_from_a_file(studio, photos, tmp_path):
    studio.open("me", photos[0], aligned=True)
    write_label(tmp_path / "mask.png", MASK)
    np.testing.assert_array_equal(studio.read_mask(tmp_path / "mask.png"), MASK)
    twice = Image.fromarray(labels.colourise(MASK)).resize((2 * SIZE, 2 * SIZE), Image.Resampling.NEAREST)
    twice.save(tmp_path / "mask.jpg", quality=75)
    found = studio.read_mask(tmp_path / "mask.jpg")
    assert (found == MASK).mean() > 0.99 and set(np.unique(found)) == set(np.unique(MASK))


def test_a_mask_without_a_face(studio, photos, tmp_path):
    """From a file, by painting and by a recipe; the mask before it stays."""
    studio.open("me", photos[0], aligned=True)
    studio.apply("me", SetMask(MASK))
    recipe = tmp_path / "recipe.json"
    document = json.loads(studio.write_files("me")["recipe"].read_text())
    bald = np.where(MASK == labels.HAIR, MASK, 0).astype(np.uint8)
    bald[0, 0] = labels.SKIN
    write_label(tmp_path / "bald.png", bald)
    document["operations"][1]["mask"] = mask_to_json(bald)
    recipe.write_text(json.dumps(document))
    for act, name in (
        (lambda: studio.apply("me", SetMask(studio.read_mask(tmp_path / "bald.png"), "bald.png")), "bald.png"),
        (lambda: studio.apply("me", SetMask(bald)), "mask"),
        (lambda: studio.load_recipe("me", recipe), "mask"),
    ):
        with pytest.raises(UserError, match=f"{name}: background .* skin 1 px, hair .*: no face, where the photograph"):
            act()
        np.testing.assert_array_equal(studio.store.get("me").session.mask, MASK)


def test_what_a_user_should_know_is_told_as_long_as_it_holds(studio, tmp_path):
    desk = studio.open("told", draw(tmp_path / "told.png", 1), aligned=True)
    assert studio.told("told") == [texts.NOT_EDITED]
    mask = desk.session.mask.copy()
    mask[mask == labels.HAIR] = labels.BACKGROUND
    studio.apply("told", SetMask(mask))
    studio.apply("told", Reshape({"hair_length": 0.5, "smile": 0.5}))
    for _ in range(2):
        assert studio.told("told") == ["hair_length: the photograph shows no hair"]
    studio.apply("told", Reshape({"smile": 0.5}))
    assert studio.told("told") == []


def test_undo_and_redo_take_the_controls_along(studio, photos):
    """Whatever was done; moves of one slider count as one."""
    with gr.Blocks() as blocks:
        page = Page(studio.limits, [])
        events = Events(page, studio, blocks)
    desk = studio.open("me", photos[0], aligned=True)
    studio.open_source("me", photos[1], aligned=True)
    names, own = list(page.amounts), desk.session.mask
    smile = [0.6 if name == "smile" else 0 for name in names]
    for amount in (0.2, 0.6):
        events.shape("me", *[amount if name == "smile" else 0 for name in names])
    shaped = desk.session.mask
    events.take("me", ["hair"], 0.5)
    events.keep("me", 0.3, 0.4)
    events.carry("me", 0.2)
    events.paint("me", {"mask": [1, SIZE * SIZE - 1, 10, 1]})
    assert (shaped != own).any() and (desk.session.mask != shaped).any()

    back = events.undo("me")
    np.testing.assert_array_equal(desk.session.mask, shaped)
    assert [back[page.amounts[name]] for name in names] == smile
    assert (back[page.components], back[page.strength], back[page.tone]) == (["hair"], 0.5, 0.3)
    assert back[page.carry] == 0.2 and events.undo("me")[page.carry] == 1
    assert events.undo("me")[page.tone] == 1 and events.undo("me")[page.components] == []
    for _ in range(2):  # there is nothing before the first
        assert not any(events.undo("me")[page.amounts[name]] for name in names)
        np.testing.assert_array_equal(desk.session.mask, own)
    events.redo("me")
    assert events.redo("me")[page.components] == ["hair"]
    events.shape("me", *[0.1] * len(names))
    assert events.redo("me")[page.components] == ["hair"] and desk.session.state.amounts["smile"] == 0.1


def test_the_page_marks_where_the_reading_is_unsure(studio, photos):
    with gr.Blocks() as blocks:
        page = Page(studio.limits, [])
        events = Events(page, studio, blocks)
    given = {"path": str(photos[0]), "meta": {"_type": "gradio.FileData"}}
    seen = events.open("me", given, True, None)[page.painter]
    portrait = studio.store.get("me").session.portrait
    unsure = studio.editor.parser.confidence(portrait.image) < painter.UNSURE
    assert unsure.any()
    np.testing.assert_array_equal(from_runs(seen["unsure"], SIZE), unsure)
    np.testing.assert_array_equal(from_runs(seen["original"], SIZE), portrait.mask)
    assert set(events.mirror("me")[page.painter]) == {"mask"}


def test_what_is_carried_has_a_control_where_something_can_be(studio, photos):
    with gr.Blocks() as blocks:
        page, without = Page(studio.limits, []), Page(studio.limits, [], carries=False)
        events = Events(page, studio, blocks)
    assert page.carry.value == 1 and page.carry.visible and not without.carry.visible
    desk = studio.open("me", photos[0], aligned=True)
    for amount in (0.5, 0.25):  # moves of one slider count as one
        events.carry("me", amount)
    assert desk.session.state.carry == 0.25
    assert events.undo("me")[page.carry] == 1
