"""The same steps as an Apache Beam pipeline, for millions of photographs on many machines; TFRecord shards come out.

Paths go through Beam's file systems, so "gs://..." and its like work where Beam's extra for them is installed; the
parser's path must lead to it on every worker. Only paths and hashes go through the shuffle: each shard is made by one
worker, photograph by photograph, and appears whole. A shard that is complete is left alone by the next run.
"""

from __future__ import annotations

import collections
import contextlib
import functools
import hashlib
import itertools
import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import apache_beam as beam
from apache_beam.io import fileio
from apache_beam.io.filesystem import CompressionTypes, FileMetadata
from apache_beam.io.filesystems import FileSystems
from apache_beam.options.pipeline_options import PipelineOptions

from mgpe_tf.data import images
from mgpe_tf.data.formats import NAMED, SUFFIXES, is_picture_name, is_seen, left_alone
from mgpe_tf.errors import UserError
from mgpe_tf.preparation.dataset import SETTINGS, described, encoder, require_same, summary_text
from mgpe_tf.preparation.photographs import SPLITS, PhotographFile
from mgpe_tf.preparation.sample import DUPLICATE, FAILED, UNREADABLE, Preparer, Sample, SampleSettings, unusable
from mgpe_tf.storage.files import replacing
from mgpe_tf.storage.folders import working_in
from mgpe_tf.storage.lines import as_line

SUMMARY = "summary.json"
"""File of the counts over all shards."""

OTHERS = "left_alone.json"
"""File of how many files below the input are no pictures by their endings, and the names of the first."""

Key = tuple[str, int]
"""Split and number of a shard."""

Item = tuple[str, str, tuple[str, ...]]
"""A photograph: its file, its SHA-256, and other files of the same bytes."""


def run(
    root: str, output: str, parser: Path, settings: SampleSettings, shards: int, runner: str, arguments: Sequence[str]
) -> tuple[str, int]:
    """Runs the pipeline to its end.

    Args:
      root: folder of the photographs.
      output: folder for {train,val}/{portraits,manifest,rejected,photographs}-NUMBER-of-COUNT and index.json.
      parser: where the parser lies.
      settings: must be those with which the output was begun, as `root` and `shards` must.
      shards: number of shards of the training part; validation has fewer by its share.
      runner: Beam's name of a runner.
      arguments: more options for Beam, e.g. "--direct_num_workers=4".

    Returns:
      The summary, and the number of files that are unreadable or on which a step failed.
    """
    root, output = _absolute(root), _absolute(output)
    if set(root) & set("*?[]"):
        raise UserError(f"--input={root}: allowed for Beam: a path without * ? [ ], which it takes for patterns")
    # Beam's DirectRunner hands most pipelines to a server that it downloads first, but none with this option.
    own = ["--allow_unsafe_triggers"] if runner == "DirectRunner" else []
    options = PipelineOptions([f"--runner={runner}", *own, *arguments])
    with _alone_in(output):
        _begin(output, described(settings, input=root, shards=shards))
        with beam.Pipeline(options=options) as pipeline:
            build(pipeline, root, output, parser, settings, shards)
    counts = json.loads(_read(f"{output}/{SUMMARY}"))
    if not counts["photographs"]:
        raise UserError(f"--input={root}: no photographs; allowed: {', '.join(SUFFIXES)}")
    faces, kinds = collections.Counter(counts["faces"]), collections.Counter(counts["left_out"])
    count, names = json.loads(_read(f"{output}/{OTHERS}"))
    said = (summary_text(counts["photographs"], faces, kinds), left_alone(names, count))
    return "; ".join(filter(None, said)), kinds[UNREADABLE] + kinds[FAILED]


