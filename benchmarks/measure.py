"""What the benchmark measures, one section per process, so that threads and memory are each section's own.

``benchmarks.benchmark`` starts it: ``python -m benchmarks.measure SECTION`` reads {"config", "threads", "repeats",
"batch_size", "replicas", "model", "photo"} as JSON from the standard input and writes the section's rows as JSON on the
last line of the standard output.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import tensorflow as tf

from benchmarks.batches import drawn_batch
from benchmarks.editor_forms import draw, features_of, measure_editor, settled_generator
from benchmarks.hot_spots import hot_spots
from benchmarks.operations import count_macs
from benchmarks.parser_forms import measure_forms
from benchmarks.photo_path import measure_photo
from benchmarks.subnetworks import sub_networks
from benchmarks.timing import WARM_UP, resident_mib, row, timed, timed_compiled, timed_row
from mgpe_tf.config import Config, DataConfig, config_from_dict
from mgpe_tf.data.open import open_source
from mgpe_tf.data.pipeline import drain, training_batches, user_errors
from mgpe_tf.errors import UserError
from mgpe_tf.labels import BACKGROUND
from mgpe_tf.models.editor_networks import EditorNetworks
from mgpe_tf.networks.efficientnet_lite import EfficientNetLite0
from mgpe_tf.networks.folding import fold
from mgpe_tf.networks.registration import Registration
from mgpe_tf.objectives.editor import build_generator
from mgpe_tf.objectives.parser import build_parser
from mgpe_tf.objectives.tasks import objective_of
from mgpe_tf.training.precision import set_precision
from mgpe_tf.training.state import TrainingState
from mgpe_tf.training.step import TrainStep
from mgpe_tf.training.strategy import make_strategy

PIPELINE_PORTRAITS = 64
"""Synthetic portraits in the data set that the input pipeline reads, and portraits in a timed repeat."""


def main(section: str) -> None:
    """Measures one section."""
    task = json.load(sys.stdin)
    config = config_from_dict(task["config"])
    tf.config.threading.set_intra_op_parallelism_threads(task["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(task["threads"])
    shares = [tf.config.LogicalDeviceConfiguration()] * task["replicas"]
    tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], shares)
    set_precision(config.training.precision)
    config.training.batch_size = task["batch_size"]
    if section == "parser":
        rows = measure_forms(Path(task["model"]), task["threads"], task["repeats"])
    elif section == "edit":
        rows = measure_editor(config, task["threads"], task["repeats"])
    elif section == "photo":
        rows = measure_photo(config, task["photo"], task["repeats"])
    else:
        rows = SECTIONS[section](config, task["repeats"])
    print(json.dumps(rows))


def train(config: Config, repeats: int) -> list[dict]:
    """Steps as a training takes them (an untrained P_F does the same work as a trained one), and the peak memory."""
    kinds, take = untrained_steps(config)

    def seconds(kind: str) -> float:
        start = time.perf_counter()
        take(kind)
        return time.perf_counter() - start

    started, first = resident_mib(), [seconds(kind) for kind in kinds]
    for kind in kinds * (WARM_UP - 1):
        seconds(kind)
    times = [[seconds(kind) for kind in kinds] for _ in range(repeats)]
    rows = [timed_row(f"{kind} step", times_of_kind, "s") for kind, times_of_kind in zip(kinds, zip(*times))]
    together = [sum(both) for both in times]
    images = len(kinds) * config.training.batch_size
    if len(kinds) > 1:
        rows.append(timed_row(" + ".join(kinds), together, "s"))
    return [
        *rows,
        timed_row("per image", [t / images for t in together], "s"),
        timed_row("images", [images / t for t in together], "1/s"),
        row("compilation and first steps", sum(first), "s"),
        row("memory before the first step", started, "MiB"),
        row("peak resident memory", resident_mib(), "MiB"),
    ]


def profile(config: Config, repeats: int) -> list[dict]:
    """Where the time of each kind of step goes, and of an editor's new mask."""
    kinds, take = untrained_steps(config)
    rows = []
    for kind in kinds:
        for _ in range(WARM_UP):
            take(kind)
        rows += hot_spots(f"{kind} step", functools.partial(take, kind), repeats)
    if config.task == "editor":
        networks, batch = (
            EditorNetworks.of(fold(settled_generator(config)), config),
            drawn_batch(1, config.data.resolution),
        )
        kept = features_of(networks, batch)
        draw(networks, batch, kept)
        rows += hot_spots("changed mask", lambda: draw(networks, batch, kept), repeats)
    return rows


def untrained_steps(config: Config) -> tuple[tuple[str, ...], Callable[[str], None]]:
    """The kinds of steps of the task, and what takes one of a kind and waits for its end."""
    strategy = make_strategy()
    with strategy.scope():
        objective, average = untrained_objective(config)
        state = TrainingState(objective, config.training, average)
    step = TrainStep(objective, state, strategy, config)
    batches = distributed_batches(strategy, config.training.batch_size, config.data.resolution)

    def take(kind: str) -> None:
        for term in step(kind, next(batches)).values():
            term.numpy()

    return objective.kinds, take


