"""What users do, without a browser: edits, files, recipes, limits, and that two users are apart."""

from __future__ import annotations

import dataclasses
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
from mgpe_tf.webapp import painter, quick, texts
from mgpe_tf.webapp.api import Api
from mgpe_tf.webapp.events import Events, picked
from mgpe_tf.webapp.page import Page
from mgpe_tf.webapp.painting import from_runs
from mgpe_tf.webapp.studio import Unreadable

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
    np.testing.assert_array_equal(studio.choose_face("me", 2).session.mask, MASK)
    with pytest.raises(UserError, match="face: 3; allowed.*: 1, 2"):
        studio.choose_face("me", 3)
    with pytest.raises(UserError, match="face: 5; allowed for both.png: 1, 2"):
        studio.open("me", photo, face=5)


def test_edits_of_each_face_are_kept(tmp_path):
    """With their steps, and whatever the recipe that opened one calls it; the page says what its picture shows."""
    (tmp_path / "private").mkdir()
    studio = drawn_studio(drawn_editor(TwoFaces()), tmp_path / "private")
    page, events = on_the_page(studio)
    desk = studio.open("me", draw(tmp_path / "both.png", 3, 6 * SIZE))
    edited = studio.apply("me", SetMask(MASK)).session
    recipe = tmp_path / "recipe.json"
    document = json.loads(studio.write_files("me")["recipe"].read_text())
    document["operations"][0]["target"]["face"] = "largest"
    recipe.write_text(json.dumps(document))
    seen = events.choose_face("me", "1")
    assert "What you did to face 2 is kept" in seen[page.face_hint]
    assert [each["pressed"] for each in seen[page.face]["tiles"]] == [True, False]
    seen = events.choose_face("me", "2")
    assert desk.session is edited and desk.session.can_undo
    assert seen[page.face_hint] == "2 faces: number 2 from the left is taken. Choose another one here."
    own = studio.choose_face("me", 1).session
    seen = events.load_recipe("me", str(recipe))
    assert [each["pressed"] for each in seen[page.face]["tiles"]] == [False, True]
    assert (desk.session.portrait.face, desk.others) == ("largest", {1: own})


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

    seen = events.open("me", given, False)
    told = "2 faces: number 2 from the left is taken. Choose another one here."
    faces = [(each["label"], each["pressed"]) for each in seen[page.face]["tiles"]]
    assert seen[page.face_hint] == told and faces == [("Face 1", False), ("Face 2", True)]
    assert set(seen[page.face]["pictures"]) == {"1", "2"} and not seen[page.source_face]["tiles"]
    seen = events.open_source("me", {**given, "path": str(bob)}, False)
    assert seen[page.source_hint] == told and len(seen[page.source_face]["tiles"]) == 2
    events.choose_face("me", "1")
    events.choose_source_face("me", "1")
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


def test_uploads_that_are_too_small(tmp_path, photos):
    """They say so, unless they are aligned portraits already, which need not hold a face that is found."""
    (tmp_path / "private").mkdir()
    studio = drawn_studio(drawn_editor(TwoFaces()), tmp_path / "private")
    small = draw(tmp_path / "small.png", 0, 20)
    for act in (studio.open, studio.open_source):
        with pytest.raises(UserError, match="^small.png: only 20 x 20 pixels; use a larger photograph$"):
            act("me", small)
        studio.open("me", small, aligned=True)


def test_a_file_that_is_no_photograph_is_not_kept(studio, photos, tmp_path):
    """One without a face is: it may be an aligned portrait."""
    (tmp_path / "text.jpg").write_text("no picture")
    studio.open("me", photos[0], aligned=True)
    for act in (studio.open, studio.open_source):
        with pytest.raises(Unreadable, match="text.jpg: not an image"):
            act("me", tmp_path / "text.jpg")


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


def on_the_page(studio, **options):
    """A page over a studio, and what happens on it."""
    with gr.Blocks() as blocks:
        page = Page(studio.limits, [], **options)
        return page, Events(page, studio, blocks)


