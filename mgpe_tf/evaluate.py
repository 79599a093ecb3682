"""Scores trained networks on a data set.

Examples:
  python -m mgpe_tf.evaluate parser --model=runs/parser --data=DATA/val --label_set=celebamask_hq --output=scores
  python -m mgpe_tf.evaluate parser --model=parser.tflite --data=HELEN --layout=helen --flip
  python -m mgpe_tf.evaluate editor --model=runs/editor --parser=runs/parser --data=DATA/val \\
      --label_set=celebamask_hq --output=scores --report=report
  python -m mgpe_tf.evaluate compare --runs=runs/a --runs=runs/b --data=DATA/val --label_set=celebamask_hq \\
      --output=comparison
  python -m mgpe_tf.evaluate edits --data=PORTRAITS --probe=TRUNK.npz --output=scores

"parser" prints the F1 and IoU of each class and these scores, at the model's resolution, over all portraits:
  f1_macro_foreground            mean F1 of the ten foreground classes, pixels of the set pooled
  f1_macro_foreground_per_image  that of each image by itself, then the mean over the images
  f1_helen_overall               F1 of brows, eyes, nose and mouth, each merged, their pixels over the set pooled
  miou_11_classes                mean IoU of the eleven classes, background included, pixels of the set pooled
  pixel_accuracy                 share of all pixels of the set that are read as labelled
  f1_macro_parts                 of a parser of nineteen classes on CelebAMask-HQ's labels: mean F1 of the 18 foreground
                                 classes, pixels of the set pooled

--output=DIR gets scores.json (all numbers, their protocols, what was evaluated on what), confusion.png (what each
class is read as) and worst.png (the ten images of the lowest macro F1, and where label and prediction differ), and the
same of nineteen classes, where they are scored.

"editor" generates each portrait x_t on its labelled mask m_t twice, with its own appearance (reconstruction; of an
editor that keeps photographs' pixels, unless --nocarry, from a turned and scaled view of x_t) and with
that of another portrait x_s (swap). It prints how well the parser reads each class off photographs and generated
portraits, and:
  psnr_, ssim_, ms_ssim_ face, hair, ...       reconstruction against photograph, mean over the portraits
  psnr_background_ reconstruction, swap        the background away from hair, face and neck
  seam_ reconstruction, swap                   how much the colours step at the mask's border; 1: as in x_t
  grid_ photograph, reconstruction, swap       how far hair repeats every few pixels; strands: about 0
  f1_macro_foreground_ photographs, ...        how the parser reads m_t, off the photographs to compare with
  fd_parser_N_, kid_parser_N_ swap, real, ...  distances between sets of N portraits in the parser's features
  fid_inceptionv3_N_, kid_inceptionv3_N_ ...   the same in Inception's features, with --inception
  diversity_l1_, diversity_parser_ MxK         how much K appearances change the portraits generated on M masks
  realism_auc_ reconstructions, swaps          with --probe: how well these are told from photographs, 0.5: not at all
  changed_outside_N                            pixels that N pasted-back edits change off the edited region: must be 0

--output=DIR gets scores.json, worst.png (the ten worst reconstructions), swaps.png, and for eight portraits
appearance.png (eyes, mouth, skin and hair of another) and shapes.png (scripted edits of the mask).

--report=DIR, also of edits, gets index.html: scores, training curves, confusion matrices and portraits on one page.

"compare" measures several editors on the same portraits as "editor" does. --output=DIR gets the table as comparison.csv
and comparison.md, and index.html: the table, quality by what the training took, and the same portraits side by side.
Runs whose configs differ in the seed alone become one column, mean and deviation.

"edits" edits aligned portraits, which need no labels, as users do on the page: a smile, other hair, another face, ...
--data is a folder of pictures, or one with images/. It prints of each edit, and over all of them:
  realism_auc   how well a linear probe on the network of --probe tells what changed from photographs; 0.5: it cannot
  detail        fine structure where pixels changed, by the photograph's there
  seam          steps across the border of what changed by those beside it; 1: as in the photograph
  unchanged     share of the pixels off the edited region that stay as they were: must be 1
  seconds       of an edit and its rendering, of a portrait that was opened before
  refused, no_change   portraits of which the edit was refused, or changed next to nothing

--output=DIR gets scores.json and a picture per edit: twelve portraits, edited below.

A file that cannot be read costs one line on stderr; the others are evaluated, and the exit code is 2. What
exactly is measured: docs/reference/evaluation.md.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from absl import flags

from mgpe_tf import cli, labels, words
from mgpe_tf.data.label_sets import label_set_of, require_known
from mgpe_tf.data.open import LAYOUTS, SPLITS, open_layout, require_sound
from mgpe_tf.data.readable import ReadableSource
from mgpe_tf.data.source import Source
from mgpe_tf.evaluation.measure import photo_edits
from mgpe_tf.evaluation.report.plots import require_matplotlib
from mgpe_tf.models.files import model_sha256
from mgpe_tf.models.load import load
from mgpe_tf.models.shipped import BESIDE_EDITOR, EDITOR, PARSER, model_path
from mgpe_tf.quiet import import_tensorflow
from mgpe_tf.storage.folders import working_in
from mgpe_tf.words import Word

if TYPE_CHECKING:
    from mgpe_tf.evaluation.measure.distances import FeatureExtractor
    from mgpe_tf.evaluation.measure.realism import RegionFeatures
    from mgpe_tf.models.face_parser import FaceParser

MODEL = flags.DEFINE_string(
    "model", None, f"Run folder, SavedModel or .tflite file; none: saved_models/{PARSER} or saved_models/{EDITOR}."
)
FACE_PARSER = flags.DEFINE_string(
    "parser",
    None,
    f"The parser that reads what was generated or is edited, a --model of parser; none: saved_models/{PARSER}.",
)
DATA = flags.DEFINE_string("data", None, "Folder of the data set; of edits, of aligned portraits.")
LAYOUT = flags.DEFINE_enum("layout", "folder", list(LAYOUTS), "Layout of the data set.")
LABEL_SET = flags.DEFINE_enum(
    "label_set", None, list(labels.LABEL_SETS), "Ids of a folder's labels; none: what its dataset.json says, or helen."
)
SPLIT = flags.DEFINE_enum("split", "validation", SPLITS, "Part of an official archive; a folder is used whole.")
RUNS = cli.define_files("runs", "Editor, a run folder or any other format.")
OUTPUT = flags.DEFINE_string("output", None, "Folder for scores.json and the pictures, or for the comparison.")
REPORT = flags.DEFINE_string("report", None, "Folder for a page of scores, curves and portraits.")
INCEPTION = flags.DEFINE_string(
    "inception", None, "Weights of keras.applications.InceptionV3(include_top=False), for FID, KID."
)
EDITS = cli.define_names("edits", None, f"Edits of: {', '.join(photo_edits.EDITS)}; none: all.")
PROBE = flags.DEFINE_string(
    "probe",
    None,
    "Weights of EfficientNet-Lite0 trained on ImageNet, .npz, on which a probe is fitted for realism_auc.",
)
CARRY = flags.DEFINE_bool("carry", True, "Keep photographs' own pixels, if the editor does; else all is generated.")
FLIP = flags.DEFINE_bool("flip", False, "Average the probabilities with those of the mirror image.")
BATCH_SIZE = flags.DEFINE_integer("batch_size", 8, "Images that are read or generated at once.", lower_bound=1)
LIMIT = flags.DEFINE_integer("limit", None, "Only the first so many portraits.", lower_bound=1)

WORST = 10
"""Images on the parser's worst.png."""