def build(pipeline: beam.Pipeline, root: str, output: str, parser: Path, settings: SampleSettings, shards: int) -> None:
    """Adds all steps to a pipeline; see ``run``."""
    counts = {"train": shards, "val": max(1, round(shards * settings.val_share))}
    keys = [(split, number) for split in SPLITS for number in range(counts[split])]
    files = pipeline | "find" >> fileio.MatchFiles(f"{root}/**") | "relative" >> beam.FlatMap(_relative, root, output)
    (
        files
        | "no photographs" >> beam.Filter(lambda file: not is_picture_name(_name(file)))
        | "one each" >> beam.Map(lambda file: (1, [file]))
        | "left alone" >> beam.CombineGlobally(_named)
        | "told" >> beam.Map(lambda others: _write(f"{output}/{OTHERS}", json.dumps(others)))
    )
    items = (
        files
        | "photographs" >> beam.Filter(lambda file: is_picture_name(_name(file)))
        | "to all workers" >> beam.Reshuffle()
        | "hash" >> beam.Map(_hashed, root)
        | "same bytes" >> beam.GroupByKey()
        | "shard of each" >> beam.MapTuple(functools.partial(_sharded, settings.val_share, counts))
    )
    every = pipeline | "shards" >> beam.Create([(key, None) for key in keys])  # also those that became empty
    made = (
        (items, every)
        | beam.Flatten()
        | "by shard" >> beam.GroupByKey()
        | "prepare" >> beam.ParDo(MakeShard(root, output, parser, settings, counts))
    )
    made | "by split" >> beam.GroupByKey() | "index" >> beam.MapTuple(functools.partial(_write_index, output, counts))
    (
        made
        | "counts" >> beam.Values()
        | "of each" >> beam.Map(lambda shard: shard["counts"])
        | "added" >> beam.CombineGlobally(_added)
        | "summary" >> beam.Map(lambda total: _write(f"{output}/{SUMMARY}", json.dumps(total)))
    )


class MakeShard(beam.DoFn):
    """Makes the files of one shard; gives its split and what index and summary need to know of it.

    Args:
      root, output, parser, settings: see ``run``.
      counts: number of shards by split.
    """

    def __init__(self, root: str, output: str, parser: Path, settings: SampleSettings, counts: dict[str, int]):
        self._root, self._output, self._parser, self._settings = root, output, parser, settings
        self._counts = counts

    def setup(self) -> None:
        """Loads parser and detector, once for each worker."""
        self._preparer = Preparer.load(self._parser, self._settings)

    def process(self, element: tuple[Key, Iterable[Item | None]]) -> Iterator[tuple[str, dict]]:
        """Makes a shard if it is not there, complete and of these photographs."""
        (split, number), items = element
        items = sorted(filter(None, items))
        path = functools.partial(_path, self._output, split, number, self._counts[split])
        lines = self._finished(path("photographs"), items)
        if lines is None:
            lines = self._make(path, items)
        yield split, {"number": number, **_shard_summary(lines)}

    def _finished(self, path: str, items: list[Item]) -> list[dict] | None:
        """The lines of a shard that was made before of the same photographs; None without one."""
        if not FileSystems.exists(path):
            return None
        lines = [json.loads(text) for text in _read(path).decode().split("\n") if text]
        wanted = {(name, sha256) for file, sha256, others in items for name in (file, *others)}
        return lines if {(line["file"], line["sha256"]) for line in lines} == wanted else None

    def _make(self, path: Callable[[str], str], items: list[Item]) -> list[dict]:
        """Writes portraits, manifest, rejected, and at last photographs, whose being there says that all is done."""
        lines: list[dict] = []
        with _created(path("portraits")) as file:
            records = _Records(file, self._settings.image_format)
            for name, sha256, others in items:
                photograph = PhotographFile(name, sha256)
                prepared = self._preparer.prepare(photograph, functools.partial(_read, f"{self._root}/{name}"))
                lines.append(prepared.record(records.append))
                lines += [
                    unusable(PhotographFile(other, sha256), DUPLICATE, f"the same bytes as {name}").record()
                    for other in others
                ]
        for kind, part in (("manifest", "faces"), ("rejected", "left_out")):
            _write(path(kind), "".join(as_line(entry) for line in lines for entry in line[part]))
        _write(path("photographs"), "".join(map(as_line, lines)))
        return lines


class _Records:
    """Writes samples as records of a TFRecord file."""

    def __init__(self, file: IO[bytes], image_format: str):
        self._file, self._encode, self._offset = file, encoder(image_format), 0

    def append(self, sample: Sample) -> dict:
        """Writes a record; returns its place, for the manifest."""
        from mgpe_tf.data import tfrecord

        data = tfrecord.example(self._encode(sample.image), images.encode_png(sample.label), sample.name)
        place = {"offset": self._offset, "length": len(data)}
        framed = tfrecord.framed(data)
        self._file.write(framed)
        self._offset += len(framed)
        return place


def _relative(found: FileMetadata, root: str, output: str) -> Iterator[str]:
    """The path relative to `root` of what was found, if it is neither hidden nor our own."""
    if is_seen(_name(found.path)) and not found.path.startswith(f"{output}/"):
        yield found.path.removeprefix(f"{root}/")


def _name(path: str) -> str:
    """The name of a file without its folders."""
    return path.rsplit("/", 1)[-1]


