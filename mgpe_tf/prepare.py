"""Turns folders of photographs into a data set for training: faces found, aligned, parsed, judged and written.

  python -m mgpe_tf.prepare --input=photos --output=dataset --licence="CC BY 4.0, example.org/terms; consent: forms/"
  python -m mgpe_tf.prepare --input=photos --output=dataset --licence=... --face=all --resolution=512 --processes=8
  python -m mgpe_tf.prepare --input=photos --output=records --licence=... --runner=DirectRunner --shards=64
  python -m mgpe_tf.prepare --input=portraits --output=pseudo --licence=... --aligned --parser=runs/parser_lite \\
      --label_set=celebamask_hq --flip --unknown_below=0.9 --val_share=0
  python -m mgpe_tf.prepare --from_editor --input=dataset/train --output=generated --licence=... --count=5000

Every photograph below --input is read. If there are folders, the first one names who is on a photograph, and nobody is
in both train and val. The output has

  {train,val}/images/NAME.jpg, labels/NAME.png (ids 0 to 10: looks black), preview/NAME.png (the same in colours)
  manifest.jsonl     a line per face: file, hashes, landmarks, confidence, sharpness, class shares, licence
  rejected.jsonl     a line per photograph or face that was left out, and why

  {train,val}/dataset.json   which ids the labels hold, for train, evaluate and the other verbs

and is read by --config.data.layout=folder --config.data.path=dataset/train --config.data.validation_path=dataset/val.
The same command goes on where it was stopped, and takes in photographs that were added.
Faces whose photograph is gone are removed. A bad file costs one line on stderr; the others are prepared, and the exit
code is 2.

With --runner, Apache Beam does the work, on one machine or many, and the output are TFRecord shards (layout tfrecord);
what follows "--" goes to Beam.

With --unknown_below, pixels of which the parser is not so sure are left open (id 255): such labels are more data for a
parser, beside those of people: --config.data.path=DATA/train,pseudo/train.

With --known, --input is the images/ of a data set that knows fewer classes, as Helen's eleven: its labels get the parts
that it merges, so that a parser of nineteen classes need not make up what Helen's background is:

  python -m mgpe_tf.prepare --input=helen/train/images --known=helen/train --output=helen_parts --licence=... \\
      --aligned --parser=runs/parser --label_set=celebamask_hq --flip --unknown_below=0.6 --val_share=0

With --from_editor, --input is a data set, and faces are generated: the appearance of one portrait on the mask of
another one after some scripted edits. Masks and faces are more data for a parser:
--config.data.path=dataset/train,generated/train. docs/how-to/prepare.md says more: filters, licence and consent,
millions of photographs, generated faces.
"""

from __future__ import annotations

import importlib.util
import itertools
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from absl import flags

from mgpe_tf import cli, labels
from mgpe_tf.data.label_sets import DEFAULT, label_set_of
from mgpe_tf.data.open import LAYOUTS, open_joined
from mgpe_tf.errors import UserError
from mgpe_tf.models.files import model_sha256
from mgpe_tf.models.load import load
from mgpe_tf.models.shipped import EDITOR, PARSER, model_path
from mgpe_tf.preparation.few import tell_if_few
from mgpe_tf.quiet import import_tensorflow
from mgpe_tf.storage.folders import working_in

if TYPE_CHECKING:
    from mgpe_tf.preparation.dataset import Writer
    from mgpe_tf.preparation.photographs import PhotographFile
    from mgpe_tf.preparation.sample import SampleSettings