@contextlib.contextmanager
def begun() -> Iterator[None]:
    """Around a word: sees to what would fail late, Matplotlib for a page and the folders, which are locked."""
    if REPORT.value:
        require_matplotlib("--report")
    named = {f"--{flag.name}={flag.value}": Path(flag.value) for flag in (OUTPUT, REPORT) if flag.value}
    each_once = {path.resolve(): name for name, path in named.items()}
    with contextlib.ExitStack() as held:
        for path, name in each_once.items():
            held.enter_context(working_in(path, name, ["pictures"]))
        import_tensorflow()
        yield


@begun()
def evaluate_parser() -> int:
    """Reads the data set, prints the table and writes the files; returns the exit code."""
    from mgpe_tf.evaluation.measure import parser_evaluation as parsers
    from mgpe_tf.evaluation.measure.parser_scores import PARTS
    from mgpe_tf.evaluation.report.galleries import prediction_gallery
    from mgpe_tf.evaluation.report.pages import parser_page
    from mgpe_tf.evaluation.report.parser_report import parser_document, parser_table
    from mgpe_tf.evaluation.report.pictures import Gallery, confusion_picture, sheet
    from mgpe_tf.evaluation.report.tables import write_files

    model = model_path("parser", MODEL.value)
    parser = load("parser", model)
    if FLIP.value:
        parser = parser.flip_averaged()
    source = open_source(parser.resolution, parts=parser.label_set == "celebamask_hq", unknown=True)
    evaluation = parsers.evaluate_parser(parser, source, BATCH_SIZE.value, LIMIT.value)
    about = {**describe("parser", source, model=model), "flip": FLIP.value}
    print(f"{about['model']} on {len(evaluation.names)} portraits of {about['data']}\n\n{parser_table(evaluation)}")
    if not (OUTPUT.value or REPORT.value):
        return exit_code(source)

    def worst_readings(label_set: str) -> Gallery:
        numbers = list(evaluation.worst(WORST, label_set == PARTS))
        found = parsers.read_portraits(parser, source, numbers, BATCH_SIZE.value)
        return prediction_gallery(evaluation, list(found), label_set)

    worst = worst_readings("helen")
    if OUTPUT.value:
        pictures = {"confusion.png": confusion_picture(evaluation.pooled), "worst.png": sheet(worst)}
        if evaluation.parts is not None:
            pictures[f"confusion_{PARTS}.png"] = confusion_picture(evaluation.parts, PARTS)
            pictures[f"worst_{PARTS}.png"] = sheet(worst_readings(PARTS))
        write_files(Path(OUTPUT.value), parser_document(evaluation, about), pictures)
    if REPORT.value:
        parser_page(Path(REPORT.value), evaluation, about, worst, model / "metrics.jsonl")
    return exit_code(source)


