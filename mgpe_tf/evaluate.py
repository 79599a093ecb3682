"""Scores a trained network on a data set.

Examples:
  python -m mgpe_tf.evaluate parser --model=runs/parser --data=DATA/val --label_set=celebamask_hq --output=scores
  python -m mgpe_tf.evaluate parser --model=parser.tflite --data=HELEN --layout=helen --flip

Prints the F1 and IoU of each class and these scores, at the model's resolution, over all portraits:
  f1_macro_foreground            mean F1 of the ten foreground classes, pixels of the set pooled
  f1_macro_foreground_per_image  that of each image by itself, then the mean over the images
  f1_helen_overall               F1 of brows, eyes, nose and mouth, each merged, their pixels over the set pooled
  miou_11_classes                mean IoU of the eleven classes, background included, pixels of the set pooled
  pixel_accuracy                 share of all pixels of the set that are read as labelled

--output=DIR gets scores.json (all numbers, their protocols, what was evaluated on what), confusion.png (what each
class is read as) and worst.png (the ten images of the lowest macro F1, and where label and reading differ).
"""

from __future__ import annotations

from pathlib import Path

from absl import flags

from mgpe_tf import cli, labels
from mgpe_tf.data import source as sources
from mgpe_tf.errors import UserError
from mgpe_tf.quiet import import_tensorflow
from mgpe_tf.shipped import PARSER, shipped

MODEL = flags.DEFINE_string("model", None, f"Run folder, SavedModel or .tflite file; none: saved_models/{PARSER}.")
DATA = flags.DEFINE_string("data", None, "Folder of the data set.", required=True)
LAYOUT = flags.DEFINE_enum("layout", "folder", sources.LAYOUTS, "Layout of the data set.")
LABEL_SET = flags.DEFINE_enum("label_set", "helen", list(labels.LABEL_SETS), "Ids of the labels of a folder.")
SPLIT = flags.DEFINE_enum("split", "validation", sources.SPLITS, "Part of an official archive; a folder is used whole.")
OUTPUT = flags.DEFINE_string("output", None, "Folder for scores.json, confusion.png and worst.png.")
FLIP = flags.DEFINE_bool("flip", False, "Average the probabilities with those of the mirror image.")
BATCH_SIZE = flags.DEFINE_integer("batch_size", 8, "Images that are read at once.", lower_bound=1)
LIMIT = flags.DEFINE_integer("limit", None, "Only the first so many portraits.", lower_bound=1)

WORST = 10
"""Images on worst.png."""


def main(argv: list[str]) -> int:
    """Evaluates what the first word says; returns the exit code."""
    if argv[1:] != ["parser"]:
        words = " ".join(argv[1:]) or "no word"
        raise UserError(f"{words}: what should be evaluated? allowed: parser, as in python -m mgpe_tf.evaluate parser")
    if OUTPUT.value:
        make_folder(OUTPUT.value)
    import_tensorflow()
    evaluate_parser()
    return 0


def evaluate_parser() -> None:
    """Reads the data set, prints the table and writes the files."""
    from mgpe_tf.evaluation import parser as parsers
    from mgpe_tf.evaluation.report import parser_table, write_report
    from mgpe_tf.parsing.face_parser import FaceParser

    model = Path(MODEL.value) if MODEL.value else shipped(PARSER)
    parser = FaceParser.load(model)
    if FLIP.value:
        parser = parsers.FlipAveraged(parser)
    source = sources.open_layout(LAYOUT.value, DATA.value, LABEL_SET.value, parser.resolution, SPLIT.value)
    sources.require_sound(source)
    evaluation = parsers.evaluate_parser(parser, source, BATCH_SIZE.value, LIMIT.value)
    about = describe(model, parser.resolution)
    print(f"{about['model']} on {len(evaluation.names)} portraits of {about['data']}\n\n{parser_table(evaluation)}")
    if OUTPUT.value:
        worst = parsers.read_portraits(parser, source, evaluation.worst(WORST), BATCH_SIZE.value)
        write_report(Path(OUTPUT.value), evaluation, about, list(worst))


def describe(model: Path, resolution: int) -> dict:
    """What is evaluated on what, without the paths of this computer."""
    from mgpe_tf.training.model_files import model_sha256

    return {
        "task": "parser",
        "model": model.resolve().name,
        "model_sha256": model_sha256(model),
        "data": "/".join(Path(DATA.value).resolve().parts[1:][-2:]),
        "layout": LAYOUT.value,
        "label_set": LABEL_SET.value if LAYOUT.value == "folder" else None,
        "split": SPLIT.value if LAYOUT.value in ("celebamask_hq", "helen") else None,
        "resolution": resolution,
        "flip": FLIP.value,
    }


def make_folder(path: str) -> None:
    """Makes the folder of --output before anything is computed."""
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"--output={path}: cannot be written: {error.strerror}; choose another folder") from error


if __name__ == "__main__":
    cli.run(main, positional=True)