INPUT = flags.DEFINE_string("input", None, "Folder of photographs; --from_editor: of a data set.", required=True)
OUTPUT = flags.DEFINE_string("output", None, "Folder for the data set.", required=True)
LICENCE = flags.DEFINE_string(
    "licence", None, "Under which the photographs are used; goes into every line.", required=True
)
PARSER_MODEL = flags.DEFINE_string("parser", None, f"Parser; none: saved_models/{PARSER}.")
FACE = flags.DEFINE_enum("face", "largest", ["largest", "all"], "Which faces of a photograph.")
ALIGNED = flags.DEFINE_bool("aligned", False, "The photographs are aligned portraits: no face is searched.")
RESOLUTION = flags.DEFINE_integer("resolution", 256, "Pixels a side.", lower_bound=16)
IMAGE_FORMAT = flags.DEFINE_enum("image_format", "jpeg", ["jpeg", "png"], "JPEG of quality 95, or lossless PNG.")
VAL_SHARE = flags.DEFINE_float("val_share", 0.05, "Share of val.", 0.0, 1.0)
MIN_EYE_DISTANCE = flags.DEFINE_float(
    "min_eye_distance", None, "Least pixels between the eyes in the photograph; none: an eighth of --resolution.", 0.0
)
MAX_OUTSIDE = flags.DEFINE_float("max_outside", 0.2, "Largest share of the crop outside the photograph.", 0.0, 1.0)
MIN_CONFIDENCE = flags.DEFINE_float("min_confidence", 0.85, "Least confidence of the parser.", 0.0, 1.0)
MIN_SHARPNESS = flags.DEFINE_float("min_sharpness", 10.0, "Least variance of the Laplacian over the face.", 0.0)
NEEDED = cli.define_names("needed", ["skin", "left_eye", "right_eye"], "Classes that must be seen.")
FLIP = flags.DEFINE_bool("flip", False, "Average predictions with the mirror image's: a little better, twice the time.")
UNKNOWN_BELOW = flags.DEFINE_float(
    "unknown_below", 0.0, "Class probability below which a pixel is unknown, id 255; 0 for none.", 0.0, 1.0
)
KNOWN = flags.DEFINE_string(
    "known", None, "Data set whose images/ is --input: predictions keep to its labels, and tell parts that it merges."
)
WITHOUT = cli.define_names(
    "without", [], f"What must not be seen, of {','.join(labels.WORN)}; needs a --parser of nineteen classes."
)
PROCESSES = flags.DEFINE_integer(
    "processes", 1, "Processes, each with detector and parser, that share the cores.", lower_bound=1
)
RUNNER = flags.DEFINE_string("runner", None, "Apache Beam's runner, e.g. DirectRunner; none: without Beam.")
SHARDS = flags.DEFINE_integer("shards", 16, "Beam: files of each part.", lower_bound=1)
FROM_EDITOR = flags.DEFINE_bool("from_editor", False, "Generate faces on edited masks of a data set.")
EDITOR_MODEL = flags.DEFINE_string("editor", None, f"--from_editor: the generator; none: saved_models/{EDITOR}.")
LAYOUT = flags.DEFINE_enum("layout", "folder", list(LAYOUTS), "--from_editor: layout of the data set.")
LABEL_SET = flags.DEFINE_enum(
    "label_set",
    None,
    list(labels.LABEL_SETS),
    "Ids of the labels: helen, or celebamask_hq of a --parser of nineteen classes; --from_editor: those of the data "
    "set, none for what its dataset.json says, or helen.",
)
COUNT = flags.DEFINE_integer("count", 1000, "--from_editor: faces to generate; raise it for more.", lower_bound=1)
SEED = flags.DEFINE_integer("seed", 0, "--from_editor: of what is generated.", lower_bound=0)
MIN_AGREEMENT = flags.DEFINE_float(
    "min_agreement", 0.7, "--from_editor: least macro F1 of the mask that the parser reads off a face.", 0.0, 1.0
)

OF_DRAWING = ("editor", "layout", "count", "seed", "min_agreement")
OF_PHOTOGRAPHS = (
    "face",
    "aligned",
    "resolution",
    "val_share",
    "min_eye_distance",
    "max_outside",
    "min_confidence",
    "min_sharpness",
    "needed",
    "without",
    "flip",
    "unknown_below",
    "known",
    "processes",
    "runner",
    "shards",
)
"""Names of the flags that go with --from_editor alone, and of those that do not go with it."""


def main(argv: list[str]) -> int:
    """Prepares what the flags say; returns the exit code."""
    if len(argv) > 1 and not RUNNER.value:
        raise UserError(f"unexpected argument {argv[1]!r}: flags are written --name=value (flags: --help)")
    parser = model_path("parser", PARSER_MODEL.value).resolve()
    check_flags()
    if FROM_EDITOR.value:
        print(f"{generate(parser)}; data set in {Path(OUTPUT.value) / 'train'}")
        return 0
    settings = settings_for(parser)
    if WITHOUT.value:
        require_label_set(parser, "celebamask_hq", f"--without={','.join(WITHOUT.value)}")
    require_label_set(parser, settings.label_set, f"--label_set={settings.label_set}")
    if RUNNER.value:
        if importlib.util.find_spec("apache_beam") is None:
            raise UserError(f"--runner={RUNNER.value} needs Apache Beam: pip install 'mgpe_tf[prepare]'")
        if settings.label_set != "helen" or settings.unknown_below:
            raise UserError("--runner writes records of Helen ids; leave --label_set and --unknown_below out")
        from mgpe_tf.preparation import beam

        summary, bad = beam.run(INPUT.value, OUTPUT.value, parser, settings, SHARDS.value, RUNNER.value, argv[1:])
    else:
        summary, bad = prepare(Path(INPUT.value).resolve(), Path(OUTPUT.value), parser, settings)
    print(f"{summary}; data set in {OUTPUT.value}")
    if not RUNNER.value and VAL_SHARE.value:
        tell_if_few(Path(OUTPUT.value) / "val" / "images", VAL_SHARE.value)
    return 2 if bad else 0


def check_flags() -> None:
    """UserError naming a flag of the other way of making a data set."""
    for name in OF_PHOTOGRAPHS if FROM_EDITOR.value else OF_DRAWING:
        if flags.FLAGS[name].present:
            other = "of photographs; leave it out" if FROM_EDITOR.value else "of generated faces; add --from_editor"
            raise UserError(f"--{name} is {other}")


