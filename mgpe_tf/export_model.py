"""Writes a trained parser, editor, registration or baseline in the formats in which it is deployed.

Examples:
  python -m mgpe_tf.export_model parser --model=runs/parser --output=saved_models/parser \\
      --calibration=DATA/train --label_set=celebamask_hq
  python -m mgpe_tf.export_model parser --model=runs/parser --output=parser --variants=float32,float16
  python -m mgpe_tf.export_model editor --model=runs/editor --parser=runs/parser --output=saved_models/editor \\
      --calibration=DATA/val --label_set=celebamask_hq
  python -m mgpe_tf.export_model baseline --model=runs/pix2pixhd --output=pix2pixhd
  python -m mgpe_tf.export_model registration --model=saved_models/registration/stiff.npz --output=registration
  python -m mgpe_tf.export_model weights --model=runs/parser --output=parser.npz

The folder of a parser gets 1/ (a SavedModel with the signatures "parse", "parse_encoded" and "features", under the
version number that TensorFlow Serving looks for), parser.keras, parser_float32.tflite, parser_float16.tflite,
parser_dynamic.tflite, parser_int8.tflite, labels.json, MODEL_CARD.md and SHA256SUMS; it appears when all is done. Full
integers (int8) are scaled on real portraits: give --calibration, a folder with images/ and labels/;
several are given by repeating it.

An editor's folder gets 1/ (signatures "edit", "edit_encoded", "parse", "render", "embed", "decode", "draw", maybe
"encode_background", and "complete"), editor_float32.tflite, editor_float16.tflite, editor_dynamic.tflite (the last five
signatures, by which an app renders an edit in steps), MODEL_CARD.md and SHA256SUMS. How near they are to the network is
measured on --calibration, on synthetic portraits without it. "edit" keeps photographs' own pixels by the registration
networks of the package and a completion ("complete"), of which the package has one for portraits of 256 pixels;
--nocarry leaves these out: all is generated, as in the paper.

A baseline's folder gets 1/ (signatures "generate" and, for one that reads an appearance, "embed"), MODEL_CARD.md and
SHA256SUMS; there are no .tflite files of it.

A registration's folder gets 1/ (signature "flow", from two masks to the flow between them),
registration_float32.tflite, registration_float16.tflite, registration_dynamic.tflite, MODEL_CARD.md and SHA256SUMS.
--model may be a file of weights.

"weights" writes the averaged weights of any run, or those of an exported parser or editor, as one small file, kernels
in half precision: another training begins with it by --config.start_path, and saved_models/registration holds such
files.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from absl import flags, logging

from mgpe_tf import cli, words
from mgpe_tf.config import did_you_mean
from mgpe_tf.data.open import open_joined
from mgpe_tf.data.source import Source
from mgpe_tf.errors import UserError
from mgpe_tf.labels import LABEL_SETS
from mgpe_tf.models import metadata
from mgpe_tf.models.files import SAVED_MODEL, exported_task, read_config
from mgpe_tf.models.shipped import PARSER, model_path
from mgpe_tf.quiet import import_tensorflow
from mgpe_tf.words import Word

FORMS = {
    "parser": ("float32", "float16", "dynamic", "int8"),
    "editor": ("float32", "float16", "dynamic"),
    "registration": ("float32", "float16", "dynamic"),
}
"""The .tflite files that there are of each."""

MODEL = flags.DEFINE_string("model", None, "Run folder of what is exported.")
PARSER_MODEL = flags.DEFINE_string(
    "parser",
    None,
    f"Run folder or exported folder of the parser that reads its masks; none: saved_models/{PARSER}.",
)
OUTPUT = flags.DEFINE_string("output", None, "Folder to write.")
CARRY = flags.DEFINE_bool("carry", True, "Keep photographs' own pixels; else all is generated, as in the paper.")
COMPLETION = flags.DEFINE_string(
    "completion",
    None,
    "File of the weights of a completion that does so; none: saved_models/completion, for portraits of 256 pixels.",
)
VARIANTS = cli.define_names(
    "variants",
    None,
    f"The .tflite files to write, of {','.join(FORMS['parser'])} (only a parser has int8); all of them unless given, "
    "--variants= for none.",
)
CALIBRATION = cli.define_files("calibration", "Folder with images/ and labels/ of real portraits.")
LABEL_SET = cli.define_names(
    "label_set",
    [],
    f"Ids in --calibration's labels: {', '.join(LABEL_SETS)}; none: what the folders' dataset.json say, or helen.",
)
CALIBRATION_SIZE = flags.DEFINE_integer("calibration_size", 100, "Portraits used for int8.", lower_bound=1)
SCORES = cli.define_files("scores", "File scores.json of python -m mgpe_tf.evaluate, for the model card.")
FAILURES = flags.DEFINE_string("failures", None, "Text file on what was seen to go wrong, for the card.")
SMALL_WEIGHTS = flags.DEFINE_bool(
    "small_weights", False, "Store the SavedModel's kernels in half precision, the large ones in 8 bits."
)
OVERWRITE = flags.DEFINE_bool("overwrite", False, "Replace an exported folder.")


def parser() -> None:
    """Writes the parser in its formats and prints what they are like."""
    chosen, resolution = variants("parser"), begin()
    from mgpe_tf.export.parser_folder import export_parser

    files = export_parser(
        Path(words.given(MODEL)),
        Path(words.given(OUTPUT)),
        chosen,
        portraits(resolution),
        CALIBRATION_SIZE.value,
        findings(),
        SMALL_WEIGHTS.value,
        OVERWRITE.value,
    )
    for name, (size, share) in files.items():
        print(f"{row(name, size)}   reads {share:.2%} of the pixels as the network does")


def editor() -> None:
    """Writes the editor with its parser."""
    chosen, parser_path, resolution = variants("editor"), model_path("parser", PARSER_MODEL.value), begin()
    from mgpe_tf.export.editor_folder import export_editor

    report(
        export_editor(
            Path(words.given(MODEL)),
            parser_path,
            Path(words.given(OUTPUT)),
            chosen,
            portraits(resolution),
            findings(),
            SMALL_WEIGHTS.value,
            OVERWRITE.value,
            CARRY.value,
            Path(COMPLETION.value) if COMPLETION.value else None,
        )
    )


def baseline() -> None:
    """Writes the baseline's SavedModel."""
    resolution = begin()
    from mgpe_tf.export.baseline_folder import export_baseline

    report(
        export_baseline(
            Path(words.given(MODEL)), Path(words.given(OUTPUT)), portraits(resolution), findings(), OVERWRITE.value
        )
    )