def test_undo_and_redo_take_the_controls_along(studio, photos):
    """Whatever was done; moves of one slider count as one, and those of another as another."""
    page, events = on_the_page(studio)
    desk = studio.open("me", photos[0], aligned=True)
    studio.open_source("me", photos[1], aligned=True)
    own = desk.session.mask
    for amount in (20, 60):
        events.shape("smile", "me", amount)
    shaped = desk.session.mask
    events.shape("eye_size", "me", 50)
    events.take("me", ["hair"], 50)
    events.keep_tone("me", 30)
    events.carry("me", 20)
    events.paint("me", {"mask": [1, SIZE * SIZE - 1, 10, 1]})
    assert (shaped != own).any() and (desk.session.mask != shaped).any()

    back = events.undo("me")
    assert (back[page.amounts["smile"]], back[page.amounts["eye_size"]]) == (60, 50)
    assert (back[page.components], back[page.strength], back[page.tone]) == (["hair"], 50, 30)
    assert back[page.carry] == 20 and events.undo("me")[page.carry] == 100
    assert events.undo("me")[page.tone] == 100 and events.undo("me")[page.components] == []
    back = events.undo("me")
    assert (back[page.amounts["smile"]], back[page.amounts["eye_size"]]) == (60, 0)
    np.testing.assert_array_equal(desk.session.mask, shaped)
    for _ in range(2):  # there is nothing before the first
        assert not any(events.undo("me")[slider] for slider in page.amounts.values())
        np.testing.assert_array_equal(desk.session.mask, own)
    for _ in range(3):
        forth = events.redo("me")
    assert forth[page.components] == ["hair"]
    back = events.reset("me")
    assert back[page.components] == [] and not any(back[slider] for slider in page.amounts.values())
    np.testing.assert_array_equal(desk.session.mask, own)
    assert events.undo("me")[page.components] == ["hair"]
    events.shape("smile", "me", 10)
    assert events.redo("me")[page.components] == ["hair"] and desk.session.state.amounts["smile"] == 0.1


def test_edits_by_one_click_are_made_and_taken_back(studio, photos):
    """Each is one step, and says whether it is on."""
    page, events = on_the_page(studio)
    desk = studio.open("me", photos[0], aligned=True)
    studio.open_source("me", photos[1], aligned=True)
    studio.apply("me", SetMask(MASK))
    instead = ("beard", "hair_colour_from")  # in whose place a swapped face and a haircut come
    together = [name for name in quick.LABELS if name not in instead]
    for name in together:
        events.click("me", name, 100)
        assert quick.is_on(name, desk.session.state), name
    state = desk.session.state
    assert set(state.taken) == {"hair", "skin", "mouth", "left_eye", "right_eye"} and state.dyed
    on = {each["name"]: each["pressed"] for each in events._drawing("me", "face", "feather")[page.edits]["tiles"]}
    assert on == {name: name in together for name in quick.LABELS}
    for name in together:
        events.click("me", name, 100)
        assert not quick.is_on(name, desk.session.state), name
    assert not desk.session.state.taken and desk.session.state.dyed is None
    for _ in together:
        events.undo("me")
    assert desk.session.state is state


def test_a_beard_by_one_click(studio, photos):
    """It and a swapped face take each other's place; the tick boxes and the strength follow."""
    page, events = on_the_page(studio)
    desk = studio.open("me", photos[0], aligned=True)
    studio.open_source("me", photos[1], aligned=True)
    desk.source = dataclasses.replace(desk.source, mask=MASK)
    studio.apply("me", SetMask(MASK))
    names = list(quick.LABELS)
    assert names.index("haircut") + 1 == names.index("beard") == names.index("swap_face") - 1
    seen = events.click("me", "beard", 60)
    assert desk.session.state.taken["skin"].part == "beard" and seen[page.components] == ["beard"]
    assert seen[page.strength] == 60
    assert events.take("me", ["beard"], 80)[page.components] == ["beard"]
    assert desk.session.state.has_beard and desk.session.state.taken["skin"].strength == 0.8
    events.click("me", "swap_face", 100)
    shown = events._drawing("me", "face", "feather")
    assert [each["name"] for each in shown[page.parts]["tiles"] if each["pressed"]] == ["swap_face"]
    assert events.click("me", "beard", 100)[page.components] == ["beard"]
    assert set(desk.session.state.taken) == {"skin"} and not quick.is_on("swap_face", desk.session.state)
    assert events.take("me", ["beard", "skin"], 100)[page.components] == ["skin"]
    events.undo("me")
    assert desk.session.state.has_beard
    events.click("me", "beard", 100)
    assert not desk.session.state.taken
    events.undo("me")
    assert desk.session.state.has_beard
    desk.source = dataclasses.replace(desk.source, mask=np.where(MASK == labels.SKIN, 0, MASK).astype(np.uint8))
    assert quick.reason("beard", desk.session.state, desk.source) == "no chin seen there"


def test_an_edit_that_needs_a_second_photograph_waits_for_it(studio, photos):
    page, events = on_the_page(studio)
    desk = studio.open("me", photos[0], aligned=True)
    studio.apply("me", SetMask(MASK))
    asked = events.click("me", "swap_face", 100)
    assert asked[page.panel] == "combine" and "photograph of the face" in asked[page.wish]
    assert not desk.session.state.taken
    given = {"path": str(photos[1]), "meta": {"_type": "gradio.FileData"}}
    assert events.open_source("me", given, True)[page.wish] == ""
    assert "skin" in desk.session.state.taken
    events.undo("me")
    studio.open_source("me", photos[2], aligned=True)
    assert not desk.session.state.taken  # what was asked for once is done once


