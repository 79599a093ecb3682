"""Makes docs/how-to/gallery.md and its pictures anew: edits of the bundled photographs, each with its command.

  python -m tools.gallery                        # all of it
  python -m tools.gallery --rows=mouth,hair      # the page, and the pictures of some rows
  python -m tools.gallery --rows=                # the page alone

Every command of ``ROWS`` is run as it stands there, and the picture shows what it wrote; where it prints something else
than the table says, the tool stops. Look at the pictures: what is wrong in them is told in the table, and changes with
the editor. It takes one or two minutes. Needs pip install 'mgpe_tf[detect]'.
"""

from __future__ import annotations

import dataclasses
import shlex
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from mgpe_tf import cli
from mgpe_tf.data.grids import picture_grid
from mgpe_tf.data.images import encode_jpeg, read_image
from mgpe_tf.errors import UserError
from mgpe_tf.quiet import import_tensorflow
from mgpe_tf.storage.files import write_bytes, write_text
from mgpe_tf.webapp import EXAMPLES

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/how-to/gallery.md"
PICTURES = ROOT / "docs/images/gallery"
SIDE, QUALITY = 256, 85
"""Pixels of a cell, and the quality of the JPEG files."""

HEADS = {"collins.jpg": (105, 0, 240), "hopper.jpg": (55, 0, 420)}
"""What is shown of a photograph: left, top and side of a square."""


@dataclasses.dataclass(frozen=True)
class Edit:
    """One edit.

    Attributes:
      title: below which its picture stands.
      words: of ``mgpe edit``, without --output.
      seen: what is to be said of the picture; of a failure what is wrong.
      says: what the command prints on stderr; an error: nothing is written.
    """

    title: str
    words: str
    seen: str = ""
    says: str = ""

    @property
    def output(self) -> str:
        """The name of the file that the command writes."""
        return f"{self.title.replace(' ', '_')}.png"

    @property
    def command(self) -> str:
        """The whole command."""
        return f"mgpe edit {self.words} --output={self.output}"

    @property
    def target(self) -> str:
        """The photograph that is edited."""
        (found,) = (word.partition("=")[2] for word in shlex.split(self.words) if word.startswith("--target="))
        return found


@dataclasses.dataclass(frozen=True)
class Row:
    """Edits of one kind in one picture, with the photographs that they edit before them."""

    name: str
    title: str
    text: str
    edits: tuple[Edit, ...]


COLLINS, HOPPER = "--target=collins.jpg", "--target=hopper.jpg"
FROM_COLLINS, FROM_HOPPER = "--source=collins.jpg", "--source=hopper.jpg"

NO_TEETH = "note: open_mouth: the photograph shows no teeth, so what the open mouth shows is made up"

