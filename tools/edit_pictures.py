"""Draws the picture of edits in the docs, of photographs in the public domain.

  python -m tools.edit_pictures --output=docs/images

writes edits.jpg: scripted edits and somebody else's face, by the shipped editor or by --model. Needs
pip install 'mgpe_tf[detect]'.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from absl import flags

from mgpe_tf import cli
from mgpe_tf.data.grids import picture_grid
from mgpe_tf.data.images import encode_jpeg, read_image
from mgpe_tf.quiet import import_tensorflow
from mgpe_tf.storage.files import make_folder, write_bytes
from mgpe_tf.webapp import EXAMPLES

MODEL = flags.DEFINE_string("model", None, "Editor, as for python -m mgpe_tf.edit; none: the shipped one.")
PARSER_MODEL = flags.DEFINE_string("parser", None, "Parser, as for python -m mgpe_tf.edit; none: the shipped one.")
OUTPUT = flags.DEFINE_string("output", None, "Folder for the picture.", required=True)

EDITS = (
    {"smile": 0.7},
    {"open_mouth": 0.4},
    {"raise_brows": 0.7, "eye_size": 0.4},
    {"hair_length": -0.8},
    {"face_width": -0.8, "nose_size": -0.6},
)
"""Amounts of the edits, in columns."""


def main(argv: list[str]) -> int:
    """Draws the picture; returns the exit code."""
    import_tensorflow()
    from mgpe_tf.editing.portrait_editor import PortraitEditor

    editor = PortraitEditor.load(MODEL.value, PARSER_MODEL.value)
    shown = edited(editor, *(read_image(EXAMPLES / f"{name}.jpg") for name in ("collins", "hopper")))
    columns = {name: picture[None] / 127.5 - 1 for name, picture in shown.items()}
    path = Path(OUTPUT.value) / "edits.jpg"
    make_folder(path.parent)
    write_bytes(path, encode_jpeg(picture_grid(columns), 88))
    print(path)
    return 0


def edited(editor, photo: np.ndarray, other: np.ndarray) -> dict[str, np.ndarray]:
    """A photograph's face as it is and after each edit, cut out again: uint8 RGB [R, R, 3] by what was done."""
    from mgpe_tf.editing.operations import SWAPPED

    session = editor.open(photo)
    cut_out, shown = session.portrait.alignment.crop, {"photograph": session.portrait.image}
    for amounts in EDITS:
        session.reset()
        session.shape(amounts)
        shown[", ".join(f"{name}={amount:g}" for name, amount in amounts.items())] = cut_out(session.render())
    session.reset()
    session.apply(SWAPPED)
    session.take("face", other)
    shown["face of another"] = cut_out(session.render())
    return shown


if __name__ == "__main__":
    cli.run(main)