@begun()
def evaluate_editor() -> int:
    """Generates the data set, prints the table and writes the files; returns the exit code."""
    from mgpe_tf.evaluation.measure import editor_evaluation as editors
    from mgpe_tf.evaluation.measure.portraits import GeneratedPortraits
    from mgpe_tf.evaluation.report.editor_report import editor_document, editor_table
    from mgpe_tf.evaluation.report.galleries import editor_galleries
    from mgpe_tf.evaluation.report.pages import editor_page
    from mgpe_tf.evaluation.report.pictures import sheet
    from mgpe_tf.evaluation.report.tables import write_files

    model = model_path("editor", MODEL.value)
    networks, (parser_model, parser, extractors) = load("editor", model, baselines=True), load_readers()
    networks = networks if CARRY.value else networks.generating()
    features, probe = probed()
    source = open_source(networks.resolution)
    portraits = GeneratedPortraits(networks, source, BATCH_SIZE.value, LIMIT.value)
    evaluation = editors.evaluate_editor(portraits, parser, extractors, features)
    about = describe("editor", source, model=model, parser=parser_model, **probe) | {"carry": networks.carries}
    print(
        f"{about['model']} on {len(evaluation.names)} portraits of {about['data']}, read by {about['parser']}\n\n"
        f"{editor_table(evaluation)}"
    )
    if not (OUTPUT.value or REPORT.value):
        return exit_code(source)
    galleries = editor_galleries(portraits, parser, evaluation)
    if OUTPUT.value:
        sheets = {f"{name}.png": sheet(gallery) for name, gallery in galleries.items()}
        write_files(Path(OUTPUT.value), editor_document(evaluation, about), sheets)
    if REPORT.value:
        editor_page(Path(REPORT.value), evaluation, about, galleries, model / "metrics.jsonl")
    return exit_code(source)


