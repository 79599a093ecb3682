"""The cost of an edit of one portrait in each format of an editor, and how near its pictures are to the network's."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from benchmarks.batches import drawn_batch
from benchmarks.timing import timed, timed_row
from mgpe_tf.compat import layers_of
from mgpe_tf.config import Config
from mgpe_tf.export.editor_saved_model import add_steps
from mgpe_tf.export.editor_tflite import convert_editor
from mgpe_tf.metrics.image import image_psnr
from mgpe_tf.models.editor_functions import tensor_functions
from mgpe_tf.models.editor_networks import EditorNetworks
from mgpe_tf.networks.generator import PortraitGenerator
from mgpe_tf.networks.normalization import BatchNorm
from mgpe_tf.objectives.editor import build_generator
from mgpe_tf.ops.images import to_float

VARIANTS = ("float32", "dynamic")
"""The .tflite files that are timed; float16 computes as float32 does."""

BFLOAT16 = "auto_mixed_precision_onednn_bfloat16"
"""TensorFlow's option that rewrites graphs for processors that multiply bfloat16."""


def measure_editor(config: Config, threads: int, repeats: int) -> list[dict]:
    """Rows of every format: milliseconds of a cold edit and of a changed mask, and PSNR in dB to the network's
    pictures.

    Cold is all of it: embed the source, encode the background, decode, generate. After a changed mask only generating
    is left, here from the network's own features.
    """
    generator, batch = settled_generator(config), drawn_batch(1, config.data.resolution)
    reference, rows = EditorNetworks.of(generator, config), []
    kept = features_of(reference, batch)
    wanted = draw(reference, batch, kept)
    for name, networks in forms(generator, config, threads):
        cases = {
            "cold": lambda: draw(networks, batch, features_of(networks, batch)),
            "changed mask": lambda: draw(networks, batch, kept),
        }
        for what, case in cases.items():
            psnr = float(image_psnr(to_float(case()), to_float(wanted))[0])
            milliseconds = [1000 * seconds for seconds in timed(case, repeats)]
            rows.append({**timed_row(f"{name}, {what}", milliseconds, "ms"), "PSNR": psnr})
    return rows


def features_of(networks: EditorNetworks, batch: dict[str, np.ndarray]) -> tuple:
    """What a session keeps: the source's features, the target's background."""
    embeddings = networks.embed(batch["source_image"][0], batch["source_mask"][0])
    return networks.decode(embeddings), networks.encode_background(batch["target_image"][0])


def draw(networks: EditorNetworks, batch: dict[str, np.ndarray], kept: tuple) -> np.ndarray:
    """The target with the kept features, uint8 [1, R, R, 3]."""
    features, background = kept
    return networks.render(features, batch["target_image"][0], batch["target_mask"][0], background)[None]


def forms(generator: PortraitGenerator, config: Config, threads: int) -> Iterator[tuple[str, EditorNetworks]]:
    """Every format by its name, the temporary file of each gone when the next is asked for."""
    with tempfile.TemporaryDirectory() as folder:
        archive = keras.export.ExportArchive()
        add_steps(archive, tensor_functions(generator, config), generator.resolution)
        archive.write_out(folder, verbose=False)
        yield "SavedModel", EditorNetworks.load(folder)
        with bfloat16():
            yield "SavedModel in bfloat16", EditorNetworks.load(folder)
    for variant, model in convert_editor(generator, config, VARIANTS):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"editor_{variant}.tflite"
            file.write_bytes(model)
            yield file.name, EditorNetworks.load(file, threads)


@contextlib.contextmanager
def bfloat16() -> Iterator[None]:
    """Graphs that are run inside compute in bfloat16 where the processor can."""
    tf.config.optimizer.set_experimental_options({BFLOAT16: True})
    try:
        yield
    finally:
        tf.config.optimizer.set_experimental_options({BFLOAT16: False})


def settled_generator(config: Config) -> PortraitGenerator:
    """An untrained generator whose batch norms know the statistics of synthetic portraits, as a trained one's would."""
    keras.utils.set_random_seed(config.training.seed)
    generator = build_generator(config)
    norms = [layer for layer in layers_of(generator) if isinstance(layer, BatchNorm)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 0.0  # takes over the batch's statistics as they are
    batch = drawn_batch(2, config.data.resolution)
    images = {kind: to_float(batch[f"{kind}_image"]) for kind in ("source", "target")}
    masks = {kind: tf.constant(batch[f"{kind}_mask"], tf.int32) for kind in ("source", "target")}
    generator(images["source"], masks["source"], images["target"], masks["target"], training=True)
    for norm, momentum in zip(norms, momenta):
        norm.momentum = momentum
    return generator
