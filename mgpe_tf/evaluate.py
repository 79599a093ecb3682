"""Scores a trained network on a data set.

Examples:
  python -m mgpe_tf.evaluate parser --model=runs/parser --data=DATA/val --label_set=celebamask_hq --output=scores
  python -m mgpe_tf.evaluate parser --model=parser.tflite --data=HELEN --layout=helen --flip
  python -m mgpe_tf.evaluate editor --model=runs/editor --parser=runs/parser --data=DATA/val \\
      --label_set=celebamask_hq --output=scores

"parser" prints the F1 and IoU of each class and these scores, at the model's resolution, over all portraits:
  f1_macro_foreground            mean F1 of the ten foreground classes, pixels of the set pooled
  f1_macro_foreground_per_image  that of each image by itself, then the mean over the images
  f1_helen_overall               F1 of brows, eyes, nose and mouth, each merged, their pixels over the set pooled
  miou_11_classes                mean IoU of the eleven classes, background included, pixels of the set pooled
  pixel_accuracy                 share of all pixels of the set that are read as labelled

--output=DIR gets scores.json (all numbers, their protocols, what was evaluated on what), confusion.png (what each
class is read as) and worst.png (the ten images of the lowest macro F1, and where label and reading differ).

"editor" draws each portrait x_t on its labelled mask m_t twice, with its own appearance (reconstruction) and with that
of another portrait x_s (swap). It prints how well the parser reads each class off photographs and drawn portraits, and:
  psnr_, ssim_ face, foreground, all           reconstruction against photograph, mean over the portraits
  psnr_background_ reconstruction, swap        the background away from hair, face and neck
  f1_macro_foreground_ photographs, ...        how the parser reads m_t, off the photographs to compare with
  fd_parser_N_ swap, real, ratio               Frechet distances between sets of N portraits in the parser's features

--output=DIR gets scores.json, worst.png (the ten worst reconstructions), swaps.png, and for eight portraits
appearance.png (eyes, mouth, skin and hair of another) and shapes.png (scripted edits of the mask). What exactly is
measured: docs/evaluation.md.
"""

from __future__ import annotations

import sys
from pathlib import Path

from absl import flags

from mgpe_tf import cli, labels
from mgpe_tf.data import source as sources
from mgpe_tf.errors import UserError
from mgpe_tf.quiet import import_tensorflow
from mgpe_tf.shipped import EDITOR, PARSER, shipped

MODEL = flags.DEFINE_string(
    "model", None, f"Run folder, SavedModel or .tflite file; none: saved_models/{PARSER} or saved_models/{EDITOR}.")
FACE_PARSER = flags.DEFINE_string(
    "parser", None, f"editor: the parser that reads what was drawn, as --model of parser; none: saved_models/{PARSER}.")
DATA = flags.DEFINE_string("data", None, "Folder of the data set.", required=True)
LAYOUT = flags.DEFINE_enum("layout", "folder", sources.LAYOUTS, "Layout of the data set.")
LABEL_SET = flags.DEFINE_enum("label_set", "helen", list(labels.LABEL_SETS), "Ids of the labels of a folder.")
SPLIT = flags.DEFINE_enum("split", "validation", sources.SPLITS, "Part of an official archive; a folder is used whole.")
OUTPUT = flags.DEFINE_string("output", None, "Folder for scores.json and the pictures.")
FLIP = flags.DEFINE_bool("flip", False, "parser: average the probabilities with those of the mirror image.")
BATCH_SIZE = flags.DEFINE_integer("batch_size", 8, "Images that are read or drawn at once.", lower_bound=1)
LIMIT = flags.DEFINE_integer("limit", None, "Only the first so many portraits.", lower_bound=1)

WORST = 10
"""Images on the parser's worst.png."""

ONLY_FOR = {"flip": "parser", "parser": "editor"}
"""By the name of a flag, the word that it goes with."""


def main(argv: list[str]) -> int:
    """Evaluates what the first word says; returns the exit code."""
    verbs = {"parser": evaluate_parser, "editor": evaluate_editor}
    if len(argv) != 2 or argv[1] not in verbs:
        words = " ".join(argv[1:]) or "no word"
        raise UserError(f"{words}: what should be evaluated? allowed: {' or '.join(verbs)}, as in "
                        "python -m mgpe_tf.evaluate parser")
    for flag, word in ONLY_FOR.items():
        if flags.FLAGS[flag].present and argv[1] != word:
            raise UserError(f"--{flag} is for evaluate {word}; leave it out with evaluate {argv[1]}")
    if OUTPUT.value:
        make_folder(OUTPUT.value)
    import_tensorflow()
    verbs[argv[1]]()
    return 0


