"""Reads the masks off any number of aligned portraits.

Examples:
  python -m mgpe_tf.parse portraits/ --output=masks --model=runs/parser
  python -m mgpe_tf.parse a.jpg b.png more/ --output=masks --model=parser_int8.tflite --min_confidence=0.8

Arguments are photographs and folders of them; photographs are square (python -m mgpe_tf.prepare aligns others). EXIF
rotation is applied, gray, CMYK and 16-bit pictures become 8-bit RGB, transparent ones are laid over white, and of an
animation the first frame is read. The output folder gets, at each photograph's own size,

  labels/NAME.png   ids 0 to 10, 8-bit gray: looks black      preview/NAME.png   the same in colours
  overlay/NAME.jpg  colours over the photograph               parse.jsonl        one line per photograph
  left_out.txt      those below --min_confidence, which get no labels/NAME.png

Confidence is the mean over the pixels of the largest class probability. The same command goes on where it was stopped
and leaves alone what is finished. A bad file costs one line on stderr; the others are read, and the exit code is 2.
"""

from __future__ import annotations

from pathlib import Path

from absl import flags

from mgpe_tf import cli
from mgpe_tf.errors import UserError
from mgpe_tf.quiet import import_tensorflow

DEFAULT_MODEL = Path(__file__).resolve().parent.parent / "saved_models" / "parser_mobile"

OUTPUT = flags.DEFINE_string("output", None, "Folder for masks and pictures.", required=True)
MODEL = flags.DEFINE_string("model", None, "Run folder, SavedModel or .tflite file; saved_models/parser_mobile.")
BATCH_SIZE = flags.DEFINE_integer("batch_size", 8, "Portraits that are parsed at once.", lower_bound=1)
WORKERS = flags.DEFINE_integer("workers", None, "Threads that read and write files.", lower_bound=1)
MIN_CONFIDENCE = flags.DEFINE_float("min_confidence", 0.0, "Leave out portraits below it.", 0.0, 1.0)
RECURSIVE = flags.DEFINE_bool("recursive", False, "Read the subfolders of folders too.")
OVERWRITE = flags.DEFINE_bool("overwrite", False, "Read again what is finished.")


def main(argv: list[str]) -> int:
    """Parses what the command line names; returns the exit code."""
    if len(argv) < 2:
        raise UserError("no photographs given: python -m mgpe_tf.parse PHOTO_OR_FOLDER... --output=FOLDER")
    from mgpe_tf.parsing.photographs import find_photographs
    from mgpe_tf.parsing.results import Results

    model, output = find_model(), Path(OUTPUT.value)
    files = find_photographs(argv[1:], RECURSIVE.value, output)
    try:
        results = Results(output, str(model.resolve()), MIN_CONFIDENCE.value, OVERWRITE.value)
        unfinished = results.unfinished(files)
        bad = parse(model, unfinished, results) if unfinished else 0
        left_out = results.write_left_out()
    except OSError as error:
        raise UserError(f"--output={output}: {error.filename or 'a file'} cannot be written: {error.strerror or error}"
                        ) from error
    print(f"{len(unfinished) - bad} parsed, {len(files) - len(unfinished)} finished before, {bad} bad; "
          f"{left_out} left out for low confidence; results in {output}")
    return 2 if bad else 0


def find_model() -> Path:
    """The path of the parser; UserError if none is given and none came with the package."""
    if MODEL.value:
        return Path(MODEL.value)
    if not DEFAULT_MODEL.exists():
        raise UserError("no parser given: --model=FOLDER, the run folder of a parser trained by python -m "
                        "mgpe_tf.train --config=configs/parser_256.py, or an exported one")
    return DEFAULT_MODEL


def parse(model: Path, files: list[Path], results) -> int:
    """Parses `files` into `results`; returns the number of bad ones."""
    if model.is_dir():  # a .tflite file needs no TensorFlow
        import_tensorflow()
    from mgpe_tf.parsing.face_parser import FaceParser
    from mgpe_tf.parsing.many import parse_files

    return parse_files(FaceParser.load(model), files, results, BATCH_SIZE.value, WORKERS.value)


if __name__ == "__main__":
    cli.run(main, positional=True)