UNTRAINED = {
    "parser": build_parser,
    "editor": build_generator,
    "registration": lambda config: Registration(),
    "trunk": lambda config: EfficientNetLite0(name="trunk"),
}
"""What an objective reads, untrained."""


def untrained_objective(config: Config):
    """The objective of the task with all networks untrained, P_F too, and the network of the averaged weights."""
    kind = objective_of(config.task)
    objective = kind(config, **{name: UNTRAINED[name](config) for name in kind.reads(config)})
    return objective, kind.build(config) if config.training.ema else None


def distributed_batches(strategy, batch_size: int, resolution: int):
    """Endless synthetic batches, spread over the replicas as the training loop spreads them."""
    batch = drawn_batch(batch_size, resolution)

    def dataset(context):
        share = batch_size // context.num_replicas_in_sync
        return tf.data.Dataset.from_tensor_slices(batch).batch(share, drop_remainder=True).cache().repeat()

    return iter(strategy.distribute_datasets_from_function(dataset))


def pipeline(config: Config, repeats: int) -> list[dict]:
    """Pairs and images per second out of the input pipeline, cached and not, augmented as the config says.

    A pair is what one image of a training batch takes: target and source. Paired steps use one image for both, so
    alternating steps read 1.5 images for a pair.
    """
    data = config.data
    if not data.path:
        size = min(data.synthetic_size, PIPELINE_PORTRAITS)
        data = dataclasses.replace(data, layout="synthetic", synthetic_size=size)
    unpaired = config.task == "editor" and config.training.unpaired
    source, rows = open_source(data, "train"), []
    for cache in ("memory", "none"):
        rates = pairs_per_second(source, dataclasses.replace(data, cache=cache), config, unpaired, repeats)
        rows.append(timed_row(f"pairs, cache {cache}", rates, "1/s"))
        rows.append(timed_row(f"images, cache {cache}", [r * (1.5 if unpaired else 1) for r in rates], "1/s"))
    return rows


def pairs_per_second(source, data: DataConfig, config: Config, unpaired: bool, repeats: int) -> list[float]:
    """Rates of reading training batches, one figure per repeat."""
    batch_size = config.training.batch_size
    steps = 2 * max(1, PIPELINE_PORTRAITS // (2 * batch_size))
    with tf.device("CPU:0"):
        reading = tf.Variable(True, trainable=False)
    batches = iter(training_batches(source, data, batch_size=batch_size, seed=0, unpaired=unpaired, reading=reading))
    try:
        with user_errors():
            seconds = timed(lambda: [next(batches) for _ in range(steps)], repeats, shortest=0)
    finally:
        drain(batches, reading)
    return [steps * batch_size / s for s in seconds]


def forward(config: Config, repeats: int) -> list[dict]:
    """Each sub-network at inference, batch 1, compiled, and its share of this machine's peak."""
    peak = peak_macs_per_second(repeats)
    rows = [row("3x3 convolution, 256 channels (peak)", peak / 1e9, "GMAC/s")]
    for network in sub_networks(config):
        times = timed_compiled(network.function, network.inputs, repeats)
        rate = count_macs(network.function, *network.inputs) / statistics.median(times)
        extra = {"GMAC/s": rate / 1e9, "share of peak": rate / peak}
        rows.append({**timed_row(network.name, [1000 * t for t in times], "ms"), **extra})
    return rows


def peak_macs_per_second(repeats: int) -> float:
    """Multiply-accumulates per second of a convolution that suits the machine: 3x3, 256 channels, 128x128."""
    inputs = tf.ones((1, 128, 128, 256)), tf.ones((3, 3, 256, 256))
    convolution = functools.partial(tf.nn.conv2d, strides=1, padding="SAME")
    return count_macs(convolution, *inputs) / min(timed_compiled(convolution, inputs, repeats))


def count(config: Config, repeats: int) -> list[dict]:
    """Multiply-accumulates and trainable weights of each sub-network and of a whole generated image."""
    del repeats
    rows = [
        {"name": n.name, "GMAC": count_macs(n.function, *n.inputs) / 1e9, "parameters": n.parameters}
        for n in sub_networks(config)
    ]
    objective = objective_of(config.task)
    if objective.product == "generator":
        network, size = objective.build(config), config.data.resolution
        image, mask = tf.zeros((1, size, size, 3)), tf.fill((1, size, size), BACKGROUND)
        macs = count_macs(network.generate, image, mask, image, mask)
        total = sum(r["parameters"] for r in rows if r["name"] != "P_F" and not r["name"].startswith("D "))
        rows.append({"name": "G, a whole image", "GMAC": macs / 1e9, "parameters": total})
    return rows


SECTIONS = {"train": train, "profile": profile, "pipeline": pipeline, "forward": forward, "count": count}
"""What can be measured of a config, by name."""


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except UserError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