def generate(parser: Path) -> str:
    """Generates faces on the masks of a data set; returns the summary."""
    import_tensorflow()
    from mgpe_tf.preparation.dataset import parts
    from mgpe_tf.preparation.synthesis import SPLIT, Synthesis, SynthesisSettings
    from mgpe_tf.storage.hashes import sha256_of_files

    editor = model_path("editor", EDITOR_MODEL.value)
    networks = load("editor", editor)
    label_set = label_set_of(LAYOUT.value, Path(INPUT.value), LABEL_SET.value or "")
    source = open_joined(LAYOUT.value, [INPUT.value], [label_set], networks.resolution)
    drawn_by, read_by = (sha256_of_files(model_sha256(path)) for path in (editor, parser))
    settings = SynthesisSettings(
        licence(), drawn_by, read_by, label_set, IMAGE_FORMAT.value, SEED.value, MIN_AGREEMENT.value
    )
    output, read = Path(OUTPUT.value), load("parser", parser)
    with working_in(output, f"--output={output}", parts((SPLIT,))):
        synthesis = Synthesis(output, settings, source, str(Path(INPUT.value).resolve()))
        return synthesis.generate(COUNT.value, networks, read)


def licence() -> str:
    """The text of the flag; UserError if it is empty."""
    if not LICENCE.value.strip():
        raise UserError('--licence is empty; say under which terms, e.g. --licence="CC0", or "own photographs"')
    return LICENCE.value


def settings_for(parser: Path) -> SampleSettings:
    """The settings of the flags."""
    from mgpe_tf.preparation.quality import Filters
    from mgpe_tf.preparation.sample import SampleSettings
    from mgpe_tf.storage.hashes import sha256_of_files

    needed, without = cli.named(NEEDED, labels.HELEN_NAMES, {}), cli.named(WITHOUT, labels.WORN, {})
    eyes = RESOLUTION.value / 8 if MIN_EYE_DISTANCE.value is None else MIN_EYE_DISTANCE.value
    bounds = (eyes, MAX_OUTSIDE.value, MIN_CONFIDENCE.value, MIN_SHARPNESS.value)
    filters = Filters(*bounds, tuple(needed), tuple(without))
    return SampleSettings(
        licence(),
        sha256_of_files(model_sha256(parser)),
        RESOLUTION.value,
        FACE.value,
        ALIGNED.value,
        IMAGE_FORMAT.value,
        VAL_SHARE.value,
        filters,
        LABEL_SET.value or DEFAULT,
        FLIP.value,
        UNKNOWN_BELOW.value,
        known(),
    )


def known() -> str:
    """The folder of the flag, "" for none; UserError if other flags do not go with it."""
    if not KNOWN.value:
        return ""
    if not ALIGNED.value or LABEL_SET.value != "celebamask_hq":
        raise UserError(
            f"--known={KNOWN.value}: its labels are of whole portraits: add --aligned --label_set=celebamask_hq"
        )
    from mgpe_tf.preparation.known import KnownLabels

    folder = Path(KNOWN.value).resolve()
    KnownLabels(folder)  # so that a wrong one is told before anything is written
    return str(folder)


def require_label_set(parser: Path, label_set: str, flag: str) -> None:
    """UserError naming a flag if the parser does not read a label set, before a folder is begun."""
    from mgpe_tf.parsing.many import load_parser

    if label_set == DEFAULT:  # which every parser reads
        return
    loaded = load_parser(parser)
    try:
        loaded.require(label_set)
    except UserError as error:
        raise UserError(f"{flag}: {error}") from error


def prepare(root: Path, output: Path, parser: Path, settings: SampleSettings) -> tuple[str, int]:
    """Prepares the photographs below `root` into a folder; returns the summary and the number of bad files."""
    from mgpe_tf.data.formats import left_alone
    from mgpe_tf.parsing.photographs import find_photographs
    from mgpe_tf.preparation import many
    from mgpe_tf.preparation.dataset import Dataset, parts
    from mgpe_tf.preparation.photographs import SPLITS

    if not root.is_dir():
        raise UserError(f"--input={root}: there is no such folder")
    found, others = find_photographs([str(root)], True, output)
    with working_in(output, f"--output={output}", parts(SPLITS)):
        dataset = Dataset(output, settings, root)
        files = dataset.unfinished(file.relative_to(root).as_posix() for file in found)
        photographs, known = many.plan(root, files, dataset.first_files())
        lines = itertools.chain(known, outcomes(photographs, root, dataset.writer, parser, settings))
        bad = many.record(lines, dataset, len(files))
        said = left_alone([file.relative_to(root).as_posix() for file in others])
        return "; ".join(filter(None, (dataset.finish(), said))), bad


def outcomes(
    photographs: Sequence[PhotographFile], root: Path, writer: Writer, parser: Path, settings: SampleSettings
) -> Iterable[dict]:
    """The lines of photographs, prepared here or in several processes."""
    from mgpe_tf.preparation import many
    from mgpe_tf.preparation.sample import Preparer

    if not photographs:
        return []
    if PROCESSES.value == 1:
        return many.prepare_here(Preparer.load(parser, settings), root, writer, photographs)
    return many.prepare_in_processes(parser, settings, root, writer, photographs, PROCESSES.value)


if __name__ == "__main__":
    cli.run(main, positional=True)