def test_what_cannot_be_done_is_disabled_and_says_why(studio, photos):
    page, events = on_the_page(studio)
    desk = studio.open("me", photos[0], aligned=True)
    bald = np.where(MASK == labels.HAIR, 0, MASK).astype(np.uint8)
    desk.session = studio._begun(dataclasses.replace(desk.session.portrait, mask=bald))
    shown = events._drawing("me", "face", "feather")
    why = {each["name"]: each["reason"] for each in shown[page.edits]["tiles"]}
    gone = {"shorter_hair", "fuller_hair", "hair_colour", "hair_colour_from"}
    assert {name for name, reason in why.items() if reason == "no hair seen"} == gone
    assert not any(why[name] for name in why if name not in gone)
    reasons = {each["name"]: each["reason"] for each in shown[page.parts]["tiles"]}
    assert reasons == {**dict.fromkeys(quick.FROM_ANOTHER, texts.NEEDS_SECOND), "hair_colour_from": "no hair seen"}
    assert not shown[page.undo]["interactive"] and not shown[page.reset]["interactive"]


def test_an_edit_that_is_refused_is_not_on(studio, photos):
    """Eyes behind dark glasses stay as they are wherever their slider stands; what was taken can be put back."""
    page, events = on_the_page(studio)
    desk = studio.open("me", photos[0], aligned=True)
    hidden = np.where(np.isin(MASK, (labels.LEFT_EYE, labels.RIGHT_EYE)), labels.SKIN, MASK).astype(np.uint8)
    desk.session = studio._begun(dataclasses.replace(desk.session.portrait, mask=hidden))
    events.shape("eye_size", "me", 100)
    shown = events._drawing("me", "face", "feather")
    (tile,) = [each for each in shown[page.edits]["tiles"] if each["name"] == "bigger_eyes"]
    assert (tile["pressed"], tile["reason"]) == (False, "no eyes seen")
    assert shown[page.said] == f"Eyes: the photograph shows no eyes\n\n{texts.UNCHANGED}"
    studio.open_source("me", photos[1], aligned=True)
    events.click("me", "hair_colour_from", 100)
    desk.source = None
    tiles = events._drawing("me", "face", "feather")[page.parts]["tiles"]
    assert [each["name"] for each in tiles if not each["reason"]] == ["hair_colour_from"]


def test_a_hair_colour_from_another_by_one_click(studio, photos):
    """The own hair keeps its shape; of a haircut it is a part."""
    page, events = on_the_page(studio)
    desk = studio.open("me", photos[0], aligned=True)
    desk.session = studio._begun(dataclasses.replace(desk.session.portrait, mask=MASK))
    studio.open_source("me", photos[1], aligned=True)

    def tile():
        tiles = events._drawing("me", "face", "feather")[page.parts]["tiles"]
        return next((each["pressed"], each["reason"]) for each in tiles if each["name"] == "hair_colour_from")

    assert events.click("me", "hair_colour_from", 60)[page.components] == ["hair"]
    assert tile() == (True, "") and desk.session.state.taken["hair"].strength == 0.6
    assert not quick.is_on("haircut", desk.session.state)
    np.testing.assert_array_equal(desk.session.mask, MASK)
    events.click("me", "haircut", 100)
    assert tile() == (False, "comes with the haircut") and quick.is_on("haircut", desk.session.state)
    events.undo("me")
    events.click("me", "hair_colour_from", 100)
    assert tile() == (False, "") and not desk.session.state.taken


def test_a_closed_mouth_is_closed_already(studio, photos):
    page, events = on_the_page(studio)
    desk = studio.open("me", photos[0], aligned=True)
    closed = np.where(MASK == labels.INNER_MOUTH, labels.UPPER_LIP, MASK).astype(np.uint8)
    desk.session = studio._begun(dataclasses.replace(desk.session.portrait, mask=closed))
    events.shape("open_mouth", "me", -100)
    said = events._drawing("me", "face", "feather")[page.said]
    assert texts.NOT_EDITED not in said and said.endswith("Open mouth: the mouth is closed already")


