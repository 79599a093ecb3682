"""A data set in a few files of a bounded size, to be carried to another machine and read there by numpy and Pillow.

A shard ``portraits-00000.npz`` holds, without pickle,

- ``images``, ``labels``, ``names``: uint8, the JPEG, PNG or WebP files, the PNG files of ids and the names in UTF-8,
  one after the other;
- ``image_ends``, ``label_ends``, ``name_ends``: int64 [n], where each of them ends;
- ``about``: uint8, JSON of whose ids they are, {"label_set": "partial" (``labels.PARTIAL_PARTS``) or "helen",
  "unknown": whether pixels may be unknown}. Where there is no such array, as earlier versions wrote, they are Helen's.

``manifest.json`` is written last and holds {"format": 1, "label_set", "unknown", "resolution", "portraits": their
number, "shards": [{"file", "bytes", "sha256", "portraits"}, ...]}. A shard alone can be read too.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import itertools
import json
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from mgpe_tf.data import images
from mgpe_tf.data.source import FileSource, Source
from mgpe_tf.errors import UserError
from mgpe_tf.labels import PARTIAL_TO_HELEN, UNLABELLED, id_table
from mgpe_tf.storage.files import make_folder, write_bytes, write_text

MANIFEST = "manifest.json"
FORMAT = 1
PARTS = ("image", "label", "name")
LABEL_SETS = ("helen", "partial")

_KEPT = (b"\xff\xd8\xff", b"\x89PNG", b"RIFF")
"""How JPEG, PNG and WebP files begin."""

_OVERHEAD = 4096
"""Bytes of a shard besides files, names and their ends: more than the headers of seven arrays take."""


class PackedSource(FileSource):
    """Portraits written by ``write_packed``, held in memory as files.

    Args:
      path: the folder, whose shards are compared with their checksums, or one shard.
      resolution: size in pixels that ``load`` returns.

    Raises:
      UserError: names what is missing or damaged.
    """

    def __init__(self, path: str | os.PathLike, resolution: int):
        self.resolution = resolution
        path = Path(path)
        if path.is_file():
            shards = [_Shard(path, _read(path))]
        else:
            shards = [_checked(path, entry) for entry in _manifest(path)["shards"]]
        self.unknown = any(shard.unknown for shard in shards)
        self.knows_parts = any(shard.label_set == "partial" for shard in shards)
        self._places = [(shard, number) for shard in shards for number in range(len(shard))]
        self.names = tuple(shard.part("name", number).decode() for shard, number in self._places)

    def read_image(self, index: int) -> np.ndarray:
        """See ``FileSource.read_image``."""
        return images.decode_image(self.stored_image(index), self._where(index))

    def read_label(self, index: int) -> np.ndarray:
        """See ``FileSource.read_label``."""
        label = images.decode_label(self._part(index, "label"), self._where(index))
        if self._places[index][0].label_set == "helen":
            return self.converted(label, "helen", self._where(index))
        if label.max(initial=0) > UNLABELLED:
            raise UserError(f"{self._where(index)}: label value {label.max()}; allowed: partial ids 0 to {UNLABELLED}")
        return label if self.partial else id_table(PARTIAL_TO_HELEN)[label]

    def stored_image(self, index: int) -> bytes:
        """See ``Source.stored_image``."""
        return self._part(index, "image")

    def _part(self, index: int, kind: str) -> bytes:
        shard, number = self._places[index]
        return shard.part(kind, number)

    def _where(self, index: int) -> str:
        """File and name of a portrait, for errors."""
        return f"{self._places[index][0].path}: {self.names[index]}"


class _Shard:
    """The files of one shard.

    Args:
      path: the shard, for errors.
      data: what is in it.

    Attributes:
      label_set, unknown: see the module.
    """

    def __init__(self, path: Path, data: bytes):
        self.path = path
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                self._buffers = {part: arrays[f"{part}s"] for part in PARTS}
                self._ends = {part: [0, *arrays[f"{part}_ends"].tolist()] for part in PARTS}
                about = json.loads(arrays["about"].tobytes()) if "about" in arrays else {"label_set": "helen"}
                self.label_set, self.unknown = about["label_set"], bool(about.get("unknown", False))
        except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
            raise UserError(f"{path}: not a whole shard of portraits ({error}); copy the file again") from error
        counts = {len(ends) for ends in self._ends.values()}
        whole = all(ends[-1] == len(self._buffers[p]) and ends == sorted(ends) for p, ends in self._ends.items())
        if self.label_set not in LABEL_SETS:
            raise UserError(f"{path}: ids of {self.label_set!r}; allowed: {', '.join(LABEL_SETS)}; pack it again")
        if len(counts) > 1 or not whole:
            raise UserError(f"{path}: its files do not fill it; pack the data set again")

    def __len__(self) -> int:
        return len(self._ends["name"]) - 1

    def part(self, kind: str, number: int) -> bytes:
        """The image, label or name of a portrait."""
        start, end = self._ends[kind][number : number + 2]
        return self._buffers[kind][start:end].tobytes()


def _manifest(folder: Path) -> dict:
    """The checked manifest of a folder."""
    path = folder / MANIFEST
    try:
        manifest = json.loads(_read(path))
        shards = manifest["shards"]
        sound = manifest["format"] == FORMAT and manifest["label_set"] in LABEL_SETS
        sound = sound and manifest["portraits"] == sum(shard["portraits"] for shard in shards)
        sound = sound and all(Path(shard["file"]).name == shard["file"] for shard in shards)  # nothing elsewhere
        sound = sound and all(shard["sha256"] and shard["bytes"] for shard in shards)
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path}: not a list of shards ({type(error).__name__}); pack the data set again") from error
    if not sound:
        raise UserError(f"{path}: not a consistent list of shards of format {FORMAT}; pack the data set again")
    return manifest


def _checked(folder: Path, entry: dict) -> _Shard:
    """A shard of the manifest, if it is as it was written."""
    path = folder / entry["file"]
    data = _read(path)
    if hashlib.sha256(data).hexdigest() != entry["sha256"]:
        raise UserError(
            f"{path}: {len(data)} bytes whose SHA-256 is not that of {MANIFEST} ({entry['bytes']} bytes); "
            "copy the file again"
        )
    return _Shard(path, data)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}; pack a data set with python -m mgpe_tf.pack_dataset") from error


@dataclasses.dataclass
class Packed:
    """One portrait as it is stored: its files and its name.

    Attributes:
      image, label, name: see the module.
      kept: whether the image is the file that was there before.
    """

    image: bytes
    label: bytes
    name: bytes
    kept: bool

    @property
    def size(self) -> int:
        """Bytes in a shard, the three ends included."""
        return len(self.image) + len(self.label) + len(self.name) + 24


def pack(source: Source, index: int, encode: Callable[[np.ndarray], bytes]) -> Packed:
    """A portrait of a source. The image's file is kept where it holds the very pixels that the source loads."""
    image, label = source.load(index)
    stored = source.stored_image(index) or b""
    kept = stored.startswith(_KEPT) and np.array_equal(images.decode_image(stored, source.names[index]), image)
    return Packed(stored if kept else encode(image), images.encode_png(label), source.names[index].encode(), kept)


