"""Takes pictures of the web page in a real browser, for docs/how-to/app.md, with a public-domain photograph.

  python -m tools.page_pictures --output=docs/images

writes page.jpg (a desk-size screen after edits) and phone.jpg (a phone in the dark), and the sample that the page shows
at first into mgpe_tf/webapp/sample. Needs
pip install 'mgpe_tf[app,detect]' playwright scikit-image, and Chromium at --browser.
"""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from absl import flags

from mgpe_tf import cli
from mgpe_tf.errors import UserError

MODEL = flags.DEFINE_string("model", None, "Editor, as for python -m mgpe_tf.app.")
PARSER_MODEL = flags.DEFINE_string("parser", None, "Parser, as for python -m mgpe_tf.app.")
OUTPUT = flags.DEFINE_string("output", None, "Folder for the pictures.", required=True)
BROWSER = flags.DEFINE_string("browser", "/usr/bin/chromium", "Chromium.")
PORT = flags.DEFINE_integer("port", 7861, "Port for the page.")

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1400, "height": 1000}
"""Sizes of screens, in CSS pixels."""

PATIENCE = 120_000
"""Milliseconds that anything on the page may take: computers that take pictures may be busy."""


@contextlib.contextmanager
def served(arguments: Sequence[str], log: Path) -> Iterator[tuple[str, subprocess.Popen]]:
    """Runs ``python -m mgpe_tf.app`` while the block lasts; gives its address and process. `log` gets its stderr."""
    command = [sys.executable, "-m", "mgpe_tf.app", *arguments]
    with log.open("w") as words:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=words, text=True)
    try:
        address = re.search(r"http://\S+", process.stdout.readline())
        if address is None:
            raise UserError(f"the page did not start: {log.read_text().strip()[-500:]}")
        yield address[0], process
    finally:
        process.terminate()
        process.wait(60)
        process.stdout.close()


@contextlib.contextmanager
def chromium(path: str) -> Iterator:
    """A headless Chromium that asks nobody for anything, as Playwright's Browser."""
    from playwright.sync_api import sync_playwright

    quiet = [
        "no-sandbox",
        "disable-gpu",
        "disable-quic",
        "no-first-run",
        "disable-background-networking",
        "disable-component-update",
        "disable-sync",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[f"--{each}" for each in quiet])
        try:
            yield browser
        finally:
            browser.close()


def opened(browser, address: str, screen: dict | None, photo: Path | None = None, **options):
    """The page on a screen, None: the browser's own, with a photograph open if there is one: Playwright's Page."""
    page = browser.new_page(viewport=screen, **options) if screen else browser.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    page.locator("#examples button").first.wait_for()
    if photo:
        page.locator("#photo input[type=file]").set_input_files(photo)
        page.get_by_text("Nothing is edited yet").wait_for()
    return page


def stroke(page, *points: tuple[float, float]) -> None:
    """Paints a line through some points (x, y) of the mask, from (0, 0) to (1, 1)."""
    canvas = page.locator("#painter canvas[role=img]")
    canvas.evaluate("e => e.scrollIntoView({ block: 'end' })")  # clear of the result, which stays on top of a phone
    page.wait_for_timeout(200)
    box = canvas.bounding_box()
    for number, (x, y) in enumerate(points):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=6 if number else 1)
        if not number:
            page.mouse.down()
    page.mouse.up()


def tab(page, name: str) -> None:
    """Chooses controls."""
    page.locator("#panel label", has_text=name).click()


def click(page, tiles: str, name: str) -> None:
    """Clicks a tile."""
    tile = page.locator(f"#{tiles} button[data-name='{name}']")
    tile.evaluate("e => e.scrollIntoView({ block: 'end', inline: 'center' })")
    tile.click()


def thumbnails(page) -> None:
    """Waits until edits by one click have their pictures, and none is drawn any more."""
    page.locator("#edits button[data-name=hair_colour] img").wait_for()
    page.wait_for_timeout(1000)


def main(argv: list[str]) -> int:
    """Takes the pictures; returns the exit code."""
    from PIL import Image
    from skimage import data

    output = Path(OUTPUT.value)
    output.mkdir(parents=True, exist_ok=True)
    write_sample()
    models = [f"--{name}={flag.value}" for name, flag in (("model", MODEL), ("parser", PARSER_MODEL)) if flag.value]
    with tempfile.TemporaryDirectory() as folder:
        photo = Path(folder) / "astronaut.png"
        Image.fromarray(data.astronaut()).save(photo)
        arguments = [*models, f"--port={PORT.value}"]
        with served(arguments, Path(folder) / "log") as (address, _), chromium(BROWSER.value) as browser:
            page = opened(browser, address, DESK, photo)
            thumbnails(page)
            for name in ("hair_colour", "fuller_hair", "smile"):
                click(page, "edits", name)
                page.locator(f"#edits button[data-name={name}][aria-pressed=true]").wait_for()
            picture(page, output / "page.jpg")
            page = opened(browser, address, PHONE, photo, color_scheme="dark", device_scale_factor=1)
            thumbnails(page)
            click(page, "edits", "open_mouth")
            page.get_by_text("Done in").wait_for()
            picture(page, output / "phone.jpg")
    return 0


def write_sample() -> None:
    """Writes the edit that the page shows at first: what it makes of an example by two clicks, and the example."""
    import cv2

    from mgpe_tf.data.images import encode_jpeg, read_image
    from mgpe_tf.editing.portrait_editor import PortraitEditor
    from mgpe_tf.storage.files import write_bytes
    from mgpe_tf.webapp import EXAMPLES, SAMPLE, quick

    photo = read_image(EXAMPLES / "collins.jpg")
    session = PortraitEditor.load(MODEL.value, PARSER_MODEL.value).open(photo)
    for name in ("hair_colour", "fuller_hair"):
        session.apply(quick.switched(name, session.state, None))
    region = session.portrait.alignment.region
    for name, shown in (("before", photo), ("after", session.render())):
        small = cv2.resize(shown[region], (320, 320), interpolation=cv2.INTER_AREA)
        write_bytes(SAMPLE / f"{name}.jpg", encode_jpeg(small, 88))


def picture(page, path: Path) -> None:
    """Writes the whole page as a JPEG, once it stands still."""
    page.wait_for_timeout(2500)
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=path, quality=80)
    print(path)
    page.close()


if __name__ == "__main__":
    cli.run(main)
