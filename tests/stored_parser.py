"""Small parsers with random weights, in memory and on disk."""

from __future__ import annotations

from small import randomised, small_config


def random_parser():
    """The parser of ``small_config`` with every weight drawn."""
    from mgpe_tf.objectives.parser import build_parser

    return randomised(build_parser(small_config()))


def lite_config():
    """The experiment of a parser of nineteen classes, its decoder narrow."""
    from mgpe_tf.config import ParserConfig

    config = small_config(task="parser")
    config.parser = ParserConfig(kind="lite", up_filters=(8, 8, 8, 8), up_blocks=(0, 0, 0, 0))
    return config


def random_lite_parser():
    """A parser of nineteen classes that begins as a training does, but with a head that tells its classes apart."""
    import numpy as np

    from mgpe_tf.objectives.parser import build_parser

    parser = build_parser(lite_config())
    for variable in parser.head.weights:
        variable.assign(np.random.default_rng(0).normal(0, 2, variable.shape).astype(np.float32))
    return parser


def store_run(path, step: int = 7, config=None, parser=None):
    """Makes the run folder of a parser (``random_parser``, unless given) with one checkpoint; returns its `path`."""
    from mgpe_tf.models.checkpoints import CheckpointStore
    from mgpe_tf.training.run_folder import RunFolder

    with RunFolder(path) as run:
        run.store_config(config or small_config(task="parser"))
        arrays = {f"network/{v.path}": v.numpy() for v in (parser or random_parser()).weights}
        CheckpointStore(run.checkpoints).save(step, arrays, {})
    return path


def store_labels_only(network, resolution: int, path):
    """Writes a SavedModel as exports were before they had features; returns `path`."""
    import keras
    import tensorflow as tf

    archive = keras.export.ExportArchive()
    images = tf.TensorSpec((None, resolution, resolution, 3), tf.float32, "images")
    archive.add_endpoint("parse", lambda images: {"probabilities": tf.nn.softmax(network(images))}, [images])
    archive.write_out(str(path), verbose=False)
    return path
