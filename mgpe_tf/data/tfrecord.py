"""TFRecord shards with an index, so that portraits can be read in any order.

A record is a tf.train.Example with the byte features "image" (JPEG or PNG file), "label" (PNG file of Helen ids) and
"name" (UTF-8). ``index.json`` holds {"format": 1, "label_set": "helen", "shards": [file, ...], "names": [name, ...],
"records": [[shard number, byte offset of the record, bytes of the Example], ...]}; older ones no label set.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import google_crc32c
import numpy as np
import tensorflow as tf

from mgpe_tf.data import images
from mgpe_tf.data.source import FileSource, Source
from mgpe_tf.errors import UserError
from mgpe_tf.storage.files import make_folder, replacing, write_text

INDEX = "index.json"
FORMAT = 1

# TFRecord framing: length (8 bytes, little endian), its checksum (4), the data, their checksum (4).
_HEADER, _FOOTER = struct.Struct("<QI"), struct.Struct("<I")


class TFRecordSource(FileSource):
    """Records written by ``write_records``; every record's checksum is verified when it is read.

    Args:
      path: folder that holds ``index.json`` and the shards.
      resolution: size in pixels that ``load`` returns.

    Raises:
      UserError: the index or a shard is missing, cut short or not of this format.
    """

    def __init__(self, path: Path, resolution: int):
        self.resolution = resolution
        index = _read_index(path / INDEX)
        self.names = tuple(index["names"])
        self._records = index["records"]
        self._shards = [path / shard for shard in index["shards"]]
        ends = [0] * len(self._shards)
        for shard, offset, length in self._records:
            ends[shard] = max(ends[shard], offset + _HEADER.size + length + _FOOTER.size)
        for shard, end in zip(self._shards, ends, strict=True):
            size = shard.stat().st_size if shard.is_file() else 0
            if size < end:
                raise UserError(f"{shard}: {size} bytes; {INDEX} asks for {end}; copy the file again")

    def read_image(self, index: int) -> np.ndarray:
        """See ``FileSource.read_image``."""
        return images.decode_image(self.stored_image(index), self._where(index))

    def read_label(self, index: int) -> np.ndarray:
        """See ``FileSource.read_label``."""
        label = images.decode_label(self._feature(index, "label"), self._where(index))
        return self.converted(label, "helen", self._where(index))

    def stored_image(self, index: int) -> bytes:
        """See ``Source.stored_image``."""
        return self._feature(index, "image")

    def _where(self, index: int) -> str:
        """File and name of a record, for errors."""
        return f"{self._shards[self._records[index][0]]}: {self.names[index]}"

    def _feature(self, index: int, key: str) -> bytes:
        """One byte feature of a record."""
        shard, offset, length = self._records[index]
        try:
            data = _read_record(self._shards[shard], offset, length)
            return tf.train.Example.FromString(data).features.feature[key].bytes_list.value[0]
        except (OSError, ValueError, IndexError, struct.error) as error:
            raise UserError(f"{self._where(index)}: damaged record ({error}); write the records again") from error


def write_records(
    source: Source,
    folder: str | Path,
    shards: int,
    encode: Callable[[np.ndarray], bytes] = images.encode_jpeg,
    progress: Callable[[Iterable], Iterable] = iter,
) -> None:
    """Writes all portraits of a source, at its resolution, to `shards` files of nearly equal length and an index.

    Every file appears under its name only when it is complete, the index last.

    Args:
      source: the portraits.
      folder: made if it does not exist; UserError if it holds an index already.
      shards: number of files.
      encode: makes the image's file, ``images.encode_jpeg`` or ``images.encode_png``.
      progress: wraps the iteration over the records, e.g. tqdm.
    """
    folder = Path(folder)
    if (folder / INDEX).exists():
        raise UserError(f"{folder / INDEX}: exists; write to another folder or remove it first")
    if not 1 <= shards <= len(source):
        raise UserError(f"shards: {shards}; allowed: 1 to {len(source)}, the number of portraits")
    make_folder(folder)
    files, records = [f"portraits-{i:05d}-of-{shards:05d}.tfrecord" for i in range(shards)], []
    with ThreadPoolExecutor() as pool:
        parts = np.array_split(np.arange(len(source)), shards)
        encoded = (data for part in parts for data in pool.map(lambda i: _encoded(source, int(i), encode), part))
        coming = iter(progress(encoded))
        for number, (file, part) in enumerate(zip(files, parts, strict=True)):
            placed = _write_shard(folder / file, (next(coming) for _ in part))
            records += [(number, offset, length) for offset, length in placed]
    text = index_text(files, source.names, records)
    write_text(folder / INDEX, text)


def _encoded(source: Source, index: int, encode: Callable[[np.ndarray], bytes]) -> bytes:
    """The serialized Example of a portrait."""
    image, label = source.load(index)
    return example(encode(image), images.encode_png(label), source.names[index])


def example(image: bytes, label: bytes, name: str) -> bytes:
    """The serialized Example of a portrait: JPEG or PNG file of the image, PNG file of Helen ids, and a name."""
    values = {"image": image, "label": label, "name": name.encode()}
    feature = {key: tf.train.Feature(bytes_list=tf.train.BytesList(value=[value])) for key, value in values.items()}
    return tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString()


def _write_shard(path: Path, examples: Iterable[bytes]) -> list[tuple[int, int]]:
    """Writes a shard; returns the (byte offset, data length) of each record."""
    placed, offset = [], 0
    with replacing(path) as temporary, open(temporary, "wb") as file:
        for data in examples:
            placed.append((offset, len(data)))
            offset += file.write(framed(data))
    return placed


def framed(data: bytes) -> bytes:
    """A record of a TFRecord file: the data between their length and their checksums."""
    length = struct.pack("<Q", len(data))
    return _HEADER.pack(len(data), _masked_crc(length)) + data + _FOOTER.pack(_masked_crc(data))


def index_text(shards: Sequence[str], names: Sequence[str], records: Sequence[tuple[int, int, int]]) -> str:
    """The text of ``index.json``; see the module. Shards are file names, beside it."""
    return json.dumps({"format": FORMAT, "label_set": "helen", "shards": shards, "names": names, "records": records})


def _read_record(path: Path, offset: int, length: int) -> bytes:
    """The data of the record at `offset`; ValueError if a checksum or the length is wrong."""
    with open(path, "rb") as file:
        file.seek(offset)
        header = file.read(_HEADER.size)
        data, footer = file.read(length), file.read(_FOOTER.size)
    found, header_checksum = _HEADER.unpack(header)
    if found != length or header_checksum != _masked_crc(header[:8]) or _FOOTER.unpack(footer)[0] != _masked_crc(data):
        raise ValueError("its checksum is wrong")
    return data


def _masked_crc(data: bytes) -> int:
    """TFRecord's checksum: CRC-32C, rotated right by 15 bits, plus a constant."""
    crc = google_crc32c.value(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def _read_index(path: Path) -> dict:
    """The checked contents of an index file."""
    if not path.is_file():
        raise UserError(f"{path}: there is no such file; write records with python -m mgpe_tf.write_tfrecords")
    try:
        index = json.loads(path.read_text(encoding="utf-8"))
        shards, names, records = index["shards"], index["names"], index["records"]
        sound = (index["format"], index.get("label_set", "helen")) == (FORMAT, "helen")
        sound = sound and len(names) == len(records) > 0
        sound = sound and all(Path(shard).name == shard for shard in shards)  # an index never points elsewhere
        sound = sound and all(0 <= shard < len(shards) and offset >= 0 < length for shard, offset, length in records)
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path}: not an index of records ({type(error).__name__}); write the records again") from error
    if not sound:
        raise UserError(f"{path}: not a consistent index of format {FORMAT}; write the records again")
    return index