def test_what_is_open_is_gone_when_it_is_deleted(studio, photos):
    page, events = on_the_page(studio)
    given = {"path": str(photos[0]), "meta": {"_type": "gradio.FileData"}}
    assert events.open("me", given, True)[page.panel] == "edits"
    seen = events.forget("me")
    assert "me" not in studio.store and seen[page.start_said] == "Your photographs are deleted."
    for part in (page.edits, page.parts, page.face, page.source_face):
        assert seen[part] == {"tiles": []}
    assert seen[page.result] is seen[page.painter] is seen[page.photo] is seen[page.source] is None
    events.open("me", given, True)
    assert events.start("me")[page.start_said] == ""


def test_thumbnails_show_this_face(studio, photos):
    page, events = on_the_page(studio)
    desk = studio.open("me", photos[0], aligned=True)
    studio.apply("me", SetMask(MASK))
    assert events.thumbnails("nobody", quick.LABELS) == {}
    shown = events.thumbnails("me", quick.LABELS)
    assert set(shown[page.edits]["pictures"]) == set(quick.LABELS) - set(quick.FROM_ANOTHER)
    assert shown[page.parts]["pictures"] == {}
    before = dict(desk.thumbnails)
    studio.open_source("me", photos[1], aligned=True)
    shown = events.thumbnails("me", quick.FROM_ANOTHER)
    assert set(shown[page.edits]["pictures"]) > set(before) and "swap_face" in shown[page.parts]["pictures"]
    assert all(desk.thumbnails[name] is picture for name, picture in before.items())
    assert desk.session.state.taken == {}


def test_thumbnails_of_a_face_that_is_not_open_any_more_are_not_shown(tmp_path, monkeypatch):
    (tmp_path / "private").mkdir()
    studio = drawn_studio(drawn_editor(TwoFaces()), tmp_path / "private")
    _, events = on_the_page(studio)
    studio.open("me", draw(tmp_path / "both.png", 3, 6 * SIZE))
    drawing = quick.thumbnails

    def slowly(*arguments):
        for number, each in enumerate(drawing(*arguments)):
            yield each
            if number == 1:
                studio._lock.release()  # which another request then gets
                studio.choose_face("me", 1)
                studio._lock.acquire()

    monkeypatch.setattr(quick, "thumbnails", slowly)
    assert events.thumbnails("me", quick.LABELS) == {}


def test_hair_is_dyed_by_swatches_and_by_any_colour(studio, photos):
    page, events = on_the_page(studio)
    desk = studio.open("me", photos[0], aligned=True)
    studio.apply("me", SetMask(MASK))
    events.dye("me", "#1c1613", 100)
    events.dye("me", "rgba(12.4, 200, 3, 1)", 50)
    assert desk.session.state.dyed.colour == (12, 200, 3)
    for amount in (80, 40):
        events.dye_strongly("me", amount)
    assert desk.session.state.dyed.strength == 0.4
    swatches = events._drawing("me", "face", "feather")[page.swatches]["tiles"]
    assert not any(each["pressed"] for each in swatches)
    assert events.undo("me")[page.dye_strength] == 100
    events.dye("me", "", 100)
    assert desk.session.state.dyed is None
    with pytest.raises(UserError, match="allowed: a colour as #rrggbb"):
        events.dye("me", "mauve", 100)


def test_names_of_tiles_are_checked():
    for data in (None, "smile", {}, {"name": 1}, {"name": "../smile"}, {"name": ["smile"]}):
        with pytest.raises(UserError, match="not there any more"):
            picked(gr.EventData(None, data), quick.LABELS)
    assert picked(gr.EventData(None, {"name": "smile"}), quick.LABELS) == "smile"
    assert picked(gr.EventData(None, {"name": "12"}), None) == "12"
    with pytest.raises(UserError):
        picked(gr.EventData(None, {"name": "-1"}), None)


def test_the_page_marks_where_the_reading_is_unsure(studio, photos):
    page, events = on_the_page(studio)
    given = {"path": str(photos[0]), "meta": {"_type": "gradio.FileData"}}
    seen = events.open("me", given, True)[page.painter]
    portrait = studio.store.get("me").session.portrait
    unsure = studio.editor.parser.confidence(portrait.image) < painter.UNSURE
    assert unsure.any()
    np.testing.assert_array_equal(from_runs(seen["unsure"], SIZE), unsure)
    np.testing.assert_array_equal(from_runs(seen["original"], SIZE), portrait.mask)
    assert set(events.mirror("me")[page.painter]) == {"mask"}


def test_what_is_carried_has_a_control_where_something_can_be(studio, photos):
    page, events = on_the_page(studio)
    without, _ = on_the_page(studio, carries=False)
    assert page.carry.value == 100 and page.carry.visible and not without.carry.visible
    desk = studio.open("me", photos[0], aligned=True)
    for amount in (50, 25):  # moves of one slider count as one
        events.carry("me", amount)
    assert desk.session.state.carry == 0.25
    assert events.undo("me")[page.carry] == 100