@begun()
def evaluate_edits() -> int:
    """Edits the portraits, prints the table and writes the files; returns the exit code."""
    from mgpe_tf.data.unlabelled import UnlabelledSource
    from mgpe_tf.editing.portrait_editor import PortraitEditor
    from mgpe_tf.evaluation.measure import edited
    from mgpe_tf.evaluation.report.edited_report import edits_document, edits_table
    from mgpe_tf.evaluation.report.pages import edits_page
    from mgpe_tf.evaluation.report.pictures import before_and_after
    from mgpe_tf.evaluation.report.tables import write_files

    edits, (features, probe) = photo_edits.chosen(EDITS.value or ()), probed()
    model, parser = model_path("editor", MODEL.value), model_path("parser", FACE_PARSER.value)
    editor = PortraitEditor.load(model, parser)
    source = readable(UnlabelledSource(Path(words.given(DATA)), editor.resolution))
    if not probe:
        print("note: realism_auc is left out: it needs the weights of a network, --probe=FILE", file=sys.stderr)
    evaluation = edited.evaluate_edits(editor, source, edits, features)
    networks = {"model": model, "parser": parser, **{kind: model_path(kind) for kind in BESIDE_EDITOR}}
    about = describe("edits", source, **networks, **probe)
    print(
        f"{about['model']} on {len(evaluation.names)} portraits of {about['data']}, read by {about['parser']}\n\n"
        f"{edits_table(evaluation)}"
    )
    if OUTPUT.value:
        names = [evaluation.names[number] for number in evaluation.shown]
        sheets = {
            f"{edit}.png": before_and_after(names, evaluation.photographs, pictures)
            for edit, pictures in evaluation.pictures.items()
        }
        write_files(Path(OUTPUT.value), edits_document(evaluation, about), sheets)
    if REPORT.value:
        edits_page(Path(REPORT.value), evaluation, about, model / "metrics.jsonl")
    return exit_code(source)


@begun()
def compare_editors() -> int:
    """Generates the data set with each editor, prints the table and writes the files; returns the exit code."""
    require_matplotlib("evaluate compare")
    from mgpe_tf.evaluation.measure import compare
    from mgpe_tf.evaluation.measure.portraits import GeneratedPortraits
    from mgpe_tf.evaluation.report.compare_report import comparison_text, write_comparison

    paths = dict(zip(compare.names_of(RUNS.value), map(Path, RUNS.value), strict=True))
    editors, (parser_model, parser, extractors) = compare.load_editors(paths), load_readers()
    source = open_source(next(iter(editors.values())).resolution)
    contenders: list[compare.Contender] = []
    for name, networks in editors.items():
        print(f"{name} ({len(contenders) + 1} of {len(editors)})", file=sys.stderr)
        portraits = GeneratedPortraits(networks, source, BATCH_SIZE.value, LIMIT.value)
        contenders.append(compare.contender(name, paths[name], portraits, parser, extractors))
    compared = compare.compared_editors(contenders)
    about = describe("compare", source, **{f"editor {name}": path for name, path in paths.items()}, parser=parser_model)
    print(
        f"{len(contenders[0].evaluation.names)} portraits of {about['data']}, read by {about['parser']}\n\n"
        f"{comparison_text(compared)}"
    )
    write_comparison(Path(words.given(OUTPUT)), compared, about)
    return exit_code(source)


