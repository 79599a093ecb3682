"""Packed data sets: what is read is what was packed, files are small enough, and damage is named."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from mgpe_tf import labels
from mgpe_tf.data.images import encode_png
from mgpe_tf.data.label_sets import describe_folder
from mgpe_tf.data.open import open_joined, open_layout
from mgpe_tf.data.packed import MANIFEST, PackedSource, write_packed
from mgpe_tf.errors import UserError

SIZE, COUNT = 32, 7


def write_folder(path, kind, size=SIZE):
    """Random portraits in the "folder" layout, with CelebAMask-HQ's labels but those of which left and right count."""
    rng = np.random.default_rng(0)
    for part in ("images", "labels"):
        (path / part).mkdir(parents=True)
    for i in range(COUNT):
        Image.fromarray(rng.integers(0, 256, (size, size, 3), np.uint8)).save(path / "images" / f"é{i}.{kind}")
        label = rng.choice([0, 1, 2, 11, 13, 17], (size, size)).astype(np.uint8)
        Image.fromarray(label).save(path / "labels" / f"é{i}.png")
    return path


def assert_same(found, expected):
    assert found.names == expected.names and len(found) == len(expected)
    for i in range(len(expected)):
        for array, other in zip(found.load(i), expected.load(i), strict=True):
            np.testing.assert_array_equal(array, other)


@pytest.mark.parametrize("kind", ["png", "jpg", "webp"])
def test_images_of_the_right_size_keep_their_files(tmp_path, kind):
    source = open_layout("folder", write_folder(tmp_path / "set", kind), "celebamask_hq", SIZE)
    manifest = write_packed(source, tmp_path / "packed", 10**6)
    packed = open_layout("packed", tmp_path / "packed", "", SIZE)
    assert_same(packed, source)
    assert manifest["kept"] == COUNT and manifest["label_set"] == "helen" and manifest["resolution"] == SIZE
    files = sorted((tmp_path / "set" / "images").iterdir())
    assert [packed.stored_image(i) for i in range(COUNT)] == [file.read_bytes() for file in files]


@pytest.mark.parametrize(("kind", "size"), [("png", 2 * SIZE), ("bmp", SIZE)])
def test_others_are_encoded_without_a_loss(tmp_path, kind, size):
    source = open_layout("folder", write_folder(tmp_path / "set", kind, size), "celebamask_hq", SIZE)
    assert write_packed(source, tmp_path / "packed", 10**6)["kept"] == 0
    assert_same(PackedSource(tmp_path / "packed", SIZE), source)


def test_what_was_packed_is_packed_again_with_its_files(tmp_path):
    folder = write_folder(tmp_path / "set", "jpg")
    source = open_joined("folder", [folder, folder], ["celebamask_hq", "bisenet"], SIZE)
    write_packed(source, tmp_path / "packed", 10**6)
    again = write_packed(PackedSource(tmp_path / "packed", SIZE), tmp_path / "again", 10**6)
    assert again["kept"] == 2 * COUNT
    assert_same(PackedSource(tmp_path / "again", SIZE), source)


@pytest.fixture
def packed(tmp_path):
    """A packed set of several shards."""
    source = open_layout("folder", write_folder(tmp_path / "set", "png"), "celebamask_hq", SIZE)
    write_packed(source, tmp_path / "packed", 16000)
    return tmp_path / "packed"


def test_shards_keep_to_their_size_and_use_it(tmp_path, packed):
    sizes = [path.stat().st_size for path in sorted(packed.glob("*.npz"))]
    assert len(sizes) > 1 and max(sizes) <= 16000 and min(sizes[:-1]) > 16000 - 4096 - 5000
    source = open_layout("folder", tmp_path / "set", "celebamask_hq", SIZE)
    assert_same(PackedSource(packed, SIZE), source)
    first = PackedSource(packed / "portraits-00000.npz", SIZE)
    assert first.names == source.names[: len(first)]
    with pytest.raises(UserError, match="a shard of 5000 bytes cannot hold it; allow larger shards"):
        write_packed(source, tmp_path / "small", 5000)
    assert not (tmp_path / "small" / MANIFEST).exists()
    with pytest.raises(UserError, match=f"{MANIFEST}: exists"):
        write_packed(source, packed, 16000)


