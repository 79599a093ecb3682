"""The model card of an exported parser: every number in it comes from the run, the files or an evaluation."""

from __future__ import annotations

import dataclasses
import json
import string
import textwrap
from collections.abc import Sequence
from pathlib import Path

from mgpe_tf import labels
from mgpe_tf.config import Config
from mgpe_tf.errors import UserError
from mgpe_tf.objectives.parser import predicts_parts
from mgpe_tf.version import __version__

CARD = string.Template("""\
# Model card: face parser $name

Reads $count classes off an aligned portrait of $resolution x $resolution pixels: P_F of Gu et al., "Mask-Guided
Portrait Editing with Conditional GANs" (CVPR 2019), in an implementation of its own (mgpe_tf $version).

## Files

| file | bytes | pixels read as by the network it was made of |
| --- | --- | --- |
$files

The last column is measured on $samples. `sha256sum -c SHA256SUMS` checks the files.

- `1`, a SavedModel: signature `parse` (the default): `images` float32 [B, $resolution, $resolution, 3] in [-1, 1] ->
  `label_map` uint8 and `probabilities` float32 [..., $count]$helen;
  `parse_encoded`: `images`, JPEG or PNG files of any size -> `label_png_bytes`; `features`: `images` as for `parse` ->
  `features`, the deepest map averaged over its places.
- `.tflite`: one image [1, $resolution, $resolution, 3] in [-1, 1] -> `logits` [1, $resolution, $resolution, $count];
  the id of a pixel is that of the largest. int8 takes and gives integers with the scales stored in the file.
  `labels.json` is in each file too, as the metadata "mgpe_tf".
$training

## Classes

Label set `$classes_of`.

| id | class | colour (RGB) |
| --- | --- | --- |
$classes

$meaning

## Training

Step $step of the experiment `$experiment`$averaged,
seed $seed, batch $batch, layout `$layout`, label sets
`$label_set`.$start
$network

$findings

## Use and limits

For portraits that are aligned as the training data were: one upright face, eyes, nose and mouth at their usual places.
Profiles, occluded, very small or several faces are read badly. The classes are where a face has its parts, not who
somebody is: do not use the mask to identify, judge or track people. Scores differ between groups of people as the
training data do; measure on your own before you rely on it.

Weights are bound by the licence of the data they were trained on. CelebAMask-HQ and Helen allow non-commercial research
only, and so do weights trained on them.
""")


UNUSED = {"unet": (), "mobile": ("dropout", "tanh"), "lite": ("filters", "blocks", "dropout", "tanh")}
"""By kind of parser: the fields of its config that it does not read."""

OF_KERAS = """\
- `parser.keras`, the Keras model: `keras.saving.load_model` reads it where `mgpe_tf.networks` is imported, and an
  editor is trained with it by `--config.parser_path=THIS_FOLDER`."""

OF_SAVED_MODEL = """\
- The SavedModel's kernels are stored in half precision, the large ones in 8 bits. Trainings begin with them by
  `--config.start_path=THIS_FOLDER`, and editors are trained with them by `--config.parser_path=THIS_FOLDER`."""

MEANINGS = {
    "helen": "Left is the viewer's left. Ears, neck, clothes and hats are background, glasses are skin.",
    "celebamask_hq": "Left (`l_`) is the subject's left. Of Helen's eleven classes, skin holds eye_g, and background "
    "l_ear,\nr_ear, hat, ear_r, neck_l, neck and cloth.",
}
"""Notes to the table of a label set's classes."""