def load_readers() -> tuple[Path, FaceParser, dict[str, FeatureExtractor]]:
    """The judges of generated portraits: the path of the parser, the parser, and the networks that give features by
    name."""
    from mgpe_tf.evaluation.measure.inception import InceptionFeatures

    model = model_path("parser", FACE_PARSER.value)
    parser = load("parser", model)
    extractors: dict[str, FeatureExtractor] = {"parser": parser} if parser.has_features else {}
    if not extractors:
        print(
            f"note: distances in the parser's features are left out, since {model} gives labels alone: name a run "
            "folder or a newer SavedModel by --parser",
            file=sys.stderr,
        )
    if INCEPTION.value:
        extractors["inceptionv3"] = InceptionFeatures(INCEPTION.value)
    return model, parser, extractors


def probed() -> tuple[RegionFeatures | None, dict[str, Path]]:
    """What a probe judges by, and the file that it is of; None and nothing without --probe."""
    from mgpe_tf.evaluation.measure.realism import RegionFeatures

    if not PROBE.value:
        return None, {}
    path = Path(PROBE.value)
    return RegionFeatures.load(path), {"probe": path}


def exit_code(source: ReadableSource) -> int:
    """2 if there are portraits that cannot be read, else 0."""
    return 2 if source.errors else 0


def open_source(resolution: int, parts: bool = False, unknown: bool = False) -> ReadableSource:
    """The portraits of the flags' data set that can be read; a line on stderr for each other one.

    Args:
      resolution: in which they are read.
      parts: give labels that tell CelebAMask-HQ's classes apart, where the data set knows them.
      unknown: whether labels may have unknown pixels (see ``Source``).

    Raises:
      UserError: the data set as a whole is unfit.
    """
    label_set = label_set_of(LAYOUT.value, Path(words.given(DATA)), LABEL_SET.value or "")
    source = open_layout(LAYOUT.value, words.given(DATA), label_set, resolution, SPLIT.value)
    require_sound(source)
    require_known(source.unknown and not unknown, words.given(DATA))
    source.partial = parts and source.knows_parts
    return readable(source)


def readable(source: Source) -> ReadableSource:
    """The first --limit portraits that can be read; a line on stderr for each other one."""
    found = ReadableSource(source, LIMIT.value)
    for error in found.errors:
        print("error:", " ".join(error.split()), file=sys.stderr)
    return found


def describe(task: str, source: ReadableSource, **models: Path) -> dict:
    """The models and data of an evaluation, without the paths of this computer."""
    named = {}
    for role, path in models.items():
        named.update({role: path.resolve().name, f"{role}_sha256": model_sha256(path)})
    return {
        "task": task,
        **named,
        "data": "/".join(Path(words.given(DATA)).resolve().parts[1:][-2:]),
        "layout": LAYOUT.value,
        "label_set": source.label_set,
        "split": SPLIT.value if LAYOUT.value in ("celebamask_hq", "helen") else None,
        "resolution": source.resolution,
        "unreadable": len(source.errors) or None,
    }


COMMON = (DATA, OUTPUT, LIMIT)
"""The flags that every word reads."""

LABELLED = (LAYOUT, LABEL_SET, SPLIT, OUTPUT, BATCH_SIZE, LIMIT)
"""The flags of words that read labels, besides --data."""

WORDS = {
    "parser": Word(
        evaluate_parser,
        "How a parser reads labelled portraits.",
        needs=(DATA,),
        takes=(MODEL, REPORT, FLIP, *LABELLED),
    ),
    "editor": Word(
        evaluate_editor,
        "How an editor generates labelled portraits.",
        needs=(DATA,),
        takes=(MODEL, FACE_PARSER, REPORT, INCEPTION, PROBE, CARRY, *LABELLED),
    ),
    "compare": Word(
        compare_editors,
        "Several editors on the same portraits.",
        needs=(RUNS, DATA, OUTPUT),
        takes=(FACE_PARSER, INCEPTION, *LABELLED),
    ),
    "edits": Word(
        evaluate_edits,
        "How good edits of photographs look.",
        needs=(DATA,),
        takes=(MODEL, FACE_PARSER, REPORT, PROBE, EDITS, OUTPUT, LIMIT),
    ),
}
"""The things that can be evaluated, by the word on the command line."""


if __name__ == "__main__":
    words.run(WORDS, COMMON)
