"""The editor as .tflite files, for phones and small computers, without TensorFlow.

A file holds the editor in steps, as signatures, so that an app computes again only what changed: "embed" once for each
photograph, "decode" once for each appearance, "draw" and "complete" for each mask. The steps share no weights, so one
file is as small as several.

There is no int8 variant: TensorFlow 2.21's converter loses the scale of the zeros in one-hot masks and selection
matrices, which then count as halves, and what is generated is no portrait.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence

import keras

from mgpe_tf.config import Config
from mgpe_tf.export.editor_saved_model import add_steps
from mgpe_tf.export.tflite import converted, new_converter
from mgpe_tf.models import metadata
from mgpe_tf.models.editor_functions import tensor_functions
from mgpe_tf.networks.carrying import Carrying
from mgpe_tf.networks.generator import PortraitGenerator

VARIANTS = ("float32", "float16", "dynamic")
"""float16 stores weights in half precision, dynamic in 8 bits; inputs and outputs are floats."""


def convert_editor(
    generator: PortraitGenerator, config: Config, variants: Sequence[str], carrying: Carrying | None = None
) -> Iterator[tuple[str, bytes]]:
    """The .tflite files of some variants, for one portrait at a time, their signatures as ``add_steps`` says.

    Args:
      generator: the trained G.
      config: its experiment.
      variants: of ``VARIANTS``.
      carrying: keeps photographs' own pixels; None: all is generated.

    Yields:
      The name of a variant and its file.
    """
    if not variants:
        return
    archive = keras.export.ExportArchive()
    signatures = add_steps(archive, tensor_functions(generator, config, carrying), generator.resolution, batch=1)
    with tempfile.TemporaryDirectory() as folder:
        archive.write_out(folder, verbose=False)
        for variant in variants:
            converter = new_converter(folder, variant, signatures)
            yield variant, converted(converter, metadata.describe(generator.resolution, "editor"))
