"""A trained editor with its parser in one folder, as it is deployed."""

from __future__ import annotations

import string
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from mgpe_tf.config import Config
from mgpe_tf.data.source import Source
from mgpe_tf.data.synthetic import SyntheticSource
from mgpe_tf.export.card import beginning
from mgpe_tf.export.editor_saved_model import write_editor
from mgpe_tf.export.editor_tflite import convert_editor
from mgpe_tf.export.folder import file_size, new_folder
from mgpe_tf.export.parser_folder import latest_step
from mgpe_tf.export.warmup import BLANK, constant, encoded, write_warmup
from mgpe_tf.metrics.image import image_psnr
from mgpe_tf.models.carrying import carrying_network
from mgpe_tf.models.editor_networks import EditorNetworks
from mgpe_tf.models.files import SAVED_MODEL
from mgpe_tf.models.keras_parsers import load_parser
from mgpe_tf.models.load import load
from mgpe_tf.models.runs import load_product
from mgpe_tf.models.small_weights import SmallWeights
from mgpe_tf.networks.carrying import Carrying
from mgpe_tf.networks.folding import fold
from mgpe_tf.networks.generator import PortraitGenerator
from mgpe_tf.ops.images import to_float
from mgpe_tf.version import __version__

CARRYING = """

Photographs' own pixels are kept: they are carried along flows between the masks, and what they do not show is generated
and completed. Where the source is the target, pixel by pixel, its mask is taken for the one before the edit, and the
portrait stays as it is off what the edit changes; else off face and hair."""
"""The card's words on an editor that carries."""

COMPLETE = (
    "| `complete` | `generated`, which `draw` gave, `source_images`, `source_masks`, `images`, `masks` | `images` |\n"
)
"""Its row of that editor's last signature."""

PAIRS = 8
"""Pairs of portraits on which every format is compared with the network."""

CARD = string.Template("""\
# Model card: portrait editor $name

Generates an aligned portrait of $resolution x $resolution pixels: the shape and the background of one, the appearance
of another; G of Gu et al., "Mask-Guided Portrait Editing with Conditional GANs" (CVPR 2019), in an implementation of
its own (mgpe_tf $version). With it comes the parser P_F that reads masks.$carrying

| file | bytes | PSNR to the network's pictures: mean, least |
| --- | --- | --- |
$files

The last column is measured in 8 bits on $samples; 100 dB: no difference. `1` is a SavedModel with all
signatures below.$weights A `.tflite` file has those from `embed` on, for one portrait at a time. `sha256sum -c
SHA256SUMS` checks the files. Images are float32 [B, $resolution, $resolution, 3] in [-1, 1], masks int32
[B, $resolution, $resolution] of the ids 0 to 10.

| signature | inputs | outputs |
| --- | --- | --- |
| `edit`, `serving_default` | `source_images`, `source_masks`, `target_images`, `target_masks` | `images` |
| `edit_encoded` | `sources`, `targets`: JPEG or PNG files of aligned portraits | `png_bytes` |
| `parse` | `images` | `label_map` uint8 |
| `render` | the five embeddings, `images`, `masks` | `images` |
| `embed` | `images`, `masks` | five embeddings by component name |
| `decode` | the five embeddings | five features by component name |
| `draw` | the five features, `images`, `masks`, `background` if there is one | `images` |
| `encode_background`, unless it depends on the mask | `images` | `background` |
$complete
So an app embeds a photograph and encodes its background once, decodes when an appearance is taken, and draws when the
mask changes.

## Training

Step $step of the experiment `$name`, seed $seed, batch $batch, on the layout `$layout`, label set `$label_set`. The
parser is `$parser`.$start

$findings

## Use and limits

For upright faces from the front, aligned as the training data were. Outputs are synthetic pictures: say so wherever
they are shown, edit pictures of people only with their consent, and do not use them to deceive, harass or identify
anyone. Quality differs between groups of people as the training data do.

Weights are bound by the licence of the data they were trained on. CelebAMask-HQ allows non-commercial research only,
and so do weights trained on it.
""")


