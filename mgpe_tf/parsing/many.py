"""Parsing of any number of photographs, batch by batch, while others are read and written; in one or more processes."""

from __future__ import annotations

import functools
import itertools
import sys
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from mgpe_tf.data.alignment import Alignment
from mgpe_tf.data.detection import Choice, Detector, locate
from mgpe_tf.errors import UserError
from mgpe_tf.models.face_parser import FaceParser
from mgpe_tf.models.load import load
from mgpe_tf.parsing.faces import FaceFinder
from mgpe_tf.parsing.photographs import AlignedPhotograph, read_ahead, read_photograph
from mgpe_tf.parsing.results import Results, Writer, face_share
from mgpe_tf.processes import spread, threads_each
from mgpe_tf.progress import progress_bar
from mgpe_tf.quiet import import_tensorflow

Outcome = tuple[list[dict[str, Any]], list[UserError]]
"""Lines of photographs that were parsed, and errors of others."""

ANOTHER_FACE = "python -m mgpe_tf.edit crop --face"
"""The command for a face that is not the largest of its photograph."""

LEAST_FACE = 0.12
"""Share of an aligned portrait that is face at least, a quarter as a rule; of a whole photograph it is less."""

SHARE_BATCHES = 4
"""Batches that a process is given at a time: what is done twice at most after a crash."""


def record(outcomes: Iterable[Outcome], results: Results, total: int) -> int:
    """Enters `outcomes` into `results`; progress and a line for each bad file, or one of several faces, go to stderr.

    Returns:
      The number of bad files.
    """
    bad, faceless = 0, []
    with progress_bar(total=total, unit=" images") as progress:
        for lines, errors in outcomes:
            results.record(lines)
            faceless += [line for line in lines if line["face_found"] is None and face_share(line) < LEAST_FACE]
            for line in lines:
                choice = Choice(line["face"] or 1, tuple(line["other_faces"]))
                if note := choice.told(line["file"], f"{ANOTHER_FACE}="):
                    tqdm.write(f"note: {note}", file=sys.stderr)
            for error in errors:
                tqdm.write(f"error: {error}", file=sys.stderr)
            bad += len(errors)
            progress.update(len(lines) + len(errors))
    if faceless:
        print(
            f"note: little face is read in {len(faceless)} of {total} pictures, {faceless[0]['file']} first: are they "
            "aligned portraits? Faces in photographs are found by --align",
            file=sys.stderr,
        )
    return bad


def parse_here(
    parser: FaceParser,
    names: dict[Path, str],
    writer: Writer,
    batch_size: int = 8,
    workers: int | None = None,
    detector: Detector | None = None,
) -> Iterator[Outcome]:
    """Parses photographs in this process.

    Args:
      parser: reads the masks; it must know the writer's label set.
      names: of the results, by photograph.
      writer: writes the pictures.
      batch_size: portraits that are parsed at once; twice as many are read ahead.
      workers: threads that read and write files; None for a few more than there are cores.
      detector: finds the largest face of each photograph; None for aligned portraits.
    """
    one_at_a_time = threading.Lock()

    def find(detector: Detector, image: np.ndarray, name: str) -> tuple[Alignment, Choice]:
        with one_at_a_time:
            return locate(detector, image, "largest", parser.resolution, name)

    def read(file: Path) -> AlignedPhotograph:
        return read_photograph(file, parser, functools.partial(find, detector) if detector else None)

    errors: list[UserError] = []

    def outcome(writing: list[Future[dict[str, Any]]]) -> Outcome:
        found = [future.result() for future in writing], errors.copy()
        errors.clear()
        return found

    with ThreadPoolExecutor(workers) as pool:
        photographs = read_ahead(pool, read, names, 2 * batch_size, errors.append)
        writing: list[Future[dict[str, Any]]] = []
        while batch := list(itertools.islice(photographs, batch_size)):
            probabilities = parser.probabilities(
                np.stack([photograph.portrait for photograph in batch]), writer.label_set
            )
            yield outcome(writing)
            writing = [
                pool.submit(writer.write, photograph, names[photograph.file], values)
                for photograph, values in zip(batch, probabilities, strict=True)
            ]
        yield outcome(writing)


def parse_in_processes(
    model: Path, names: dict[Path, str], writer: Writer, batch_size: int, processes: int
) -> Iterator[Outcome]:
    """Parses photographs in several processes, each with the parser of ``load_parser`` and a share of the cores.

    Raises:
      UserError: no parser at `model`, or a process was killed; what was recorded until then stays finished.
    """
    items, size = list(names.items()), SHARE_BATCHES * batch_size
    shares = [dict(items[i : i + size]) for i in range(0, len(items), size)]
    work = functools.partial(_parse_share, model, writer, batch_size, threads_each(processes))
    for outcomes in spread(work, shares, processes):
        yield from outcomes


def _parse_share(model: Path, writer: Writer, batch_size: int, threads: int, names: dict[Path, str]) -> list[Outcome]:
    detector = _detector() if writer.found else None
    return list(parse_here(_parser(model, threads, writer.flip), names, writer, batch_size, threads, detector))


@functools.cache
def _parser(model: Path, threads: int, flip: bool) -> FaceParser:
    """The parser of this process."""
    return load_parser(model, threads, flip)


@functools.cache
def _detector() -> Detector:
    """The detector of this process."""
    return FaceFinder()


def load_parser(model: Path, threads: int | None = None, flip: bool = False) -> FaceParser:
    """A parser without what TensorFlow writes to stderr; a .tflite file needs no TensorFlow.

    Args:
      model: where the parser lies.
      threads: see ``FaceParser.load``.
      flip: whether it is to be ``flip_averaged``.
    """
    if model.is_dir():
        import_tensorflow()
    parser = load("parser", model, num_threads=threads)
    return parser.flip_averaged() if flip else parser