def registration() -> None:
    """Writes the registration's forms and prints what they are like."""
    chosen, model = variants("registration"), Path(words.given(MODEL))
    if not model.exists():
        raise UserError(f"--model={model}: no such file or folder; allowed: a run folder, or a file of weights")
    logging.set_verbosity(logging.WARNING)
    import_tensorflow()
    from mgpe_tf.export.registration_folder import RESOLUTION, export_registration

    files = export_registration(model, Path(words.given(OUTPUT)), chosen, portraits(RESOLUTION), OVERWRITE.value)
    for name, (size, apart) in files.items():
        print(f"{row(name, size)}   {apart:.3f} pixels from the network's flows at most")


def weights() -> None:
    """Writes the file of weights."""
    path = Path(words.given(OUTPUT))
    if path.exists() and not OVERWRITE.value:
        raise UserError(f"--output={path} is there already; allowed: a new file, or --overwrite")
    model = Path(words.given(MODEL))
    exported = (model / SAVED_MODEL / "saved_model.pb").is_file()
    task = exported_task(model) if exported else read_config(model).task
    import_tensorflow()
    from mgpe_tf.models.arrays import arrays_of
    from mgpe_tf.models.weights import write_weights
    from mgpe_tf.objectives.tasks import objective_of

    product = objective_of(task).product
    arrays = {name: a for name, a in arrays_of(model, task).items() if name.startswith(f"{product}/")}
    if not arrays:
        raise UserError(f"--model={model}: holds no weights by name; allowed: a run folder, or one with small weights")
    write_weights(path, arrays)
    print(row(path.name, path.stat().st_size))


