"""The order of the batches: resume, epochs, unpaired sources, several workers; and errors from the files."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest
import tensorflow as tf

from mgpe_tf.config import AugmentationConfig, DataConfig
from mgpe_tf.data.images import read_image
from mgpe_tf.data.pipeline import drain, is_paired, training_batches, user_errors
from mgpe_tf.data.source import Source
from mgpe_tf.errors import UserError

PLAIN = DataConfig(augmentation=AugmentationConfig(flip=0.0))
CHANGING = DataConfig(augmentation=AugmentationConfig(flip=0.5, rotation=10, scale=0.1, shift=0.1, colour=0.2))


class Numbered(Source):
    """Portraits of 8x8 pixels whose grey level is 100 + their number."""

    resolution = 8

    def __init__(self, size: int):
        self.names = tuple(str(i) for i in range(size))

    def load(self, index):
        return np.full((8, 8, 3), 100 + index, np.uint8), np.full((8, 8), index % 11, np.uint8)


class Corrupt(Numbered):
    """Portrait 3 is read from a file that is none."""

    def __init__(self, path):
        super().__init__(6)
        self.path = path

    def load(self, index):
        return (read_image(self.path), None) if index == 3 else super().load(index)


def _take(count, size=7, config=PLAIN, **arguments) -> list[dict]:
    batches = training_batches(Numbered(size), config, **{"batch_size": 2, "seed": 5, **arguments})
    return list(itertools.islice(batches.as_numpy_iterator(), count))


def _numbers(batches, role="target") -> list[int]:
    return [int(image[0, 0, 0]) - 100 for batch in batches for image in batch[f"{role}_image"]]


def _assert_same(batches, expected):
    for batch, other in zip(batches, expected, strict=True):
        for name in other:
            np.testing.assert_array_equal(batch[name], other[name], err_msg=name)


def test_batches_hold_images_with_their_masks():
    batch = _take(1, batch_size=3)[0]
    assert {name: (array.shape, str(array.dtype)) for name, array in batch.items()} == {
        "target_image": ((3, 8, 8, 3), "uint8"),
        "target_mask": ((3, 8, 8), "uint8"),
        "source_image": ((3, 8, 8, 3), "uint8"),
        "source_mask": ((3, 8, 8), "uint8"),
    }
    for role in ("target", "source"):
        np.testing.assert_array_equal((batch[f"{role}_image"][..., 0] - 100) % 11, batch[f"{role}_mask"])


@pytest.mark.parametrize("cache", ["memory", "none"])
def test_a_later_first_step_continues_the_run(cache):
    config = DataConfig(cache=cache, augmentation=CHANGING.augmentation)
    _assert_same(_take(4, config=config, first_step=5), _take(9, config=config)[5:])


def test_the_seed_changes_the_order():
    assert _numbers(_take(7)) != _numbers(_take(7, seed=6))


@pytest.mark.parametrize("batch_size", [1, 2, 3])
def test_every_epoch_holds_each_image_once_in_an_order_of_its_own(batch_size):
    numbers = _numbers(_take(21, batch_size=batch_size))
    epochs = [tuple(numbers[i : i + 7]) for i in range(0, len(numbers) - 6, 7)]
    assert all(sorted(epoch) == list(range(7)) for epoch in epochs)
    assert len(set(epochs)) > 1


@pytest.mark.parametrize(("size", "batch_size"), [(2, 1), (2, 3), (3, 1), (7, 2)])
def test_sources_are_the_targets_in_even_steps_and_never_in_odd_ones(size, batch_size):
    batches = _take(24, size=size, batch_size=batch_size)
    for step, batch in enumerate(batches):
        same = np.equal(_numbers([batch]), _numbers([batch], "source"))
        assert np.all(same) if is_paired(step, unpaired=True) else not np.any(same)


def test_without_unpaired_steps_every_source_is_the_target_with_the_same_augmentation():
    for step, batch in enumerate(_take(4, config=CHANGING, unpaired=False)):
        assert is_paired(step, unpaired=False)
        np.testing.assert_array_equal(batch["target_image"], batch["source_image"])
        np.testing.assert_array_equal(batch["target_mask"], batch["source_mask"])


def test_in_paired_steps_the_source_can_be_another_view_of_the_target():
    config = DataConfig(augmentation=CHANGING.augmentation, view=AugmentationConfig(flip=0.0, shift=0.4, colour=0.5))
    batches = _take(12, config=config)
    _assert_same(
        [{"target_image": b["target_image"]} for b in _take(12, config=CHANGING)],
        [{"target_image": b["target_image"]} for b in batches],
    )
    for step, batch in enumerate(batches):
        for i in range(2):
            seen = np.unique(batch["source_mask"][i])
            if is_paired(step, unpaired=True):
                np.testing.assert_array_equal(seen, np.unique(batch["target_mask"][i]))
                assert (batch["source_image"][i] != batch["target_image"][i]).any()
            else:
                assert seen != np.unique(batch["target_mask"][i])


def test_batches_of_another_size_go_on_with_the_portrait_that_comes_next():
    """Two epochs of seven portraits: two steps of two, then steps of three and five, replay and skip none."""
    changing = [_take(2), _take(2, batch_size=3, first_step=2, first_position=4)]
    changing.append(_take(1, batch_size=5, first_step=4, first_position=10))
    numbers = [number for batches in changing for number in _numbers(batches)]
    assert numbers == _numbers(_take(15, batch_size=1))
    assert sorted(numbers[:7]) == sorted(numbers[7:14])


def test_an_image_is_augmented_anew_each_time():
    config = DataConfig(augmentation=AugmentationConfig(flip=0.0, colour=0.9))
    levels = _numbers(_take(20, size=1, config=config, batch_size=1, unpaired=False))
    assert len(set(levels)) > 10


@pytest.mark.parametrize(("workers", "replicas"), [(2, 2), (2, 4), (1, 2)])
def test_workers_together_see_the_global_batches(workers, replicas):
    whole = _take(6, config=CHANGING, batch_size=4, first_step=2)
    shares = []
    for worker in range(workers):
        context = tf.distribute.InputContext(workers, worker, replicas)
        elements = 6 * replicas // workers
        shares.append(_take(elements, config=CHANGING, batch_size=4, first_step=2, input_context=context))
    for step, batch in enumerate(whole):
        each = replicas // workers
        parts = [part for share in shares for part in share[step * each : (step + 1) * each]]
        _assert_same([{name: np.concatenate([part[name] for part in parts]) for name in batch}], [batch])


@pytest.mark.parametrize("kind", [Numbered, lambda size: Corrupt("missing.png")], ids=["sound", "corrupt"])
def test_drained_batches_load_nothing_more(kind):
    source, reading, active = kind(6), tf.Variable(True), []
    load = source.load

    def slow(index):
        active.append(index)
        time.sleep(0.01)
        active.pop()
        return load(index)

    source.load = slow
    batches = iter(training_batches(source, DataConfig(cache="none"), batch_size=2, seed=0, reading=reading))
    drain(batches, reading)
    assert not active
    with pytest.raises(tf.errors.FailedPreconditionError):
        next(batches)


@pytest.mark.parametrize("cache", ["memory", "none"])
def test_a_corrupt_file_is_a_user_error_that_names_it(tmp_path, cache):
    path = tmp_path / "broken.png"
    path.write_bytes(b"no picture")
    config = DataConfig(cache=cache, augmentation=PLAIN.augmentation)
    with pytest.raises(UserError) as reading:
        read_image(path)
    with pytest.raises(UserError) as caught, user_errors():
        for _ in training_batches(Corrupt(path), config, batch_size=2, seed=0).take(10):
            pass
    assert str(caught.value) == str(reading.value) and "broken.png" in str(caught.value)


def test_other_errors_pass_unchanged():
    with pytest.raises(tf.errors.InvalidArgumentError), user_errors():
        tf.reshape(tf.zeros([3]), [2])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"size": 1}, "training.unpaired needs at least 2"),
        ({"batch_size": 3, "input_context": tf.distribute.InputContext(1, 0, 2)}, "training.batch_size is 3"),
        ({"batch_size": 0}, "training.batch_size is 0"),
    ],
)
def test_mistakes_are_named(arguments, message):
    with pytest.raises(UserError, match=message):
        _take(1, **arguments)