def write_card(
    path: Path,
    config: Config,
    step: int,
    files: dict[str, tuple[int, float]],
    samples: str,
    findings: str,
    small_weights: bool = False,
) -> None:
    """Writes the card.

    Args:
      path: the file.
      config: of the run.
      step: of the checkpoint.
      files: by name, the size in bytes and the share of pixels that are read as by the network.
      samples: on which images that share was measured.
      findings: what ``findings_text`` gives.
      small_weights: whether the SavedModel's weights are stored in fewer bytes, and no Keras model is.
    """
    unused = UNUSED[config.parser.kind]
    label_set = "celebamask_hq" if predicts_parts(config) else "helen"
    network = ", ".join(
        f"{name} {value}" for name, value in dataclasses.asdict(config.parser).items() if value and name not in unused
    )
    names = labels.label_set(label_set).names
    colours = enumerate(zip(names, labels.legend(label_set).tolist(), strict=True))
    path.write_text(
        CARD.substitute(
            name=config.name,
            version=__version__,
            resolution=config.data.resolution,
            files="\n".join(f"| {name} | {size} | {share:.4f} |" for name, (size, share) in files.items()),
            samples=samples,
            helen="" if label_set == "helen" else ", and `helen_label_map` uint8 of Helen's eleven classes",
            training=OF_SAVED_MODEL if small_weights else OF_KERAS,
            count=len(names),
            classes_of=label_set,
            meaning=MEANINGS[label_set],
            classes="\n".join(f"| {i} | {name} | {', '.join(map(str, colour))} |" for i, (name, colour) in colours),
            step=step,
            experiment=config.name,
            averaged=f" (weights averaged, decay {config.training.ema})" if config.training.ema else "",
            seed=config.training.seed,
            batch=config.training.batch_size,
            layout=config.data.layout,
            label_set=", ".join(config.data.label_set),
            start=beginning(config),
            network=textwrap.fill(f"The network: {network}.", 120),
            findings=findings or "No scores were given when this card was written.",
        ),
        encoding="utf-8",
    )


def beginning(config: Config) -> str:
    """A line that tells of weights that a training began with; "" if there were none. It tells no path of theirs."""
    return "\nIt began with the weights of an earlier training." if config.start_path else ""


def findings_text(scores: Sequence[Path], failures: Path | None = None) -> str:
    """The results of evaluations, as Markdown.

    Args:
      scores: scores.json of ``python -m mgpe_tf.evaluate``, one column each.
      failures: a text on what was seen to go wrong.

    Raises:
      UserError: names the file that cannot be read or is of another kind.
    """
    parts = []
    if scores:
        parts.append(_scores_table([(path, _read(path, "scores")) for path in scores]))
    if failures:
        parts.append("## Failure cases\n\n" + _read(failures, "failures").strip())
    return "\n\n".join(parts)


def _scores_table(files: Sequence[tuple[Path, str]]) -> str:
    """A row for each score and each class, a column for each evaluation."""
    columns = []
    for path, text in files:
        try:
            columns.append(_Column(json.loads(text)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UserError(f"--scores={path}: no scores.json of python -m mgpe_tf.evaluate ({error!r})") from error
    scores = list(dict.fromkeys(name for column in columns for name in column.protocols))
    rows = [[f"`{name}`", *(_four(column.scores.get(name)) for column in columns)] for name in scores]
    classes = list(dict.fromkeys(name for column in columns for name in column.f1))
    rows += [[f"F1 of {name}", *(_four(column.f1.get(name)) for column in columns)] for name in classes]
    protocols = {name: text for column in columns for name, text in column.protocols.items()}
    numbers = list(map(str, range(1, len(columns) + 1)))
    table = [["score", *numbers], ["---"] * (len(columns) + 1), *rows]
    return "\n".join(
        [
            "## Scores",
            "",
            *(f"{number}. {column.what}" for number, column in zip(numbers, columns)),
            "",
            *map(_row, table),
            "",
            *(f"- `{name}`: {protocols[name]}." for name in scores),
        ]
    )


class _Column:
    """The used entries of a scores.json; KeyError and the like if it is none."""

    def __init__(self, found: dict):
        flipped = ", averaged with the mirror image" if found.get("flip") else ""
        self.what = f"`{found['model']}` on {found['images']} portraits of `{found['data']}`{flipped}"
        self.protocols = dict(found["protocols"])
        self.scores = {name: found["scores"][name] for name in self.protocols}
        self.f1 = {name: values["f1"] for name, values in found["classes"].items() if "f1" in values}
        parts = found.get("celebamask_hq", {"classes": {}})["classes"]
        self.f1 |= {f"{name} (celebamask_hq)": values["f1"] for name, values in parts.items()}


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _four(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _read(path: Path, flag: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"--{flag}={path}: {getattr(error, 'strerror', None) or 'no text file'}") from error
