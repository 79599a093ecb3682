"""Batches of portraits for training, by tf.data.

The order has no state: the number of the portrait, counted over all batches, says which image it is and how it is
augmented, so that a resumed run continues exactly where the first one stopped, whatever the size of its batches.
"""

from __future__ import annotations

import contextlib
import functools
import re

import tensorflow as tf

from mgpe_tf.config import DataConfig
from mgpe_tf.data.augment import augment
from mgpe_tf.data.cache import decode_all
from mgpe_tf.data.order import is_paired, require_partners
from mgpe_tf.data.source import Source
from mgpe_tf.errors import UserError

_TARGET, _SOURCE, _VIEW = 0, 1, 2


def training_batches(
    source: Source,
    config: DataConfig,
    *,
    batch_size: int,
    seed: int,
    first_step: int = 0,
    first_position: int | None = None,
    unpaired: bool = True,
    input_context: tf.distribute.InputContext | None = None,
    reading: tf.Variable | None = None,
) -> tf.data.Dataset:
    """An endless data set of augmented batches, the first one that of `first_step`.

    The images pass in a new order in every epoch. In unpaired steps the source image is never the target image.
    Reading the data set may raise a wrapped UserError: read it inside ``user_errors``.

    Args:
      source: the portraits.
      config: its `cache`, `augmentation` and `view` are used.
      batch_size: images per step over all replicas.
      seed: with the step, it determines every batch.
      first_step: the step at which to begin.
      first_position: number of portraits in all batches before; None if all had this size.
      unpaired: alternate paired with unpaired steps (see ``order.is_paired``).
      input_context: given by ``tf.distribute``, the batches are those of the replicas fed by this worker, one after
        the other: its share of each step's batch.
      reading: a bool on the CPU; once it is False, no more portraits are loaded and the batches end, with the
        FailedPreconditionError of a data set that was said to be endless (see ``drain``).

    Returns:
      Batches {"target_image", "source_image": uint8 [B, R, R, 3], "target_mask", "source_mask": uint8 [B, R, R]}.

    Raises:
      UserError: a file cannot be read, or `unpaired` with a single portrait.
    """
    require_partners(len(source), unpaired)
    context = input_context or tf.distribute.InputContext()
    share = _per_replica(batch_size, context)
    if first_position is None:
        first_position = first_step * batch_size
    local = batch_size // context.num_input_pipelines
    load = _loader(source, config.cache)

    @tf.autograph.experimental.do_not_convert  # its conditions are Python's: converting takes longer than tracing
    def example(count):
        step = count // local
        position = first_position + (step - first_step) * batch_size + context.input_pipeline_id * local + count % local
        target_index, other_index = _pair(position, len(source), seed)

        def changed(portrait, changes, role):
            image, mask = portrait
            own = tf.random.fold_in(tf.constant([seed, role], tf.int64), position)
            return augment(image, mask, changes, own, source.partial)

        target = changed(load(target_index), config.augmentation, _TARGET)
        if not unpaired:
            return _named(target, changed(target, config.view, _VIEW))
        return _named(
            target,
            tf.cond(
                is_paired(step, unpaired),
                lambda: changed(target, config.view, _VIEW),
                lambda: changed(load(other_index), config.augmentation, _SOURCE),
            ),
        )

    counts = tf.data.Dataset.counter(first_step * local)
    if reading is not None:
        counts = counts.take_while(lambda _: reading)
    examples = counts.map(example, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    batches = examples.batch(share, drop_remainder=True).prefetch(tf.data.AUTOTUNE)
    # Of an endless data set, workers need not ask each other at every step whether all have got a batch.
    return batches.apply(tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY))


def drain(batches, reading: tf.Variable) -> None:
    """Ends the iterator over ``training_batches`` to which ``reading`` was given, so that it can be deleted.

    An iterator that is deleted before its end waits for the threads that load portraits, and holds Python's lock
    meanwhile, for which they may wait: then nothing goes on.
    """
    reading.assign(False)
    while True:
        try:
            next(batches)
        except (StopIteration, tf.errors.FailedPreconditionError):
            return
        except tf.errors.OpError:  # a portrait that cannot be loaded: others are still waiting
            continue


@contextlib.contextmanager
def user_errors():
    """Inside this context a UserError that tf.data wrapped, raised while a portrait was loaded, comes out as itself."""
    try:
        yield
    except tf.errors.OpError as error:
        message = re.search(r"UserError: (.+)", error.message)
        if message is None:
            raise
        raise UserError(message[1]) from None


def _per_replica(batch_size: int, context: tf.distribute.InputContext) -> int:
    """The batch size of one replica; UserError if the replicas cannot share the batch equally."""
    replicas = context.num_replicas_in_sync
    if batch_size < 1 or batch_size % replicas:
        raise UserError(f"training.batch_size is {batch_size}; allowed are positive multiples of {replicas} (replicas)")
    return batch_size // replicas


def _pair(position, size: int, seed: int):
    """int64 position in the endless order -> indices of the target and of another image (the same if there is one)."""
    epoch, rank = position // size, position % size
    epoch_seed = tf.stack([tf.constant(seed, tf.int64), epoch])
    shuffled = functools.partial(tf.random.experimental.index_shuffle, seed=epoch_seed, max_index=size - 1)
    # One turn for the whole epoch keeps the sources a permutation too, and no image meets itself.
    turn = tf.random.stateless_uniform([], epoch_seed, 1, max(size, 2), tf.int64)
    return shuffled(rank), shuffled((rank + turn) % size)


def _loader(source: Source, cache: str):
    """A function from an int64 tensor to that portrait, (uint8 [R, R, 3], uint8 [R, R]); see ``DataConfig.cache``."""
    read = _reader(source, cache)

    def load(index):
        image, mask = tf.numpy_function(read, [index], (tf.uint8, tf.uint8))
        size = (source.resolution, source.resolution)
        return tf.ensure_shape(image, (*size, 3)), tf.ensure_shape(mask, size)

    return load


def _reader(source: Source, cache: str):
    """A function from an index to that portrait in numpy: the source's own, or one that reads from memory."""
    if cache == "none":
        return source.load
    images, masks = decode_all(source)
    return lambda index: (images[index], masks[index])


def _named(target, source):
    """Two portraits (image, mask) as the entries of a batch."""
    return {
        "target_image": target[0],
        "target_mask": target[1],
        "source_image": source[0],
        "source_mask": source[1],
    }