def evaluate_parser() -> None:
    """Reads the data set, prints the table and writes the files."""
    from mgpe_tf.evaluation import parser as parsers
    from mgpe_tf.evaluation.report import parser_table, write_report
    from mgpe_tf.parsing.face_parser import FaceParser

    model = model_path(MODEL.value, PARSER)
    parser = FaceParser.load(model)
    if FLIP.value:
        parser = parsers.FlipAveraged(parser)
    source = open_source(parser.resolution)
    evaluation = parsers.evaluate_parser(parser, source, BATCH_SIZE.value, LIMIT.value)
    about = {**describe("parser", source, model=model), "flip": FLIP.value}
    print(f"{about['model']} on {len(evaluation.names)} portraits of {about['data']}\n\n{parser_table(evaluation)}")
    if OUTPUT.value:
        worst = parsers.read_portraits(parser, source, evaluation.worst(WORST), BATCH_SIZE.value)
        write_report(Path(OUTPUT.value), evaluation, about, list(worst))


def evaluate_editor() -> None:
    """Draws the data set, prints the table and writes the files."""
    from mgpe_tf.editing.networks import EditorNetworks
    from mgpe_tf.evaluation import editor as editors
    from mgpe_tf.evaluation.editor_report import editor_document, editor_table
    from mgpe_tf.evaluation.portraits import DrawnPortraits
    from mgpe_tf.evaluation.report import write_files
    from mgpe_tf.evaluation.sheets import editor_sheets
    from mgpe_tf.parsing.face_parser import FaceParser

    model, parser_model = model_path(MODEL.value, EDITOR), model_path(FACE_PARSER.value, PARSER)
    networks, parser = EditorNetworks.load(model), FaceParser.load(parser_model)
    source = open_source(networks.resolution)
    portraits = DrawnPortraits(networks, source, BATCH_SIZE.value, LIMIT.value)
    extractors = {"fd_parser": parser} if parser.has_features else {}
    if not extractors:
        print(f"note: fd_parser is left out, since {parser_model} gives labels alone: name a run folder or a newer "
              "SavedModel by --parser", file=sys.stderr)
    evaluation = editors.evaluate_editor(portraits, parser, extractors)
    about = describe("editor", source, model=model, parser=parser_model)
    print(f"{about['model']} on {len(evaluation.names)} portraits of {about['data']}, read by {about['parser']}\n\n"
          f"{editor_table(evaluation)}")
    if OUTPUT.value:
        sheets = editor_sheets(portraits, parser, evaluation)
        write_files(Path(OUTPUT.value), editor_document(evaluation, about), sheets)


def model_path(given: str | None, name: str) -> Path:
    """The model that a flag names, or without one the shipped model `name`."""
    return Path(given) if given else shipped(name)


def open_source(resolution: int) -> sources.Source:
    """The data set of the flags; UserError naming what is wrong with it."""
    source = sources.open_layout(LAYOUT.value, DATA.value, LABEL_SET.value, resolution, SPLIT.value)
    sources.require_sound(source)
    return source


def describe(task: str, source: sources.Source, **models: Path) -> dict:
    """What is evaluated on what, without the paths of this computer."""
    from mgpe_tf.training.model_files import model_sha256

    named = {}
    for role, path in models.items():
        named.update({role: path.resolve().name, f"{role}_sha256": model_sha256(path)})
    return {
        "task": task,
        **named,
        "data": "/".join(Path(DATA.value).resolve().parts[1:][-2:]),
        "layout": LAYOUT.value,
        "label_set": LABEL_SET.value if LAYOUT.value == "folder" else None,
        "split": SPLIT.value if LAYOUT.value in ("celebamask_hq", "helen") else None,
        "resolution": source.resolution,
    }


def make_folder(path: str) -> None:
    """Makes the folder of --output before anything is computed."""
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"--output={path}: cannot be written: {error.strerror}; choose another folder") from error


if __name__ == "__main__":
    cli.run(main, positional=True)
