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
from tools.page_pictures import DESK, PHONE, chromium, click, opened, stroke, tab, thumbnails

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
    page.get_by_text("Done in").wait_for()
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
        page.get_by_role("button", name=name).first.click()
    path = folder / found.value.suggested_filename
    found.value.save_as(path)
    return path


def slider(page, name: str):
    """The number beside a slider."""
    return page.get_by_label(re.compile(f"number input for {name}"))


def test_paint_take_and_download(browser, server, photos, tmp_path):
    page = opened(browser, server[0], DESK, photos["astronaut"])
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    tab(page, "Paint")
    before = painted(page)
    assert {labels.SKIN, labels.NOSE, labels.HAIR} <= set(before.ravel().tolist())
    page.get_by_text("hair h").click()
    stroke(page, (0.06, 0.3), (0.06, 0.5))
    assert re.search(r"Done in \d+\.\d\d s", drawn(page))
    after = painted(page)
    assert (after != before).any() and set(after[after != before].tolist()) == {labels.HAIR}
    page.screenshot(path=SCREENSHOTS / "painted.png", full_page=True)

    tab(page, "Combine")
    page.locator("#source input[type=file]").set_input_files(photos["mirrored"])
    page.locator("#source_faces button").wait_for()
    page.get_by_text("Single parts").click()
    page.get_by_role("checkbox", name="Mouth").check()
    page.wait_for_timeout(2000)
    page.screenshot(path=SCREENSHOTS / "parts.png", full_page=True)

    picture = download(page, "Download", tmp_path)
    tab(page, "More")
    page.get_by_text("Masks and recipes").click()
    page.get_by_role("button", name="Make the files").click()
    mask = download(page, "Mask, ids", tmp_path)
    recipe = download(page, "Recipe (JSON)", tmp_path)
    page.screenshot(path=SCREENSHOTS / "files.png", full_page=True)
    np.testing.assert_array_equal(read_label(mask), after)
    assert picture.name == "astronaut_edited.png" and recipe.name == "astronaut_edited.png.recipe.json"
    assert verify(picture, [photos["astronaut"], photos["mirrored"]]).ok
    changed = (read_image(picture) != data.astronaut()).any(-1)
    assert 0 < changed.mean() < 0.1 and not changed[200:].any() and not changed[:, :100].any()

    again = opened(browser, server[0], DESK, photos["astronaut"])
    tab(again, "Combine")
    again.locator("#source input[type=file]").set_input_files(photos["mirrored"])
    again.locator("#source_faces button").wait_for()
    tab(again, "More")
    again.get_by_text("Masks and recipes").click()
    again.locator("input[type=file][accept*=json]").set_input_files(recipe)
    drawn(again)
    np.testing.assert_array_equal(painted(again), after)
    assert all(url.startswith((server[0], "data:", "blob:")) for url in requests)
    for each in (page, again):
        each.close()


def test_clicks_sliders_undo_and_keys(browser, server, photos):
    page = opened(browser, server[0], DESK, photos["astronaut"])
    original = painted(page)
    thumbnails(page)
    page.screenshot(path=SCREENSHOTS / "thumbnails.png", full_page=True)
    click(page, "edits", "bigger_eyes")
    drawn(page)
    larger = painted(page)
    assert (larger == labels.LEFT_EYE).sum() > (original == labels.LEFT_EYE).sum()
    assert slider(page, "Eyes").input_value() == "60" and not slider(page, "Smile").count()
    slider(page, "Eyes").fill("20")
    page.wait_for_timeout(1500)
    assert (painted(page) == labels.LEFT_EYE).sum() < (larger == labels.LEFT_EYE).sum()
    page.evaluate("document.activeElement.blur()")  # where something is written the key undoes what was written
    page.keyboard.press("Control+z")
    page.wait_for_timeout(1500)
    np.testing.assert_array_equal(painted(page), larger)
    page.get_by_role("button", name="Reset everything").click()
    page.get_by_text("Nothing is edited yet").wait_for()
    np.testing.assert_array_equal(painted(page), original)
    page.get_by_role("button", name="Undo").click()
    drawn(page)
    assert slider(page, "Eyes").input_value() == "60"

    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Nothing is edited yet").wait_for()
    tab(page, "Paint")
    page.locator("#painter canvas[role=img]").focus()
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


