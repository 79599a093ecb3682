"""A small parser with random weights, in memory and on disk."""

from __future__ import annotations

from small import randomised, small_config


def random_parser():
    """The parser of ``small_config`` with every weight drawn."""
    from mgpe_tf.objectives.parser import build_parser

    return randomised(build_parser(small_config()))


def store_run(path, step: int = 7):
    """Makes the run folder of ``random_parser`` at `path`, with one checkpoint; returns `path`."""
    from mgpe_tf.training.checkpoints import CheckpointStore
    from mgpe_tf.training.run_folder import RunFolder

    with RunFolder(path) as run:
        run.store_config(small_config(task="parser"))
        arrays = {f"network/{v.path}": v.numpy() for v in random_parser().weights}
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