def _named(others: Iterable[tuple[int, list[str]]]) -> tuple[int, list[str]]:
    """How many files there are, and the first of them by name."""
    counts, names = zip(*others, strict=True) if (others := list(others)) else ((), ())
    return sum(counts), sorted(itertools.chain(*names))[:NAMED]


def _hashed(file: str, root: str) -> tuple[str, str]:
    """SHA-256 and file; of what cannot be read its own name stands for the content."""
    try:
        return hashlib.sha256(_read(f"{root}/{file}")).hexdigest(), file
    except Exception:  # of any file system; read again, and reported, where the shard is made
        return f"unreadable {file}", file


def _sharded(val_share: float, counts: dict[str, int], sha256: str, files: Iterable[str]) -> tuple[Key, Item]:
    """Where the files of one content belong: with the first of them."""
    first, *others = sorted(files)
    photograph = PhotographFile(first, sha256)
    split = photograph.split(val_share)
    return (split, photograph.shard(counts[split])), (first, sha256, tuple(others))


def _path(output: str, split: str, number: int, count: int, kind: str) -> str:
    suffix = "tfrecord" if kind == "portraits" else "jsonl"
    return f"{output}/{split}/{kind}-{number:05d}-of-{count:05d}.{suffix}"


def _shard_summary(lines: list[dict]) -> dict:
    """Names and places of a shard's records, and its counts."""
    faces = [face for line in lines for face in line["faces"]]
    return {
        "records": [(face["name"], face["offset"], face["length"]) for face in faces],
        "counts": {
            "photographs": len(lines),
            "faces": collections.Counter(face["split"] for face in faces),
            "left_out": collections.Counter(entry["kind"] for line in lines for entry in line["left_out"]),
        },
    }


def _added(counts: Iterable[dict]) -> dict:
    """The sum of counts."""
    total: dict[str, Any] = {"photographs": 0, "faces": collections.Counter(), "left_out": collections.Counter()}
    for one in counts:
        total = {name: value + type(value)(one[name]) for name, value in total.items()}
    return total


def _write_index(output: str, counts: dict[str, int], split: str, shards: Iterable[dict]) -> None:
    """Writes the index of a split, as ``data.tfrecord`` reads it; none if it is empty."""
    from mgpe_tf.data import tfrecord

    placed = [
        (name, (shard["number"], offset, length))
        for shard in sorted(shards, key=lambda shard: shard["number"])
        for name, offset, length in shard["records"]
    ]
    files = [
        _path(output, split, number, counts[split], "portraits").rsplit("/", 1)[-1] for number in range(counts[split])
    ]
    if placed:
        names, records = zip(*placed, strict=True)
        _write(f"{output}/{split}/{tfrecord.INDEX}", tfrecord.index_text(files, names, records))


def _alone_in(output: str) -> contextlib.AbstractContextManager[None]:
    """As ``working_in``; on the disks of others, where there are no locks, nothing."""
    if "://" in output:
        return contextlib.nullcontext()
    return working_in(Path(output), f"--output={output}", SPLITS)


def _begin(output: str, wanted: dict) -> None:
    """Writes the settings, or compares them with those that are there; makes the folders."""
    path = f"{output}/{SETTINGS}"
    if FileSystems.exists(path):
        require_same(json.loads(_read(path)), wanted, output)
    for split in SPLITS:
        with contextlib.suppress(OSError):  # it exists
            FileSystems.mkdirs(f"{output}/{split}")
    _write(path, json.dumps(wanted, indent=2) + "\n")


def _absolute(path: str) -> str:
    """A path that means the same for all workers, without a slash at its end."""
    return path.rstrip("/") if "://" in path else str(Path(path).resolve())


def _read(path: str) -> bytes:
    with FileSystems.open(path, compression_type=CompressionTypes.UNCOMPRESSED) as file:
        return file.read()


def _write(path: str, text: str) -> None:
    with _created(path) as file:
        file.write(text.encode())


@contextlib.contextmanager
def _created(path: str) -> Iterator[IO[bytes]]:
    """A file to be written, which appears, in place of what was there, when the block is done."""
    if "://" not in path:
        with replacing(path) as local, open(local, "wb") as file:
            yield file
        return
    temporary = f"{path}.{uuid.uuid4().hex}.tmp"
    with FileSystems.create(temporary, compression_type=CompressionTypes.UNCOMPRESSED) as file:
        yield file
    if FileSystems.exists(path):
        FileSystems.delete([path])
    FileSystems.rename([temporary], [path])