def test_the_original_shows_while_the_picture_is_pressed(browser, server, photos):
    page = opened(browser, server[0], DESK, photos["astronaut"])
    click(page, "edits", "hair_colour")
    drawn(page)
    original = page.locator("#viewer .original")

    def seen() -> bool:
        return original.evaluate("e => getComputedStyle(e).visibility") == "visible"

    assert not seen() and page.locator("#viewer .result").evaluate("e => e.src") != original.evaluate("e => e.src")
    page.locator("#viewer .picture").hover()
    page.mouse.down()
    assert seen()
    page.screenshot(path=SCREENSHOTS / "original.png")
    page.mouse.up()
    assert not seen()
    page.keyboard.down("o")
    assert seen()
    page.keyboard.up("o")
    page.get_by_label("Split", exact=True).check()
    assert seen() and "50%" in original.evaluate("e => e.style.clipPath")
    page.screenshot(path=SCREENSHOTS / "split.png")
    page.close()


def test_a_result_is_copied(browser, server, photos):
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = opened(context, server[0], None, photos["astronaut"])
    click(page, "edits", "hair_colour")
    drawn(page)
    page.get_by_role("button", name="Copy").click()
    page.get_by_text("Copied").wait_for()
    size = page.evaluate(
        "navigator.clipboard.read().then(([item]) => item.getType('image/png')).then(createImageBitmap)"
        ".then(picture => [picture.width, picture.height])"
    )
    assert size == [512, 512]
    context.close()


def test_a_slow_link(browser, server, photos):
    """What is asked for while the answer to something else is under way is answered, too."""
    page = opened(browser, server[0], DESK, photos["astronaut"])
    thumbnails(page)
    link = page.context.new_cdp_session(page)
    link.send("Network.enable")
    slow = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 25_000}
    link.send("Network.emulateNetworkConditions", slow)
    click(page, "edits", "hair_colour")
    page.wait_for_timeout(1500)  # drawn and sent, not yet here
    page.get_by_label("Show all sliders").check()
    slider(page, "Brows").wait_for()
    page.close()


def test_examples_faces_and_variety(browser, server, photos):
    page = opened(browser, server[0], DESK)
    page.get_by_role("button", name="Hopper").first.click()
    page.get_by_text("Nothing is edited yet").wait_for()
    example = painted(page)
    page.get_by_role("button", name="Other photo").click()
    page.locator("#photo input[type=file]").set_input_files(photos["two"])
    page.locator("#faces button[data-name='2'][aria-pressed=true]").wait_for()
    largest = painted(page)
    click(page, "edits", "slimmer")
    drawn(page)
    edited = painted(page)
    click(page, "faces", "1")
    page.get_by_text("What you did to face 2 is kept").wait_for()
    page.screenshot(path=SCREENSHOTS / "faces.png", full_page=True)
    assert (largest != example).mean() < 0.05  # the same face; the detector sees it among other things
    assert (largest != painted(page)).mean() > 0.05
    click(page, "faces", "2")
    drawn(page)
    np.testing.assert_array_equal(painted(page), edited)
    click(page, "faces", "1")
    page.get_by_text("Nothing is edited yet").wait_for()

    click(page, "edits", "swap_face")
    page.get_by_text("Open a photograph of the face that you want").wait_for()
    page.screenshot(path=SCREENSHOTS / "wish.png", full_page=True)
    click(page, "source_examples", "hopper")
    drawn(page)
    assert page.locator("#parts button[data-name=haircut]:not([aria-disabled])").is_visible()  # with the cap
    page.screenshot(path=SCREENSHOTS / "swapped.png", full_page=True)
    tab(page, "More")
    page.get_by_text("Several people at once").click()
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
    assert not page.locator("#studio").is_visible()
    page.screenshot(path=SCREENSHOTS / "no_face.png", full_page=True)
    page.get_by_label("Remove Image").click()
    page.locator("#photo input[type=file]").set_input_files(photos["text"])
    page.get_by_text("text.png: not an image").wait_for()
    page.locator("#photo input[type=file]").set_input_files(photos["astronaut"])
    page.get_by_text("Nothing is edited yet").wait_for()
    tab(page, "Combine")
    page.locator("#source input[type=file]").set_input_files(photos["sky"])
    page.get_by_text("sky.png: no face was found").wait_for()
    page.screenshot(path=SCREENSHOTS / "no_second_face.png", full_page=True)
    page.close()