def begin() -> int:
    """The resolution of the model, once TensorFlow is there."""
    logging.set_verbosity(logging.WARNING)  # not every step that TensorFlow takes while it saves and converts
    resolution = read_config(words.given(MODEL)).data.resolution
    import_tensorflow()
    return resolution


def report(files: dict[str, tuple[int, float, float]]) -> None:
    """Prints the sizes of generators of portraits, and how near their pictures are."""
    for name, (size, mean, least) in files.items():
        print(f"{row(name, size)}   PSNR {mean:.1f} dB to the network's pictures, {least:.1f} dB at least")


def row(name: str, size: int) -> str:
    """The beginning of a printed line: what was written, and its megabytes."""
    written = f"{name}/ (SavedModel)" if name == SAVED_MODEL else name
    return f"{written:28} {size / 1e6:8.2f} MB"


def variants(what: str) -> Sequence[str]:
    """The variants to write; raises UserError for one that there is not, int8 without calibration, or no LiteRT."""
    known = FORMS[what]
    chosen = known if VARIANTS.value is None else VARIANTS.value
    for variant in chosen:
        if variant not in known:
            near = did_you_mean(variant, known)
            raise UserError(f"--variants: the {what} has no {variant!r}{near}; allowed: {', '.join(known)}")
    if "int8" in chosen and not CALIBRATION.value:
        raise UserError(
            "int8 is scaled on real portraits: give --calibration=FOLDER with images/ and labels/, or "
            "leave int8 out: --variants=float32,float16,dynamic"
        )
    if chosen:
        metadata.litert_schema()  # what is missing for the files is told before the minutes that the SavedModel takes
    return chosen


def findings() -> str:
    """The scores and failures of the flags, for the card."""
    from mgpe_tf.export.card import findings_text

    return findings_text([Path(path) for path in SCORES.value], Path(FAILURES.value) if FAILURES.value else None)


def portraits(resolution: int) -> Source | None:
    """The portraits of --calibration."""
    return open_joined("folder", CALIBRATION.value, LABEL_SET.value, resolution) if CALIBRATION.value else None


CARD = (CALIBRATION, LABEL_SET, SCORES, FAILURES, OVERWRITE)

WORDS = {
    "parser": Word(
        parser, "A face parser.", needs=(MODEL, OUTPUT), takes=(VARIANTS, SMALL_WEIGHTS, CALIBRATION_SIZE, *CARD)
    ),
    "editor": Word(
        editor,
        "An editor with its parser.",
        needs=(MODEL, OUTPUT),
        takes=(PARSER_MODEL, CARRY, COMPLETION, VARIANTS, SMALL_WEIGHTS, *CARD),
    ),
    "registration": Word(
        registration,
        "A network that finds flows between masks.",
        needs=(MODEL, OUTPUT),
        takes=(VARIANTS, CALIBRATION, LABEL_SET, OVERWRITE),
    ),
    "weights": Word(
        weights,
        "The weights of a run or an exported folder in one small file.",
        needs=(MODEL, OUTPUT),
        takes=(OVERWRITE,),
    ),
    "baseline": Word(baseline, "A method that the paper compares with.", needs=(MODEL, OUTPUT), takes=CARD),
}
"""The things that can be exported, by the word on the command line."""

COMMON = (MODEL, OUTPUT, OVERWRITE)
"""The flags that every word reads."""


if __name__ == "__main__":
    words.run(WORDS, COMMON)
