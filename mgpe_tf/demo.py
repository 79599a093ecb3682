"""Edits a photograph that comes with the package, and writes one picture of before and after.

  python -m mgpe_tf.demo                         # mgpe_demo.jpg
  python -m mgpe_tf.demo --output=edits.png

Six edits of a photograph of Eileen Collins (NASA, public domain) by the bundled networks: a smile, an open mouth, a
slimmer face, fuller hair, dyed hair, and the face of Grace Hopper (US Navy, public domain). It takes about
twenty seconds on a CPU; nothing is downloaded. Needs pip install 'mgpe_tf[detect]'.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from absl import flags

from mgpe_tf import cli
from mgpe_tf.data.grids import picture_grid
from mgpe_tf.data.images import read_image
from mgpe_tf.errors import UserError
from mgpe_tf.models.shipped import EDITOR, PARSER, model_path
from mgpe_tf.provenance import encoding, marks
from mgpe_tf.webapp import EXAMPLES

if TYPE_CHECKING:
    from mgpe_tf.editing.portrait_editor import PortraitEditor

OUTPUT = flags.DEFINE_string("output", "mgpe_demo.jpg", "Picture to write: .jpg or .png.")
OVERWRITE = flags.DEFINE_bool("overwrite", False, "Replace the output if it is there.")
MODEL = flags.DEFINE_string("model", None, f"Run folder or exported folder of an editor; none: saved_models/{EDITOR}.")
PARSER_MODEL = flags.DEFINE_string("parser", None, f"Parser; none: saved_models/{PARSER}.")

TARGET, SOURCE = "Eileen Collins", "Grace Hopper"
FILES = {TARGET: "collins.jpg", SOURCE: "hopper.jpg"}
"""The photographs, by who they show."""

SHAPES = {
    "a smile": {"smile": 0.8},
    "an open mouth": {"open_mouth": 0.5},
    "a slimmer face": {"face_width": -0.8, "nose_size": -0.6},
    "fuller hair": {"hair_volume": 0.8, "hair_length": 0.25},
}
"""Amounts of scripted edits, by their titles."""

COLOUR = "#4a2a1c"
"""Of the dyed hair."""

COLUMNS, FINER = 4, 2
"""Pictures in a row, and how many times as large as the networks' portrait each is."""


def main(argv: list[str]) -> int:
    """Writes the picture; returns the exit code."""
    output = cli.new_file(Path(OUTPUT.value), OVERWRITE.value)
    format = encoding.format_for(output)
    if format == "GIF":
        raise UserError(f"--output={output}: allowed: .jpg, .png")
    paths = model_path("editor", MODEL.value), model_path("parser", PARSER_MODEL.value)
    cli.begin_loading()
    from mgpe_tf.editing.portrait_editor import PortraitEditor

    picture = grid(dict(pictures(PortraitEditor.load(*paths))))
    encoding.write(output, encoding.encode(picture, marks.EDITED, format=format, quality=90))
    print(f"{output}: a photograph, and six edits of it\nYour own photographs: mgpe app, a page in the browser")
    return 0


def pictures(editor: PortraitEditor) -> Iterator[tuple[str, np.ndarray]]:
    """The target's face before and after each edit, and the source's face: titles, and uint8 RGB [S, S, 3]."""
    from mgpe_tf.editing.operations import SWAPPED

    photo, other = (read_image(EXAMPLES / file) for file in FILES.values())
    session, source = editor.open(photo), editor.read(other)
    finer = session.portrait.alignment.finer(FINER)
    yield TARGET, finer.crop(photo)
    for title, amounts in SHAPES.items():
        session.shape(amounts)
        yield title, finer.crop(session.render())
        session.reset()
    session.dye(COLOUR)
    yield "dyed hair", finer.crop(session.render())
    session.reset()
    session.apply(SWAPPED)
    session.take("face", source)
    yield f"the face of {SOURCE}", finer.crop(session.render())
    yield SOURCE, source.alignment.finer(FINER).crop(other)


def grid(shown: dict[str, np.ndarray]) -> np.ndarray:
    """Pictures of one size in rows of ``COLUMNS``, each below its title, uint8 RGB."""
    titles = list(shown)
    rows = [titles[start : start + COLUMNS] for start in range(0, len(titles), COLUMNS)]
    return np.concatenate([picture_grid({title: shown[title][None] / 127.5 - 1 for title in row}) for row in rows])


if __name__ == "__main__":
    cli.run(main)