def export_editor(
    run: Path,
    parser_path: Path,
    output: Path,
    variants: Sequence[str] = (),
    portraits: Source | None = None,
    findings: str = "",
    small_weights: bool = False,
    overwrite: bool = False,
    carry: bool = True,
    completion: Path | None = None,
) -> dict[str, tuple[int, float, float]]:
    """Writes 1/ (a SavedModel), editor_VARIANT.tflite, MODEL_CARD.md and SHA256SUMS.

    Args:
      run: run folder of an editor.
      parser_path: run folder or exported folder of the parser that reads its masks.
      output: the folder to be; it appears when all is done.
      variants: of ``editor_tflite.VARIANTS``.
      portraits: on which the formats are compared, at the run's resolution; None for synthetic ones.
      findings: what ``card.findings_text`` gives.
      small_weights: store the SavedModel's weights in fewer bytes (see ``SmallWeights``).
      overwrite: replace an exported folder.
      carry: keep photographs' own pixels (``Carrying``), if there is a completion for the resolution; else all is
        generated, as in the paper.
      completion: file of the weights of the completion that does so; None for the bundled one, if it fits.

    Returns:
      By name of the format: its bytes, and the mean and the least PSNR of its pictures to the network's, in dB.
    """
    with new_folder(output, overwrite) as folder:
        config, generator = load_product(run, "editor")
        parser_name, parser_resolution, parser = load_parser(parser_path)
        carrying = carrying_network(generator.resolution, completion) if carry else None
        written, weights = _written(run, generator, parser, carrying, small_weights)
        write_editor(written, config, parser, parser_resolution, folder / SAVED_MODEL, weights, carrying)
        write_warmup(folder / SAVED_MODEL, output.name, warmup_requests(generator.resolution))
        for variant, model in convert_editor(generator, config, variants, carrying):
            (folder / f"editor_{variant}.tflite").write_bytes(model)
        formats = [SAVED_MODEL, *(f"editor_{variant}.tflite" for variant in variants)]
        pairs = _pairs(portraits or SyntheticSource(2 * PAIRS, generator.resolution))
        files = _compared(EditorNetworks.of(generator, config, carrying=carrying), folder, formats, pairs)
        samples = f"{len(pairs)} pairs of {'given' if portraits else 'synthetic'} portraits"
        card = _card(config, parser_name, latest_step(run), files, samples, small_weights, bool(carrying), findings)
        (folder / "MODEL_CARD.md").write_text(card, encoding="utf-8")
    return files


def _written(
    run: Path, generator: PortraitGenerator, parser: keras.Model, carrying: Carrying | None, small_weights: bool
) -> tuple[PortraitGenerator, SmallWeights | None]:
    """The generator that goes into the SavedModel, and its weights in fewer bytes.

    Those keep the names that a training begins with, so their normalisations stay; others are folded.
    """
    if small_weights:
        return generator, SmallWeights(*filter(None, (generator, parser, carrying)))
    fold(parser)
    return fold(load_product(run, "editor")[1]), None


def _pairs(source: Source) -> list[tuple]:
    """Sources and targets, evenly spread over some portraits: (x_s, m_s), (x_t, m_t) in uint8."""
    count = min(PAIRS, max(1, len(source) // 2))
    starts = np.linspace(0, len(source) - 1, count, endpoint=False).astype(int).tolist()
    return [(source.load(start), source.load((start + len(source) // 2) % len(source))) for start in starts]


def _compared(network: EditorNetworks, folder: Path, formats: Sequence[str], pairs: list[tuple]) -> dict:
    """Size in bytes of every format, and the mean and the least PSNR of its pictures to those of the network."""
    wanted, found = _drawn(network, pairs), {}
    for format in formats:
        psnr = np.asarray(image_psnr(to_float(_drawn(load("editor", folder / format), pairs)), to_float(wanted)))
        found[format] = file_size(folder / format), float(psnr.mean()), float(psnr.min())
    return found


def _drawn(networks: EditorNetworks, pairs: list[tuple]) -> np.ndarray:
    """The portraits of the pairs, uint8 [N, R, R, 3]."""
    return np.stack([networks.edit(*source, *target) for source, target in pairs])


def warmup_requests(size: int) -> dict[str, dict]:
    """A request of each kind that a server gets."""
    image, mask = constant(0.0, tf.float32, 1, size, size, 3), constant(0, tf.int32, 1, size, size)
    return {
        "edit": {"source_images": image, "source_masks": mask, "target_images": image, "target_masks": mask},
        "edit_encoded": {"sources": encoded(BLANK), "targets": encoded(BLANK)},
    }


def _card(
    config: Config,
    parser: str,
    step: int,
    files: dict[str, tuple[int, float, float]],
    samples: str,
    small_weights: bool,
    carries: bool,
    findings: str,
) -> str:
    rows = (f"| {name} | {size} | {mean:.1f} dB, {least:.1f} dB |" for name, (size, mean, least) in files.items())
    return CARD.substitute(
        files="\n".join(rows),
        samples=samples,
        name=config.name,
        version=__version__,
        resolution=config.data.resolution,
        step=step,
        seed=config.training.seed,
        batch=config.training.batch_size,
        layout=config.data.layout,
        label_set=", ".join(config.data.label_set),
        parser=parser,
        start=beginning(config),
        carrying=CARRYING if carries else "",
        complete=COMPLETE if carries else "",
        weights=" Its kernels are stored in half precision, the large ones in 8 bits." if small_weights else "",
        findings=findings or "No scores were given when this card was written.",
    )
