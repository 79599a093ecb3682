"""A user with a browser: opens a photograph, paints, takes an appearance, downloads."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from mgpe_tf import labels
from mgpe_tf.data.images import read_image, read_label
from mgpe_tf.provenance.verification import verify
from mgpe_tf.webapp import EXAMPLES
from tools.page_pictures import DESK, PHONE, chromium, opened, stroke, tab

MAX_SESSIONS = 10
"""Those of the server."""

SCREENSHOTS = Path(os.environ.get("MGPE_TF_SCREENSHOTS", "build/browser"))
"""Where pictures of the page are left, to be looked at."""


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    astronaut, sky = data.astronaut(), np.full((200, 300, 3), 120, np.uint8)
    pictures = {
        "astronaut.png": astronaut,
        "mirrored.jpg": astronaut[:, ::-1],
        "sky.png": sky,
        "two.png": np.hstack([astronaut, np.asarray(Image.open(EXAMPLES / "hopper.jpg"))[:512]]),
    }
    for name, picture in pictures.items():
        Image.fromarray(picture).save(folder / name)
    (folder / "text.png").write_text("no picture")
    return {Path(name).stem: folder / name for name in pictures} | {"text": folder / "text.png"}


@pytest.fixture(scope="module")
def browser():
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with chromium(os.environ["MGPE_TF_BROWSER"]) as started:
        yield started


def drawn(page) -> str:
    """Waits until an edit is drawn; gives what the page says of it."""
    page.get_by_text("Drawn in").wait_for()
    return page.locator("#said").inner_text()


def painted(page) -> np.ndarray:
    """The classes that the canvas shows, uint8 [R, R]."""
    colours = page.locator("#painter canvas[role=img]").evaluate(
        "c => ({ size: c.width, data: [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data] })"
    )
    pixels = np.array(colours["data"], np.uint8).reshape(colours["size"], colours["size"], 4)
    return (pixels[:, :, None, :3] == labels.PALETTE).all(-1).argmax(-1).astype(np.uint8)


def download(page, name: str, folder: Path) -> Path:
    with page.expect_download() as found:
        page.get_by_role("button", name=name).click()
    path = folder / found.value.suggested_filename
    found.value.save_as(path)
    return path


def test_paint_take_and_download(browser, server, photos, tmp_path):
    page = opened(browser, server[0], DESK, photos["astronaut"])
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    before = painted(page)
    assert {labels.SKIN, labels.NOSE, labels.HAIR} <= set(before.ravel().tolist())
    page.get_by_text("hair h").click()
    stroke(page, (0.06, 0.3), (0.06, 0.5))
    assert re.search(r"Drawn in \d+\.\d\d s", drawn(page))
    after = painted(page)
    assert (after != before).any() and set(after[after != before].tolist()) == {labels.HAIR}
    page.screenshot(path=SCREENSHOTS / "painted.png", full_page=True)

    tab(page, "Appearance")
    page.locator("#source input[type=file]").set_input_files(photos["mirrored"])
    page.wait_for_timeout(3000)
    page.get_by_role("checkbox", name="Mouth").check()
    page.wait_for_timeout(2000)
    page.screenshot(path=SCREENSHOTS / "appearance.png", full_page=True)

    tab(page, "Files")
    page.get_by_role("button", name="Make the files").click()
    picture = download(page, "Picture, full size", tmp_path)
    mask = download(page, "Mask, ids", tmp_path)
    recipe = download(page, "Recipe (JSON)", tmp_path)
    page.screenshot(path=SCREENSHOTS / "files.png", full_page=True)
    np.testing.assert_array_equal(read_label(mask), after)
    assert picture.name == "astronaut_edited.png" and recipe.name == "astronaut_edited.png.recipe.json"
    assert verify(picture, [photos["astronaut"], photos["mirrored"]]).ok
    changed = (read_image(picture) != data.astronaut()).any(-1)
    assert 0 < changed.mean() < 0.1 and not changed[200:].any() and not changed[:, :100].any()

    again = opened(browser, server[0], DESK, photos["astronaut"])
    tab(again, "Appearance")
    again.locator("#source input[type=file]").set_input_files(photos["mirrored"])
    again.wait_for_timeout(3000)
    tab(again, "Files")
    again.locator("input[type=file][accept*=json]").set_input_files(recipe)
    drawn(again)
    np.testing.assert_array_equal(painted(again), after)
    assert all(url.startswith((server[0], "data:", "blob:")) for url in requests)
    for each in (page, again):
        each.close()


def test_sliders_undo_and_keys(browser, server, photos):
    page = opened(browser, server[0], DESK, photos["astronaut"])
    original = painted(page)
    tab(page, "Shape")
    page.get_by_label(re.compile("number input for Eyes")).fill("0.8")
    drawn(page)
    page.screenshot(path=SCREENSHOTS / "shape.png", full_page=True)
    larger = painted(page)
    assert (larger == labels.LEFT_EYE).sum() > (original == labels.LEFT_EYE).sum()
    page.locator("#painter canvas[role=img]").focus()
    page.keyboard.press("z")
    page.get_by_text("Nothing is edited yet").wait_for()
    np.testing.assert_array_equal(painted(page), original)
    page.keyboard.press("y")
    drawn(page)
    np.testing.assert_array_equal(painted(page), larger)
    page.keyboard.press("z")
    page.get_by_text("Nothing is edited yet").wait_for()
    for key in ("f", "7"):  # fill, upper lip; the brush stands in the middle: on the nose
        page.keyboard.press(key)
    page.keyboard.press("Space")
    drawn(page)
    filled = painted(page)
    assert set(original[filled != original].tolist()) == {labels.NOSE}
    assert set(filled[filled != original].tolist()) == {labels.UPPER_LIP}
    page.keyboard.press("e")
    stroke(page, (0.3, 0.5), (0.7, 0.5))
    page.wait_for_timeout(500)
    middle = painted(page)[len(original) // 2]
    np.testing.assert_array_equal(middle, original[len(original) // 2])  # the eraser gives back what was read
    page.close()


def test_examples_faces_and_variety(browser, server, photos):
    page = opened(browser, server[0], DESK)
    page.locator("#panel .gallery-item:visible").nth(1).click()
    page.get_by_text("Nothing is edited yet").wait_for()
    example = painted(page)
    page.get_by_label("Remove Image").click()
    page.locator("#photo input[type=file]").set_input_files(photos["two"])
    page.get_by_test_id("1-radio-label").wait_for()
    largest = painted(page)
    page.get_by_test_id("1-radio-label").click()
    page.wait_for_timeout(3000)
    page.screenshot(path=SCREENSHOTS / "faces.png", full_page=True)
    assert (largest != example).mean() < 0.05  # the same face; the detector sees it among other things
    assert (largest != painted(page)).mean() > 0.05

    tab(page, "Appearance")
    page.locator("#panel .gallery-item:visible").nth(0).click()
    page.wait_for_timeout(3000)
    page.get_by_role("button", name="Swap the face").click()
    drawn(page)
    page.screenshot(path=SCREENSHOTS / "swapped.png", full_page=True)
    tab(page, "Variety")
    page.get_by_role("button", name="Draw them").click()
    page.get_by_text("0 photographs; allowed: 1 to 16").wait_for()
    page.locator("#several input[type=file]").set_input_files([photos["astronaut"], photos["mirrored"]])
    page.wait_for_timeout(1000)
    page.get_by_role("button", name="Draw them").click()
    page.locator("#side_by_side img").wait_for()
    page.screenshot(path=SCREENSHOTS / "variety.png", full_page=True)
    page.close()


def test_what_cannot_be_opened_is_said(browser, server, photos):
    page = opened(browser, server[0], DESK)
    page.screenshot(path=SCREENSHOTS / "empty.png", full_page=True)
    page.locator("#photo input[type=file]").set_input_files(photos["sky"])
    page.get_by_text("sky.png: no face was found").wait_for()
    assert page.get_by_text("Open a photograph: its mask appears here").is_visible()
    page.screenshot(path=SCREENSHOTS / "no_face.png", full_page=True)
    page.get_by_label("Remove Image").click()
    page.get_by_text("sky.png: no face was found").wait_for(state="hidden")
    page.locator("#photo input[type=file]").set_input_files(photos["text"])
    page.get_by_text("text.png: not an image").wait_for()
    page.close()


def test_a_phone_in_the_dark(browser, server, photos):
    page = opened(browser, server[0], PHONE, photos["astronaut"], color_scheme="dark", has_touch=True, is_mobile=True)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE["width"]
    stroke(page, (0.1, 0.2), (0.1, 0.4))
    drawn(page)
    page.screenshot(path=SCREENSHOTS / "phone.png", full_page=True)
    page.close()


def test_everything_has_a_name(browser, server, photos):
    """Screen readers have something to read for each control."""
    page = opened(browser, server[0], DESK, photos["astronaut"])
    nameless = page.locator("#painter").evaluate(
        "e => [...e.querySelectorAll('input, button, canvas')].filter(c => !c.closest('label')?.textContent.trim()"
        " && !c.ariaLabel && !c.textContent.trim()).map(c => c.outerHTML)"
    )
    assert nameless == []
    for role, name in (("radio", "left eye 4"), ("slider", "Brush size"), ("checkbox", "Both sides")):
        assert page.get_by_role(role, name=name).count() == 1
    page.close()


def test_leaving_the_page_ends_the_session(browser, server, photos):
    """More pages than sessions, one after the other."""
    for _ in range(MAX_SESSIONS + 1):
        opened(browser, server[0], DESK, photos["astronaut"]).close()
