"""Checkpoints survive kills, damaged files and full disks."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time

import numpy as np
import pytest

from mgpe_tf.errors import UserError
from mgpe_tf.models.checkpoints import CheckpointStore, strict_assign, weights_sha256

ARRAYS = {
    "generator/kernel": np.arange(24, dtype=np.float32).reshape(2, 3, 4),
    "file": np.float64(2.5),  # a name that np.savez cannot take
    "optimizer/iterations": np.array(7, np.int64),
    "seed": np.array([1, 2**32 - 1], np.uint32),
    "empty": np.zeros((0, 3), np.float16),
}


def filled_store(folder, steps=(10, 20, 30), keep=3):
    store = CheckpointStore(folder, keep)
    for step in steps:
        store.save(step, {"w": np.full(50, step, np.float32)}, {"steps": step})
    return store


def test_arrays_come_back_bit_for_bit(tmp_path):
    path = CheckpointStore(tmp_path / "new" / "store", 1).save(1234, ARRAYS, {"loss": 0.5})
    assert path.name == "step-00001234"
    checkpoint = CheckpointStore(tmp_path / "new" / "store").restore_latest()
    assert (checkpoint.step, checkpoint.info, checkpoint.path) == (1234, {"loss": 0.5}, path)
    assert list(checkpoint.arrays) == list(ARRAYS)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(checkpoint.arrays[name], array, strict=True)


def test_an_empty_store_restores_none_and_reading_makes_no_folder(tmp_path):
    assert CheckpointStore(tmp_path / "none").restore_latest() is None
    assert not (tmp_path / "none").exists()


def test_only_the_newest_are_kept(tmp_path):
    store = filled_store(tmp_path, (5, 100, 20), keep=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["step-00000020", "step-00000100"]
    assert store.restore_latest().step == 100


def test_the_same_step_can_be_saved_again(tmp_path):
    store = filled_store(tmp_path, (10,))
    store.save(10, {"w": np.zeros(2)}, {})
    assert store.restore_latest().arrays["w"].shape == (2,)
    assert [path.name for path in tmp_path.iterdir()] == ["step-00000010"]


def test_a_checkpoint_is_readable_while_its_successor_of_the_same_step_is_missing(tmp_path):
    store = filled_store(tmp_path, (10,))
    os.rename(tmp_path / "step-00000010", tmp_path / "step-00000010.replaced")
    assert store.restore_latest().step == 10


@pytest.mark.parametrize("sixteenth", range(16))
@pytest.mark.parametrize("file", ["state.npz", "manifest.json"])
def test_a_truncated_file_falls_back_to_the_one_before(tmp_path, file, sixteenth):
    store = filled_store(tmp_path)
    path = tmp_path / "step-00000030" / file
    os.truncate(path, path.stat().st_size * sixteenth // 16)
    assert store.restore_latest().step == 20


def test_a_flipped_bit_anywhere_is_noticed(tmp_path):
    """In the manifest it may also be in a text that nothing depends on."""
    store = filled_store(tmp_path)
    for file in ("state.npz", "manifest.json"):
        path = tmp_path / "step-00000030" / file
        content = path.read_bytes()
        for position in range(len(content)):
            changed = bytearray(content)
            changed[position] ^= 1 << position % 8
            path.write_bytes(changed)
            found = store.restore_latest()
            assert found.step == 20 or (found.step == 30 and file == "manifest.json")
            np.testing.assert_array_equal(found.arrays["w"], np.full(50, found.step, np.float32), strict=True)
        path.write_bytes(content)


MANIFESTS = [None, "", "[]", "null", '{"format": 1, "step": 30', '{"format": 2, "step": 30}', "[" * 100_000, b"\xff"]


@pytest.mark.parametrize("manifest", MANIFESTS, ids=range(len(MANIFESTS)))
def test_a_bad_manifest_falls_back_to_the_one_before(tmp_path, manifest):
    store = filled_store(tmp_path)
    path = tmp_path / "step-00000030" / "manifest.json"
    if manifest is None:
        path.unlink()
    else:
        path.write_bytes(manifest if isinstance(manifest, bytes) else manifest.encode())
    assert store.restore_latest().step == 20


@pytest.mark.parametrize("field", ["format", "step", "arrays", "bytes", "sha256", "info"])
def test_a_manifest_without_a_field_falls_back_to_the_one_before(tmp_path, field):
    store = filled_store(tmp_path)
    path = tmp_path / "step-00000030" / "manifest.json"
    path.write_text(json.dumps({name: value for name, value in json.loads(path.read_text()).items() if name != field}))
    assert store.restore_latest().step == 20


def test_training_never_starts_again_over_damaged_checkpoints(tmp_path):
    store = filled_store(tmp_path)
    for state in tmp_path.glob("*/state.npz"):
        os.truncate(state, 10)
    with pytest.raises(UserError, match="none of the 3 checkpoints .* is whole .*10 bytes instead of"):
        store.restore_latest()


SAVE_FOREVER = """
import sys
import numpy as np
from mgpe_tf.models.checkpoints import CheckpointStore
store = CheckpointStore(sys.argv[1], keep=2)
last = store.restore_latest()
write = last.info["write"] if last else 0
while True:
    write += 1  # every step is saved twice, so that replacing is killed too
    store.save(write // 2, {f"w{i}": np.full((100, 50), write, np.float32) for i in range(8)}, {"write": write})
    print(write, flush=True)
"""


def test_a_kill_at_any_moment_leaves_a_whole_checkpoint(tmp_path):
    generator = random.Random(3)
    for _ in range(8):
        command = [sys.executable, "-c", SAVE_FOREVER, str(tmp_path)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        process.stdout.readline()
        time.sleep(generator.uniform(0, 0.05))
        process.kill()
        finished = process.communicate()[0].split()
        checkpoint = CheckpointStore(tmp_path, 2).restore_latest()
        write = checkpoint.info["write"]
        assert write >= int(finished[-1] if finished else 1)
        assert checkpoint.step == write // 2
        assert all((array == write).all() for array in checkpoint.arrays.values()) and len(checkpoint.arrays) == 8
    CheckpointStore(tmp_path, 2).save(10**6, {}, {})
    assert not list(tmp_path.glob(".tmp-*"))


SAVE_TOO_MUCH = """
import resource, signal, sys
import numpy as np
from mgpe_tf.errors import UserError
from mgpe_tf.models.checkpoints import CheckpointStore
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    CheckpointStore(sys.argv[1], keep=1).save(40, {"a": np.ones(10), "w": np.ones(10**6)}, {})
except UserError as error:
    print(error)
"""


@pytest.mark.skipif(os.name == "nt", reason="needs a limit on file sizes")
def test_a_disk_that_takes_no_more_leaves_the_older_checkpoints(tmp_path):
    store = filled_store(tmp_path, (30,), keep=1)
    command = [sys.executable, "-c", SAVE_TOO_MUCH, str(tmp_path)]
    message = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert message.count("\n") == 1 and str(tmp_path) in message and "step 40" in message
    assert [path.name for path in tmp_path.iterdir()] == ["step-00000030"]
    assert store.restore_latest().step == 30


def test_what_numpy_would_pickle_is_refused(tmp_path):
    with pytest.raises(TypeError, match="'names' of dtype object"):
        CheckpointStore(tmp_path, 1).save(1, {"names": np.array(["a", None], object)}, {})
    assert CheckpointStore(tmp_path, 1).restore_latest() is None


def test_keeping_none_is_a_mistake(tmp_path):
    with pytest.raises(UserError, match="training.keep_checkpoints is 0; allowed: 1 or more"):
        CheckpointStore(tmp_path, 0)


def test_the_hash_sees_names_shapes_types_and_values_but_not_the_order():
    reference = weights_sha256(ARRAYS)
    assert weights_sha256(dict(reversed(ARRAYS.items()))) == reference
    kernel = ARRAYS["generator/kernel"]
    transposed = {**ARRAYS, "generator/kernel": np.asfortranarray(kernel)}
    assert weights_sha256(transposed) == reference
    for other in (kernel.reshape(3, 2, 4), kernel.view(np.int32), kernel + np.float32(1e-6)):
        assert weights_sha256({**ARRAYS, "generator/kernel": other}) != reference
    assert weights_sha256({**ARRAYS, "more": np.zeros(0)}) != reference


class Variable:
    """The part of a framework's variable that is used."""

    def __init__(self, shape):
        self.shape, self.value = shape, None

    def assign(self, value):
        self.value = value


def test_every_array_is_assigned_to_its_variable():
    variables = {name: Variable(array.shape) for name, array in ARRAYS.items()}
    strict_assign(variables, ARRAYS)
    assert all(variables[name].value is ARRAYS[name] for name in ARRAYS)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"a": np.zeros(2)}, "missing b"),
        ({"a": np.zeros(2), "b": np.zeros(()), "c": np.zeros(1)}, "unknown c"),
        ({"a": np.zeros(3), "b": np.zeros(())}, r"a is \(3,\) instead of \(2,\)"),
    ],
)
def test_a_checkpoint_of_another_network_changes_nothing(arrays, message):
    variables = {"a": Variable((2,)), "b": Variable(())}
    with pytest.raises(UserError, match=message):
        strict_assign(variables, arrays)
    assert all(variable.value is None for variable in variables.values())
