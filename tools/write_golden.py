"""Writes what this version stores to tests/golden/VERSION, for later ones to read (docs/reference/compatibility.md).

  python -m tools.write_golden

A run folder each of a tiny parser and a tiny editor, the parser exported, an edited picture with its recipe, and what
the parser reads. Portraits are synthetic. Once per version: what is there already is not replaced.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
import sys
from pathlib import Path

import numpy as np
from absl import flags

if __package__ in (None, ""):  # run as a file: make the packages beside tools/ visible
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import mgpe_tf
from mgpe_tf import cli
from mgpe_tf.config import Config
from mgpe_tf.data import images
from mgpe_tf.data.synthetic import draw_portrait
from mgpe_tf.export.folder import new_folder
from mgpe_tf.provenance import encoding
from mgpe_tf.provenance.recipe import mask_to_json
from mgpe_tf.quiet import import_tensorflow
from tests.tiny import tiny_config

OUTPUT = flags.DEFINE_string("output", f"tests/golden/{mgpe_tf.__version__}", "Folder to write.")

ROLES = ("target", "source")
"""Of the portraits, in the recipe and as names of files."""

STEPS = 2
"""Of each run, so that optimisers and averaged weights have something to remember."""


def main(_) -> None:
    """Writes the folder."""
    import_tensorflow()
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)  # tracing takes longer than these few steps
    with new_folder(Path(OUTPUT.value).resolve(), overwrite=False) as folder:
        os.chdir(folder)  # the editor's config names the parser, which should be found wherever the folder lies
        train(tiny_config("parser", steps=STEPS))
        editor = dataclasses.replace(tiny_config("editor", steps=STEPS), parser_path="parser")
        editor.generator.embedding_dim = 4  # for a small file
        train(editor)
        for number, role in enumerate(ROLES):
            Path(f"{role}.png").write_bytes(images.encode_png(draw_portrait(number, 64)[0]))
        write_export()
        write_edit()
    print(OUTPUT.value)


def train(config: Config) -> None:
    """Makes the run folder of the config's task, and leaves of it what another version needs."""
    from mgpe_tf.training.on_tensorflow import train

    config.training.keep_checkpoints = 1
    train(config, config.task)
    for pictures in ("samples", "events"):
        shutil.rmtree(Path(config.task, pictures))
    Path(config.task, ".lock").unlink()


def write_export() -> None:
    """Exports the parser, and notes what it reads off the target, at every fourth pixel, in parsed.npz."""
    from mgpe_tf.export.parser_folder import export_parser
    from mgpe_tf.models.face_parser import FaceParser

    export_parser(Path("parser"), Path("exported"), ["float32"])
    portrait = images.read_image("target.png")
    probabilities = FaceParser.load("parser").probabilities(portrait[None])
    np.savez_compressed("parsed.npz", probabilities=probabilities[:, ::4, ::4].astype(np.float16))


def write_edit() -> None:
    """Edits the target with the mask and the hair of the source: edited.png, with its recipe inside."""
    from mgpe_tf.editing.files import make, models_of
    from mgpe_tf.editing.photograph import Photograph
    from mgpe_tf.editing.portrait_editor import PortraitEditor

    faces = [{"input": number, "face": "largest", "aligned": True, "matrix": None} for number in range(len(ROLES))]
    operations = [
        {"op": "open", "target": faces[0]},
        {"op": "set_mask", "mask": mask_to_json(draw_portrait(1, 64)[1])},
        {"op": "take", "component": "hair", "source": faces[1], "strength": 0.5},
        {"op": "render", "blend": "feather"},
    ]
    models = {"editor": Path("editor"), "parser": Path("exported")}
    photographs = [Photograph.read(Path(f"{role}.png"), role) for role in ROLES]
    edited = make(PortraitEditor.load(*models.values()), models_of(models), photographs, operations, "PNG")
    encoding.write("edited.png", edited)


if __name__ == "__main__":
    cli.run(main)