ROWS = (
    Row(
        "mouth",
        "Mouths",
        "Amounts go from -1 to 1. Skin, lips and teeth are the photograph's own, moved.",
        (
            Edit("smile", f"shape {COLLINS} --amounts=smile=0.8"),
            Edit("no smile", f"shape {COLLINS} --amounts=smile=-0.8", "The teeth stay."),
            Edit("open", f"shape {COLLINS} --amounts=open_mouth=0.5", "A network tells what is below the teeth."),
            Edit("closed", f"shape {COLLINS} --amounts=open_mouth=-0.8"),
            Edit("wry smile", f"shape {HOPPER} --amounts=smile=0.8", "Slight: lips alone are moved."),
            Edit("opened", f"shape {HOPPER} --amounts=open_mouth=0.6", "Teeth that a network tells.", NO_TEETH),
        ),
    ),
    Row(
        "features",
        "Eyes, brows, noses",
        "The skin around a feature follows it.",
        (
            Edit("larger eyes", f"shape {COLLINS} --amounts=eye_size=0.8"),
            Edit("smaller eyes", f"shape {COLLINS} --amounts=eye_size=-0.8"),
            Edit("raised brows", f"shape {COLLINS} --amounts=raise_brows=0.8"),
            Edit("lowered brows", f"shape {COLLINS} --amounts=raise_brows=-0.8"),
            Edit("smaller nose", f"shape {COLLINS} --amounts=nose_size=-0.8"),
            Edit(
                "brows behind glasses",
                f"shape {HOPPER} --amounts=raise_brows=0.8",
                "A failure: parts of thick rims are read as brows, and go up.",
            ),
        ),
    ),
    Row(
        "face",
        "Widths of faces",
        "Hair and neck follow the cheeks; what they leave open is inpainted.",
        (
            Edit("slimmer", f"shape {COLLINS} --amounts=face_width=-0.8"),
            Edit("wider", f"shape {COLLINS} --amounts=face_width=0.8"),
            Edit("slim", f"shape {HOPPER} --amounts=face_width=-0.8", "Cords of the flag and the collar are cut."),
            Edit("wide", f"shape {HOPPER} --amounts=face_width=0.8", "The same."),
        ),
    ),
    Row(
        "hair",
        "Shapes of hair",
        "Hair that grows continues the own strands; what it leaves open is inpainted.",
        (
            Edit("fuller", f"shape {COLLINS} --amounts=hair_volume=0.8", "A pale rim around it."),
            Edit("flatter", f"shape {COLLINS} --amounts=hair_volume=-0.8"),
            Edit("a little longer", f"shape {COLLINS} --amounts=hair_length=0.3"),
            Edit("longer", f"shape {COLLINS} --amounts=hair_length=0.8"),
            Edit("fuller and longer", f"shape {COLLINS} --amounts=hair_volume=0.6,hair_length=0.5"),
            Edit(
                "below a hat",
                f"shape {HOPPER} --amounts=hair_length=0.8",
                "A failure: brown patches beside the neck.",
            ),
        ),
    ),
    Row(
        "dye",
        "Dyed hair",
        "The own strands in another colour, without a second photograph.",
        (
            Edit("brown", f"shape {COLLINS} --dye=#4a2a1c"),
            Edit("auburn", f"shape {COLLINS} --dye=#7a2e1a"),
            Edit("black", f"shape {COLLINS} --dye=#101010"),
            Edit("blond", f"shape {COLLINS} --dye=#d8b070", "Much lighter than the own: a bright rim."),
            Edit("half blond", f"shape {COLLINS} --dye=#d8b070 --dye_strength=0.5"),
            Edit("blue", f"shape {COLLINS} --dye=#3050a0"),
            Edit("half pink", f"shape {COLLINS} --dye=#d04080 --dye_strength=0.5"),
        ),
    ),
    Row(
        "faces",
        "Another's face",
        "Moved from the other photograph, in the own skin tone. Age, light and glasses of the two differ: a hard pair.",
        (
            Edit("her face", f"swap {HOPPER} {FROM_COLLINS} --nohair", "The glasses stay on."),
            Edit("the other way", f"swap {COLLINS} {FROM_HOPPER} --nohair", "The glasses come along, and the folds."),
            Edit("shape of her nose", f"shape {HOPPER} {FROM_COLLINS} --replace=nose"),
            Edit(
                "shape of her mouth",
                f"shape {COLLINS} {FROM_HOPPER} --replace=mouth",
                "A failure: no mouth of hers, and no folds around it.",
            ),
        ),
    ),
    Row(
        "looks",
        "Another's looks",
        "`transfer` takes the appearance of a part and keeps the own shape, in the colours and the light of the other "
        "photograph.",
        (
            Edit(
                "her skin",
                f"transfer {HOPPER} {FROM_COLLINS} --component=skin",
                "Lighter than the neck, which is the own.",
            ),
            Edit("her eyes", f"transfer {COLLINS} {FROM_HOPPER} --component=eyes", "A failure: smudges for glasses."),
            Edit("her mouth", f"transfer {COLLINS} {FROM_HOPPER} --component=mouth", "A failure: red where teeth are."),
            Edit(
                "her haircut",
                f"transfer {HOPPER} {FROM_COLLINS} --component=hair --replace=hair",
                "Beneath the hat alone.",
                "note: the hat stays on: hair is changed beneath it alone",
            ),
            Edit(
                "hair below a hat",
                f"transfer {COLLINS} {FROM_HOPPER} --component=hair",
                "The colour of what shows beside the hat.",
                "note: the other photograph shows a hat: its hair is what shows beside it",
            ),
        ),
    ),
    Row(
        "generated",
        "Generated portraits",
        "Nothing is carried from the photographs: skin is smooth, and glasses become smudges.",
        (
            Edit("all generated", f"swap {COLLINS} {FROM_HOPPER} --nohair --carry=0", "Compare with the swaps above."),
            Edit(
                "five steps",
                f"interpolate {COLLINS} {FROM_HOPPER} --component=face --steps=5",
                "Aligned portraits, from the own appearance to the other's.",
            ),
        ),
    ),
    Row(
        "masks",
        "Masks",
        "What is edited, and what can be painted on.",
        (
            Edit("mask", f"crop {COLLINS}", "Shown is mask_preview.png."),
            Edit("hat and glasses", f"crop {HOPPER}", "The hat is read as background, glasses as skin."),
            Edit(
                "on the other mask",
                f"mask {COLLINS} --mask=hat_and_glasses_preview.png",
                "A failure: a mask without hair leaves a head without its top.",
            ),
        ),
    ),
)

ONLY = cli.define_names("rows", [row.name for row in ROWS], "Rows whose pictures are made.")

