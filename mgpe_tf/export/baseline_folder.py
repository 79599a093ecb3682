"""A trained baseline in a folder, to be served beside an editor and compared with it."""

from __future__ import annotations

import string
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from mgpe_tf.config import Config
from mgpe_tf.data.source import Source
from mgpe_tf.data.synthetic import SyntheticSource
from mgpe_tf.export.folder import file_size, new_folder
from mgpe_tf.export.parser_folder import latest_step
from mgpe_tf.export.warmup import constant, write_warmup
from mgpe_tf.metrics.image import image_psnr
from mgpe_tf.models.editor_functions import tensor_functions
from mgpe_tf.models.editor_networks import EditorNetworks
from mgpe_tf.models.files import SAVED_MODEL
from mgpe_tf.models.load import load
from mgpe_tf.models.runs import load_product
from mgpe_tf.networks.baseline import Baseline
from mgpe_tf.networks.folding import fold
from mgpe_tf.objectives.tasks import BASELINES
from mgpe_tf.ops.images import to_float
from mgpe_tf.version import __version__

SAMPLES = 8
"""Portraits on which the SavedModel is compared with the network."""

CARD = string.Template("""\
# Model card: baseline $name

Generates a portrait of $resolution x $resolution pixels from its mask, background and all: the method `$task`, in an
implementation of its own (mgpe_tf $version), to compare with the portrait editor. It edits no photographs.

`1`, $bytes bytes, is a SavedModel with the signatures below. Its pictures have a PSNR of $mean dB to the network's,
$least dB at least, in 8 bits on $samples (100 dB: no difference). `sha256sum -c SHA256SUMS` checks the files.
Images are float32 [B, $resolution, $resolution, 3] in [-1, 1], masks int32 [B, $resolution, $resolution] of the ids 0
to 10.

| signature | inputs | outputs |
| --- | --- | --- |
$signatures

There are no .tflite files, no signatures for encoded pictures, and no parser in it.

## Training

Step $step of the experiment `$name`, seed $seed, batch $batch, on the layout `$layout`, label set `$label_set`.

$findings

## Use and limits

For masks of upright faces from the front, as in the training data. Outputs are synthetic pictures: say so wherever they
are shown, and do not use them to deceive, harass or identify anyone. Weights are bound by the licence of the data they
were trained on. CelebAMask-HQ allows non-commercial research only, and so do weights trained on it.
""")


def export_baseline(
    run: Path,
    output: Path,
    portraits: Source | None = None,
    findings: str = "",
    overwrite: bool = False,
) -> dict[str, tuple[int, float, float]]:
    """Writes 1/ (a SavedModel), MODEL_CARD.md and SHA256SUMS.

    Args:
      run: run folder of a baseline.
      output: the folder to be; it appears when all is done.
      portraits: on which the SavedModel is compared with the network, at the run's resolution; None for synthetic ones.
      findings: what ``card.findings_text`` gives.
      overwrite: replace an exported folder.

    Returns:
      By name of the format: its bytes, and the mean and the least PSNR of its pictures to the network's, in dB.
    """
    with new_folder(output, overwrite) as folder:
        config, network = load_product(run, *BASELINES)
        size = config.data.resolution
        names = write_baseline(fold(load_product(run, *BASELINES)[1]), config, folder / SAVED_MODEL)
        vectors = {name: constant(0.0, tf.float32, 1, length) for name, length in names.items()}
        write_warmup(
            folder / SAVED_MODEL, output.name, {"generate": {"masks": constant(0, tf.int32, 1, size, size), **vectors}}
        )
        source = portraits or SyntheticSource(SAMPLES, size)
        images, masks = map(np.stack, zip(*(source.load(i) for i in range(min(SAMPLES, len(source))))))
        kept, trained = load("editor", folder, baselines=True), EditorNetworks.of(network, config)
        found, wanted = (one.render_batch(one.embed_batch(images, masks), images, masks) for one in (kept, trained))
        psnr = np.asarray(image_psnr(to_float(found), to_float(wanted)))
        files = {SAVED_MODEL: (file_size(folder / SAVED_MODEL), float(psnr.mean()), float(psnr.min()))}
        samples = f"{len(images)} {'given' if portraits else 'synthetic'} portraits"
        card = _card(config, names, latest_step(run), files[SAVED_MODEL], samples, findings)
        (folder / "MODEL_CARD.md").write_text(card, encoding="utf-8")
    return files


def write_baseline(network: Baseline, config: Config, folder: Path) -> dict[str, int]:
    """Writes the network, for any number of portraits. Images are float32 [B, R, R, 3] in [-1, 1].

    - "generate", also the default: ``masks`` int32 [B, R, R] Helen ids, and the appearance by name where there is one,
      -> ``images``.
    - "embed", where there is an appearance: ``images`` -> it by name, float32 [B, E].

    Returns:
      E by name of the appearance; {} where there is none.
    """
    size = config.data.resolution
    functions = tensor_functions(network, config)
    names = {name: vector.shape[-1] for name, vector in network.embed(tf.zeros((1, size, size, 3))).items()}

    def generate(masks, *vectors):
        return {"images": functions.draw(dict(zip(names, vectors)), None, masks)}

    archive = keras.export.ExportArchive()
    vectors = [tf.TensorSpec((None, length), tf.float32, name) for name, length in names.items()]
    archive.add_endpoint(
        "generate",
        tf.function(
            generate, input_signature=[tf.TensorSpec((None, size, size), tf.int32, "masks"), *vectors], autograph=False
        ),
    )
    if names:
        archive.add_endpoint("embed", network.embed, [tf.TensorSpec((None, size, size, 3), tf.float32, "images")])
    archive.write_out(str(folder), verbose=False)
    return names


def _card(
    config: Config, names: dict[str, int], step: int, file: tuple[int, float, float], samples: str, findings: str
) -> str:
    size, mean, least = file
    vectors = "".join(f", `{name}` float32 [B, {length}]" for name, length in names.items())
    rows = [f"| `generate`, `serving_default` | `masks`{vectors} | `images` |"]
    rows += [f"| `embed` | `images` | {vectors[2:]} |"] if names else []
    return CARD.substitute(
        name=config.name,
        task=config.task,
        version=__version__,
        resolution=config.data.resolution,
        bytes=size,
        mean=f"{mean:.1f}",
        least=f"{least:.1f}",
        samples=samples,
        signatures="\n".join(rows),
        step=step,
        seed=config.training.seed,
        batch=config.training.batch_size,
        layout=config.data.layout,
        label_set=", ".join(config.data.label_set),
        findings=findings or "No scores were given when this card was written.",
    )
