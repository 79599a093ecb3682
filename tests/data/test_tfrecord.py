"""Records with an index: round trip, TensorFlow's own reader, damage."""

from __future__ import annotations

import json

import numpy as np
import pytest
import tensorflow as tf

from mgpe_tf import labels
from mgpe_tf.data import images
from mgpe_tf.data.open import open_layout
from mgpe_tf.data.source import Source
from mgpe_tf.data.tfrecord import write_records
from mgpe_tf.errors import UserError


class Noise(Source):
    """Random portraits of 16 x 16 pixels; number `broken` cannot be loaded."""

    def __init__(self, size: int, broken: int | None = None):
        self.names, self.resolution, self.broken = tuple(f"päir {i}" for i in range(size)), 16, broken

    def load(self, index):
        if index == self.broken:
            raise UserError("broken.png: broken")
        random = np.random.default_rng(index)
        return random.integers(0, 256, (16, 16, 3), np.uint8), random.integers(0, 11, (16, 16), np.uint8)


def open_records(folder, resolution=16):
    return open_layout("tfrecord", folder, "helen", resolution)


@pytest.mark.parametrize("shards", [1, 3, 7])
def test_lossless_round_trip_in_any_order(tmp_path, shards):
    write_records(Noise(7), tmp_path / "new", shards, images.encode_png)
    assert len(list((tmp_path / "new").iterdir())) == shards + 1
    records = open_records(tmp_path / "new")
    assert records.names == Noise(7).names
    for index in (6, 0, 3, 5):
        image, label = Noise(7).load(index)
        read_image, read_label = records.read_image(index), records.read_label(index)
        np.testing.assert_array_equal(read_image, image)
        np.testing.assert_array_equal(read_label, label)
        assert not labels.exchanged_pairs(records.load(index)[1])


def test_jpeg_is_the_default_and_sizes_can_change(tmp_path):
    write_records(Noise(2), tmp_path, 1)
    data = next(tf.data.TFRecordDataset(str(tmp_path / "portraits-00000-of-00001.tfrecord")).as_numpy_iterator())
    features = tf.train.Example.FromString(data).features.feature
    assert features["image"].bytes_list.value[0].startswith(b"\xff\xd8")
    assert features["name"].bytes_list.value[0].decode() == "päir 0"
    image, label = open_records(tmp_path, 8).load(1)
    assert image.shape == (8, 8, 3) and label.shape == (8, 8)


def test_tensorflow_reads_the_shards(tmp_path):
    write_records(Noise(5), tmp_path, 2)
    shards = sorted(map(str, tmp_path.glob("*.tfrecord")))
    assert len(list(tf.data.TFRecordDataset(shards))) == 5


def test_damage_is_found_when_the_record_is_read(tmp_path):
    write_records(Noise(3), tmp_path, 1)
    shard = next(tmp_path.glob("*.tfrecord"))
    data = bytearray(shard.read_bytes())
    data[len(data) // 2] ^= 1
    shard.write_bytes(bytes(data))
    records = open_records(tmp_path)
    records.load(0)
    with pytest.raises(UserError, match="00001.tfrecord: päir 1: damaged record .*checksum"):
        records.load(1)


def test_cut_and_missing_shards_are_found_on_opening(tmp_path):
    write_records(Noise(3), tmp_path, 1)
    shard = next(tmp_path.glob("*.tfrecord"))
    shard.write_bytes(shard.read_bytes()[:-1])
    with pytest.raises(UserError, match="00001.tfrecord: .* bytes; index.json asks for"):
        open_records(tmp_path)
    shard.unlink()
    with pytest.raises(UserError, match="00001.tfrecord: 0 bytes"):
        open_records(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"shards": ["../portraits.tfrecord"]},
        {"records": [[1, 0, 5]]},
        {"records": [[0, -3, 5]]},
        {"records": 7},
        {"names": []},
    ],
)
def test_unfit_index(tmp_path, change):
    write_records(Noise(1), tmp_path, 1)
    index = json.loads((tmp_path / "index.json").read_text())
    (tmp_path / "index.json").write_text(json.dumps({**index, **change}))
    with pytest.raises(UserError, match="index.json: not a"):
        open_records(tmp_path)


def test_index_that_is_no_json_or_not_there(tmp_path):
    with pytest.raises(UserError, match="index.json: there is no such file"):
        open_records(tmp_path)
    (tmp_path / "index.json").write_text("{")
    with pytest.raises(UserError, match="index.json: not an index"):
        open_records(tmp_path)


def test_a_failure_leaves_no_index_and_no_half_file(tmp_path):
    with pytest.raises(UserError, match="broken.png"):
        write_records(Noise(6, broken=4), tmp_path, 2)
    assert [file.name for file in tmp_path.iterdir()] == ["portraits-00000-of-00002.tfrecord"]
    write_records(Noise(6), tmp_path, 2)
    assert len(open_records(tmp_path)) == 6


def test_nothing_is_overwritten(tmp_path):
    write_records(Noise(1), tmp_path, 1)
    with pytest.raises(UserError, match="index.json: exists"):
        write_records(Noise(1), tmp_path, 1)
    with pytest.raises(UserError, match="shards: 3; allowed: 1 to 2"):
        write_records(Noise(2), tmp_path / "new", 3)
