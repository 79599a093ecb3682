"""A trained parser in all its deployable formats, in one folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from mgpe_tf.data.source import Source
from mgpe_tf.data.synthetic import SyntheticSource
from mgpe_tf.errors import UserError
from mgpe_tf.export.card import write_card
from mgpe_tf.export.folder import file_size, new_folder
from mgpe_tf.export.parser_saved_model import write_saved_model
from mgpe_tf.export.tflite import convert
from mgpe_tf.export.warmup import BLANK, constant, encoded, write_warmup
from mgpe_tf.models import metadata
from mgpe_tf.models.checkpoints import CheckpointStore
from mgpe_tf.models.face_parser import FaceParser
from mgpe_tf.models.files import KERAS_PARSER, SAVED_MODEL
from mgpe_tf.models.load import load
from mgpe_tf.models.runs import load_product
from mgpe_tf.models.small_weights import FoldedSmallWeights
from mgpe_tf.networks.folding import fold

SAMPLES = 8
"""Images on which every format is compared with the network."""


def export_parser(
    run: Path,
    output: Path,
    variants: Sequence[str],
    calibration: Source | None = None,
    calibration_size: int = 100,
    findings: str = "",
    small_weights: bool = False,
    overwrite: bool = False,
) -> dict[str, tuple[int, float]]:
    """Writes 1/ (a SavedModel), parser.keras, parser_VARIANT.tflite, labels.json, MODEL_CARD.md and SHA256SUMS.

    Args:
      run: run folder of a parser.
      output: the folder to be; it appears when all is done.
      variants: of ``tflite.VARIANTS``.
      calibration: aligned portraits of the run's resolution; int8 needs them.
      calibration_size: how many of them, evenly spread.
      findings: what ``card.findings_text`` gives.
      small_weights: store the SavedModel's weights in fewer bytes (see ``SmallWeights``), from which a training can
        begin, too, so that there is no parser.keras.
      overwrite: replace an exported folder.

    Returns:
      By name of the format: its bytes, and the share of the samples' pixels that it reads as the network does.
    """
    with new_folder(output, overwrite) as folder:
        config, network = load_product(run, "parser")
        resolution = config.data.resolution
        images = _spread(calibration, calibration_size) if calibration else []
        twin = load_product(run, "parser")[1]
        if small_weights:
            weights = FoldedSmallWeights(network, twin)
            write_saved_model(twin, resolution, folder / SAVED_MODEL, (weights, config.parser))
        else:
            write_saved_model(fold(twin), resolution, folder / SAVED_MODEL)
            network.save(folder / KERAS_PARSER)
        write_warmup(
            folder / SAVED_MODEL,
            output.name,
            {
                "parse": {"images": constant(0.0, tf.float32, 1, resolution, resolution, 3)},
                "parse_encoded": {"images": encoded(BLANK)},
            },
        )
        for variant in variants:
            (folder / f"parser_{variant}.tflite").write_bytes(convert(network, resolution, variant, images))
        facts = json.dumps(metadata.describe(resolution, label_set=network.label_set), indent=2)
        (folder / "labels.json").write_text(facts + "\n", encoding="utf-8")
        formats = [SAVED_MODEL, *(f"parser_{variant}.tflite" for variant in variants)]
        samples = _spread(calibration or SyntheticSource(SAMPLES, resolution), SAMPLES)
        files = _compared(FaceParser.of(network, resolution), folder, formats, np.stack(samples))
        what = f"{len(samples)} {'calibration' if calibration else 'synthetic'} portraits"
        write_card(folder / "MODEL_CARD.md", config, latest_step(run), files, what, findings, small_weights)
    return files


def _spread(source: Source, count: int) -> list[np.ndarray]:
    """At most `count` images of a source, evenly spread over it, uint8 [R, R, 3]."""
    indices = np.linspace(0, len(source) - 1, min(count, len(source))).round().astype(int)
    return [source.load(index)[0] for index in indices]


def _compared(reference: FaceParser, folder: Path, formats: Sequence[str], samples: np.ndarray) -> dict:
    """Size in bytes of every format, and the share of pixels of the samples that it reads as the reference does."""
    label_set = reference.label_set
    wanted = reference.probabilities(samples, label_set).argmax(axis=-1)
    found = {}
    for format in formats:
        read = load("parser", folder / format).probabilities(samples, label_set).argmax(axis=-1)
        found[format] = file_size(folder / format), float((read == wanted).mean())
    return found


def latest_step(run: Path) -> int:
    """The step of the checkpoint that ``load_product`` reads."""
    checkpoint = CheckpointStore(run / "checkpoints").restore_latest()
    if checkpoint is None:
        raise UserError(f"{run} has no checkpoint yet")
    return checkpoint.step