def damage(packed, case):
    """Harms a packed set; the words that must be in the message."""
    shard, manifest = packed / "portraits-00001.npz", packed / MANIFEST
    if case == "a bit":
        data = bytearray(shard.read_bytes())
        data[len(data) // 2] ^= 1
        shard.write_bytes(data)
        return f"{shard}: .*SHA-256 is not that of manifest.json"
    if case == "cut":
        shard.write_bytes(shard.read_bytes()[:-100])
        return f"{shard}: .*copy the file again"
    if case == "gone":
        shard.unlink()
        return f"{shard}: No such file"
    if case == "elsewhere":
        manifest.write_text(manifest.read_text().replace("portraits-00001", "../portraits-00001"))
        return f"{manifest}: not a consistent list of shards"
    manifest.write_text(json.dumps([1]))
    return f"{manifest}: not a list of shards"


@pytest.mark.parametrize("case", ["a bit", "cut", "gone", "elsewhere", "no manifest"])
def test_damage_is_one_line(packed, case):
    with pytest.raises(UserError, match=damage(packed, case)) as error:
        PackedSource(packed, SIZE)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("harm", [lambda data: data[:500], lambda data: b"no shard", lambda data: data[:-200]])
def test_a_damaged_shard_alone_is_one_line(packed, harm):
    shard = packed / "portraits-00000.npz"
    shard.write_bytes(harm(shard.read_bytes()))
    with pytest.raises(UserError, match=f"{shard}: not a whole shard of portraits") as error:
        PackedSource(shard, SIZE)
    assert "\n" not in str(error.value)


def test_labels_are_of_helen(packed):
    assert PackedSource(packed, SIZE).load(0)[1].max() < labels.NUM_CLASSES


@pytest.fixture
def everything(tmp_path):
    """A source of nineteen classes with unknown pixels, and of eleven, by partial ids."""
    known, told = write_folder(tmp_path / "helen", "png"), write_folder(tmp_path / "parts", "png")
    for file in (known / "labels").iterdir():
        Image.fromarray(np.array(Image.open(file)) % labels.NUM_CLASSES).save(file)
    label = np.arange(SIZE * SIZE).reshape(SIZE, SIZE).astype(np.uint8) % 19
    label[:, 30:] = labels.UNKNOWN
    Image.fromarray(label).save(told / "labels" / "é0.png")
    describe_folder(told, "celebamask_hq", unknown=True)
    return open_joined("folder", [told, known], [], SIZE, partial=True, unknown=True)


def test_what_labels_tell_is_kept(tmp_path, everything):
    manifest = write_packed(everything, tmp_path / "packed", 16000)
    assert manifest["label_set"] == "partial" and manifest["unknown"] is True and len(manifest["shards"]) > 1
    for path, first in ((tmp_path / "packed", 0), (tmp_path / "packed/portraits-00001.npz", None)):
        packed = PackedSource(path, SIZE)
        assert packed.unknown and packed.knows_parts
        first = everything.names.index(packed.names[0]) if first is None else first
        for partial in (True, False):
            packed.partial = partial
            for number, index in enumerate(range(first, first + len(packed))):
                expected = everything.load(index)[1]
                wanted = expected if partial else np.array(labels.PARTIAL_TO_HELEN)[expected]
                np.testing.assert_array_equal(packed.load(number)[1], wanted)
    assert {*range(19), labels.UNLABELLED} <= set(np.unique(everything.load(0)[1]))
    with pytest.raises(UserError, match="packed: its labels may have unknown pixels"):
        open_joined("packed", [tmp_path / "packed"], [], SIZE)


def rewritten(shard, **arrays):
    """A shard with other arrays, None for those that it is to lack."""
    with np.load(shard) as stored:
        kept = {**stored, **arrays}
    np.savez(shard, **{name: array for name, array in kept.items() if array is not None})
    return shard


def test_shards_of_earlier_versions_are_helens(tmp_path, packed):
    shard = rewritten(packed / "portraits-00000.npz", about=None)
    source = PackedSource(shard, SIZE)
    assert not source.unknown and not source.knows_parts
    np.testing.assert_array_equal(source.load(0)[1], PackedSource(packed / "portraits-00000.npz", SIZE).load(0)[1])
    source.partial = True
    assert source.load(0)[1].min() >= labels.PARTIAL_HELEN


@pytest.mark.parametrize(
    ("about", "words"), [("{", "not a whole shard"), ("[]", "not a whole shard"), ('{"label_set": "x"}', "ids of 'x'")]
)
def test_shards_of_other_ids_are_named(about, words, packed):
    shard = rewritten(packed / "portraits-00000.npz", about=np.frombuffer(about.encode(), np.uint8))
    with pytest.raises(UserError, match=words):
        PackedSource(shard, SIZE)
    about = b'{"label_set": "partial"}'
    PackedSource(rewritten(shard, about=np.frombuffer(about, np.uint8)), SIZE).load(0)


def test_ids_that_there_are_not_are_named(tmp_path, packed):
    data = encode_png(np.full((SIZE, SIZE), 200, np.uint8))
    files = {"labels": np.frombuffer(data, np.uint8), "label_ends": np.array([len(data)])}
    with np.load(packed / "portraits-00000.npz") as stored:
        for part in ("image", "name"):
            end = stored[f"{part}_ends"][0]
            files |= {f"{part}s": stored[f"{part}s"][:end], f"{part}_ends": np.array([end])}
    about = np.frombuffer(b'{"label_set": "partial"}', np.uint8)
    shard = rewritten(packed / "portraits-00000.npz", **files, about=about)
    with pytest.raises(UserError, match="é0: label value 200; allowed: partial ids 0 to 30"):
        PackedSource(shard, SIZE).load(0)