HEAD = """\
# A gallery

```
cp mgpe_tf/webapp/examples/*.jpg .
```

<!-- Written by python -m tools.gallery: change its table, not this page. -->

takes copies of the two bundled photographs, both in the public domain: Eileen Collins (NASA) and Grace Hopper (US
Navy). Every command below was run on them as it stands here; the pictures show the heads. What went wrong is said.
[Editing photographs](editing.md) explains the commands.
"""


def main(argv: list[str]) -> int:
    """Makes pictures and page; returns the exit code."""
    unknown = set(ONLY.value) - {row.name for row in ROWS}
    if unknown:
        raise UserError(f"--rows={','.join(sorted(unknown))}: allowed: {', '.join(row.name for row in ROWS)}")
    write_text(PAGE, page())
    if ONLY.value:
        write_pictures([row for row in ROWS if row.name in ONLY.value])
    return 0


def write_pictures(rows: Sequence[Row]) -> None:
    """Makes the pictures of rows, with one editor for all commands."""
    import_tensorflow()
    from tests import called

    PICTURES.mkdir(parents=True, exist_ok=True)
    with called.editors_loaded_once():
        for row in rows:
            write_bytes(PICTURES / f"{row.name}.jpg", encode_jpeg(picture(row), QUALITY))
            print(PICTURES / f"{row.name}.jpg", flush=True)


def page() -> str:
    """The page, as it should be now."""
    return "\n".join([HEAD, *(line for row in ROWS for line in section(row))])


def section(row: Row) -> Iterator[str]:
    """The lines on a row."""
    yield from (f"## {row.title}", "", row.text, "", f"![{alternative(row)}](../images/gallery/{row.name}.jpg)", "")
    yield from ("| picture | command | seen |", "| --- | --- | --- |")
    for edit in row.edits:
        says = f" It prints `{edit.says}`." if edit.says else ""
        yield f"| {edit.title} | `{edit.command}` | {(edit.seen + says).strip()} |"
    yield ""


def alternative(row: Row) -> str:
    """The picture in words."""
    return ", ".join([*dict.fromkeys(edit.target.partition(".")[0] for edit in row.edits), *titles(row)])


def titles(row: Row) -> list[str]:
    """Of the edits."""
    return [edit.title for edit in row.edits]


def picture(row: Row) -> np.ndarray:
    """The photographs and what was written of them, each below its title, in lines, uint8 RGB."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for photo in EXAMPLES.glob("*.jpg"):
            shutil.copy(photo, folder)
        cells: dict[str, np.ndarray] = {}
        for edit in row.edits:
            made = result(edit, folder)
            if made is not None:
                cells.setdefault(edit.target.partition(".")[0], head(folder / edit.target, edit.target))
                cells[edit.title] = made
    shown = [picture_grid({title: cell[None] / 127.5 - 1}) for title, cell in cells.items()]
    columns = next((count for count in (4, 3) if len(shown) % count == 0), 5)
    lines: list[list[np.ndarray]] = [[]]
    for cell in shown:
        if len(lines[-1]) == columns or cell.shape[1] > SIDE:
            lines.append([])
        lines[-1].append(cell)
    joined = [np.concatenate(line, 1) for line in lines]
    width = max(line.shape[1] for line in joined)
    white = {"borderType": cv2.BORDER_CONSTANT, "value": (255, 255, 255)}
    return np.concatenate([cv2.copyMakeBorder(line, 0, 0, 0, width - line.shape[1], **white) for line in joined])


def result(edit: Edit, folder: Path) -> np.ndarray | None:
    """Runs an edit; what it wrote, a cell, or None. UserError if it prints something else than the table says."""
    from tests import called

    done = called.run("mgpe_tf.edit", *shlex.split(edit.command)[2:], cwd=folder)
    said = "\n".join(line for line in done.stderr.splitlines() if line.startswith(("note: ", "error: ")))
    if said != edit.says or done.returncode != (2 if said.startswith("error: ") else 0):
        raise UserError(f"{edit.command}: it says {said!r}, not {edit.says!r}")
    if done.returncode:
        return None
    if edit.words.startswith("crop"):
        return read_image(folder / edit.output.replace(".png", "_preview.png"))
    return head(folder / edit.output, edit.target)


def head(path: Path, photo: str) -> np.ndarray:
    """What is shown of a photograph, or of its edit; aligned portraits are shown whole. uint8 RGB [SIDE, W, 3]."""
    image = read_image(path)
    if image.shape[:2] == read_image(EXAMPLES / photo).shape[:2]:
        left, top, side = HEADS[photo]
        image = image[top : top + side, left : left + side]
        way = cv2.INTER_AREA if side > SIDE else cv2.INTER_CUBIC
        image = cv2.resize(image, (SIDE, SIDE), interpolation=way)
    return image


if __name__ == "__main__":
    cli.run(main)
