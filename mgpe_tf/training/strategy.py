"""Over which devices a run is spread."""

from __future__ import annotations

import contextlib
import json
import os

import tensorflow as tf

from mgpe_tf.errors import UserError


def make_strategy() -> tf.distribute.Strategy:
    """Over all GPUs, or else all logical CPUs: OneDeviceStrategy or MirroredStrategy; MultiWorkerMirroredStrategy when
    TF_CONFIG names a cluster.

    Raises:
      UserError: TF_CONFIG is no JSON.
    """
    try:
        cluster = json.loads(os.environ.get("TF_CONFIG") or "{}").get("cluster")
    except ValueError as error:
        raise UserError(f"the environment variable TF_CONFIG is no JSON: {error}") from error
    if cluster:
        return tf.distribute.MultiWorkerMirroredStrategy()
    devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    if len(devices) == 1:  # a MirroredStrategy of one works too, but takes twice as long to trace
        return tf.distribute.OneDeviceStrategy(devices[0].name)
    return tf.distribute.MirroredStrategy([device.name for device in devices])


def describe(strategy: tf.distribute.Strategy) -> str:
    """E.g. "2 GPU replicas"."""
    count = strategy.num_replicas_in_sync
    kind = tf.DeviceSpec.from_string(strategy.extended.worker_devices[0]).device_type
    return f"{count} {kind} replica{'s' if count > 1 else ''}"


def is_chief(strategy: tf.distribute.Strategy) -> bool:
    """Whether this process writes the run folder: the only one, or the cluster's chief (worker 0 without one)."""
    resolver = strategy.cluster_resolver
    if resolver is None or not resolver.task_type:
        return True
    has_chief = "chief" in resolver.cluster_spec().jobs
    return resolver.task_type == "chief" or (not has_chief and resolver.task_id == 0)


def any_worker(strategy: tf.distribute.Strategy):
    """In a cluster, a function that tells from each worker's bool, in all of them, whether one is true; else None."""
    if not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
        return None
    add = tf.distribute.ReduceOp.SUM
    total = tf.function(lambda value: strategy.reduce(add, strategy.run(lambda: value), axis=None))
    return lambda true_here: bool(total(tf.constant(float(true_here))))


@contextlib.contextmanager
def worker_errors():
    """Inside this context the loss of another worker of the cluster raises UserError."""
    try:
        yield
    except (tf.errors.UnavailableError, tf.errors.AbortedError):
        raise UserError(
            "another worker of the cluster has ended (its own output says why): start all workers again; "
            "they continue from the last checkpoint"
        ) from None