def test_photographs_are_deleted_when_asked_for(browser, server, photos):
    page = opened(browser, server[0], DESK, photos["astronaut"])
    tab(page, "More")
    page.get_by_role("button", name="Delete my photographs now").click()
    page.get_by_text("Your photographs are deleted").wait_for()
    assert not page.locator("#studio").is_visible() and not page.get_by_text("Back to my edits").is_visible()
    page.close()


def test_what_is_done_is_said_at_once_and_not_lost(browser, server, photos):
    page = opened(browser, server[0], DESK)
    asked, doing = [], page.locator(".doing[data-doing]:visible").first
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    link = page.context.new_cdp_session(page)
    link.send("Network.enable")

    def wait(latency: int) -> None:
        speed = {"offline": False, "latency": latency, "downloadThroughput": -1, "uploadThroughput": -1}
        link.send("Network.emulateNetworkConditions", speed)

    wait(2000)
    page.get_by_role("button", name="Collins").first.click()
    assert doing.get_attribute("data-doing", timeout=1000) == "Opening the photograph…"
    page.get_by_text("Nothing is edited yet").wait_for()
    tile = page.locator("#edits button[data-name=smile]")
    tile.click()
    assert (
        tile.get_attribute("aria-pressed") == "true" and doing.get_attribute("data-doing", timeout=1000) == "Drawing…"
    )
    drawn(page)
    assert not doing.count()
    click(page, "edits", "swap_face")  # which is not on before there is a second photograph
    page.get_by_text("Open a photograph of the face that you want").wait_for()
    tab(page, "Edits")
    page.locator("#edits button[data-name=swap_face][aria-pressed=false]").wait_for()
    wait(0)
    page.reload()
    assert asked == ["beforeunload"]
    page.locator("#examples button").first.wait_for()
    page.reload()
    assert asked == ["beforeunload"]
    page.close()


def test_a_phone_in_the_dark(browser, server, photos):
    page = opened(browser, server[0], PHONE, photos["astronaut"], color_scheme="dark", has_touch=True, is_mobile=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    for name in ("Edits", "Combine", "Paint", "More"):
        tab(page, name)
        low = page.evaluate(
            "[...document.querySelectorAll('#studio button, #studio input[type=range], #panel label')]"
            ".filter(e => e.offsetParent && e.offsetHeight < 44).map(e => e.outerHTML.slice(0, 120))"
        )
        assert low == []
    assert not page.locator("#studio kbd:visible").count()
    tab(page, "Paint")
    page.evaluate("scrollTo(0, 500)")
    page.wait_for_timeout(300)
    assert page.locator("#viewer").bounding_box()["y"] >= 0  # the result stays in sight
    touch = page.context.new_cdp_session(page)
    canvas = page.locator("#painter canvas[role=img]")
    canvas.evaluate("e => e.scrollIntoView({ block: 'end' })")
    page.wait_for_timeout(300)
    box = canvas.bounding_box()
    for kind, share in (("touchStart", 0.2), ("touchMove", 0.3), ("touchMove", 0.4), ("touchEnd", None)):
        place = {"x": box["x"] + 0.1 * box["width"], "y": box["y"] + (share or 0) * box["height"]}
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [place] if share else []})
    drawn(page)
    page.screenshot(path=SCREENSHOTS / "phone.png", full_page=True)
    page.close()


def test_everything_has_a_name(browser, server, photos):
    """Screen readers have something to read for each control."""
    page = opened(browser, server[0], DESK)
    assert page.get_by_role("button", name="Collins").count() == 1
    page.locator("#photo input[type=file]").set_input_files(photos["astronaut"])
    page.get_by_text("Nothing is edited yet").wait_for()
    for part in ("painter", "viewer", "edits"):
        nameless = page.locator(f"#{part}").evaluate(
            "e => [...e.querySelectorAll('input, button, canvas:not([aria-hidden])')]"
            ".filter(c => !c.closest('label')?.textContent.trim() && !c.ariaLabel && !c.textContent.trim())"
            ".map(c => c.outerHTML)"
        )
        assert nameless == []
    assert page.get_by_role("button", name="Smile", pressed=False).count() == 1
    tab(page, "Paint")
    for role, name in (("radio", "left eye 4"), ("slider", "Brush size"), ("checkbox", "Both sides")):
        assert page.get_by_role(role, name=name).count() == 1
    page.close()


def test_leaving_the_page_ends_the_session(browser, server, photos):
    """More pages than sessions, one after the other."""
    for _ in range(MAX_SESSIONS + 1):
        opened(browser, server[0], DESK, photos["astronaut"]).close()
