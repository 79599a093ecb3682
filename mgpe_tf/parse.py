"""Reads the masks off any number of photographs.

Examples:
  python -m mgpe_tf.parse portraits/ --output=masks
  python -m mgpe_tf.parse holiday/ --align --output=masks
  python -m mgpe_tf.parse a.jpg b.png more/ --output=masks --model=runs/parser --min_confidence=0.8 --processes=4
  python -m mgpe_tf.parse portraits/ --output=masks --flip
  python -m mgpe_tf.parse portraits/ --output=parts --model=runs/parser_lite --label_set=celebamask_hq

Arguments are photographs and folders of them. They are taken for aligned, square portraits; with --align the largest
face of each is found, read in its aligned crop, and the mask is brought back into the photograph. EXIF rotation is
applied, gray, CMYK and 16-bit pictures become 8-bit RGB, transparent ones are laid over white, and of an animation the
first frame is read. The output folder gets, at each photograph's own size,

  labels/NAME.png   ids, 8-bit gray: looks black              preview/NAME.png   the same in colours
  overlay/NAME.jpg  colours over the photograph               parse.jsonl        one line per photograph
  legend.png        which colour is which class               dataset.json       whose ids the labels hold
  left_out.txt      those below --min_confidence, which get no labels/NAME.png

Ids are 0 to 10, Helen's; with --label_set=celebamask_hq and a parser that knows them they are CelebAMask-HQ's, 0 to 18.
Confidence is the mean over the pixels of the largest class probability. The same command goes on where it was stopped
and leaves alone what is finished. A bad file costs one line on stderr; the others are read, and the exit code is 2.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from absl import flags

from mgpe_tf import cli, labels
from mgpe_tf.errors import UserError
from mgpe_tf.models.shipped import PARSER, model_path
from mgpe_tf.storage.folders import working_in

if TYPE_CHECKING:
    from mgpe_tf.parsing.results import Results

OUTPUT = flags.DEFINE_string("output", None, "Folder for masks and pictures.", required=True)
MODEL = flags.DEFINE_string("model", None, f"Run folder, SavedModel or .tflite file; none: saved_models/{PARSER}.")
LABEL_SET = flags.DEFINE_enum(
    "label_set", "helen", list(labels.MIRRORED), "Ids of the masks; celebamask_hq needs a parser of nineteen classes."
)
ALIGN = flags.DEFINE_bool("align", False, "Find the largest face of each photograph; without it they are portraits.")
FLIP = flags.DEFINE_bool("flip", False, "Average with the mirror image: a little better, twice the time.")
BATCH_SIZE = flags.DEFINE_integer("batch_size", 8, "Portraits that are parsed at once.", lower_bound=1)
PROCESSES = flags.DEFINE_integer("processes", 1, "Processes, each with a parser, that share the cores.", lower_bound=1)
MIN_CONFIDENCE = flags.DEFINE_float("min_confidence", 0.0, "Leave out portraits below it.", 0.0, 1.0)
RECURSIVE = flags.DEFINE_bool("recursive", False, "Read the subfolders of folders too.")
OVERWRITE = flags.DEFINE_bool("overwrite", False, "Read again what is finished.")


def main(argv: list[str]) -> int:
    """Parses what the command line names; returns the exit code."""
    if len(argv) < 2:
        raise UserError(f"no photographs given{cli.example()}")
    from mgpe_tf.data.formats import left_alone
    from mgpe_tf.parsing.photographs import find_photographs
    from mgpe_tf.parsing.results import PARTS, Results, Writer

    output = Path(OUTPUT.value)
    files, others = find_photographs(argv[1:], RECURSIVE.value, output)
    model = model_path("parser", MODEL.value)
    with working_in(output, f"--output={output}", PARTS):
        writer = Writer(output, str(model.resolve()), MIN_CONFIDENCE.value, ALIGN.value, FLIP.value, LABEL_SET.value)
        results = Results(writer, OVERWRITE.value)
        names = results.unfinished(files)
        bad = parse(model, names, results) if names else 0
        left_out = results.write_left_out()
    print(
        f"{len(names) - bad} parsed, {len(files) - len(names)} finished before, {bad} bad; "
        f"{left_out} left out for low confidence; results in {output}"
    )
    if others:
        print(left_alone([str(file) for file in others]))
    return 2 if bad else 0


def parse(model: Path, names: dict[Path, str], results: Results) -> int:
    """Parses the photographs `names` into `results`; returns the number of bad ones."""
    from mgpe_tf.parsing import many
    from mgpe_tf.parsing.faces import FaceFinder

    if PROCESSES.value == 1:
        parser = many.load_parser(model, flip=FLIP.value)
        parser.require(LABEL_SET.value)
        detector = FaceFinder() if ALIGN.value else None
        outcomes = many.parse_here(parser, names, results.writer, BATCH_SIZE.value, detector=detector)
    else:
        outcomes = many.parse_in_processes(model, names, results.writer, BATCH_SIZE.value, PROCESSES.value)
    return many.record(outcomes, results, len(names))


if __name__ == "__main__":
    cli.run(main, positional=True)