def write_packed(
    source: Source,
    folder: str | os.PathLike,
    shard_bytes: int,
    encode: Callable[[np.ndarray], bytes] = images.encode_png,
    progress: Callable[[Iterable], Iterable] = iter,
) -> dict:
    """Writes all portraits of a source, at its resolution, to files of at most ``shard_bytes``. Labels keep what the
    source gives: Helen ids, or partial ones (``Source.partial``).

    Every file appears under its name only when it is complete, the manifest last: what a stopped run has left is
    written anew.

    Args:
      source: the portraits.
      folder: made if it does not exist; UserError if it holds a manifest already.
      shard_bytes: largest size of a file.
      encode: makes the image's file where it cannot be kept, e.g. ``images.encode_png``.
      progress: wraps the iteration over the portraits, e.g. tqdm.

    Returns:
      The manifest, and as "kept" the number of images whose files were kept.
    """
    folder = Path(folder)
    if (folder / MANIFEST).exists():
        raise UserError(f"{folder / MANIFEST}: exists; pack to another folder or remove it first")
    make_folder(folder)
    about = {"label_set": "partial" if source.partial else "helen", "unknown": source.unknown}
    shards, kept = [], 0
    with ThreadPoolExecutor() as pool:
        portraits = progress(pool.map(lambda index: pack(source, index, encode), range(len(source))))
        for number, group in enumerate(_groups(portraits, shard_bytes)):
            shards.append(_write_shard(folder / f"portraits-{number:05d}.npz", group, about))
            kept += sum(portrait.kept for portrait in group)
    manifest = {
        "format": FORMAT,
        **about,
        "resolution": source.resolution,
        "portraits": len(source),
        "shards": shards,
    }
    write_text(folder / MANIFEST, json.dumps(manifest, indent=2) + "\n")
    return {**manifest, "kept": kept}


def _groups(portraits: Iterable[Packed], shard_bytes: int) -> Iterator[list[Packed]]:
    """The portraits in order, in groups that fill a shard."""
    group: list[Packed] = []
    size = _OVERHEAD
    for portrait in portraits:
        if _OVERHEAD + portrait.size > shard_bytes:
            raise UserError(
                f"{portrait.name.decode()}: {portrait.size} bytes; a shard of {shard_bytes} bytes cannot "
                "hold it; allow larger shards"
            )
        if size + portrait.size > shard_bytes:
            yield group
            group, size = [], _OVERHEAD
        group.append(portrait)
        size += portrait.size
    yield group


def _write_shard(path: Path, group: list[Packed], about: dict) -> dict:
    """Writes a shard; returns its entry in the manifest."""
    arrays = {"about": np.frombuffer(json.dumps(about).encode(), np.uint8)}
    for part in PARTS:
        files = [getattr(portrait, part) for portrait in group]
        arrays[f"{part}s"] = np.frombuffer(b"".join(files), np.uint8)
        arrays[f"{part}_ends"] = np.array(list(itertools.accumulate(map(len, files))), np.int64)
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    data = buffer.getvalue()
    write_bytes(path, data)
    return {"file": path.name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(), "portraits": len(group)}
