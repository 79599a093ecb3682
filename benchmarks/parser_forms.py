"""The cost of an exported parser in each of its formats, and on a folder of photographs."""

from __future__ import annotations

import functools
import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.timing import timed, timed_row
from mgpe_tf.data.images import encode_jpeg
from mgpe_tf.data.synthetic import SyntheticSource
from mgpe_tf.errors import UserError
from mgpe_tf.models.face_parser import FaceParser
from mgpe_tf.models.files import SAVED_MODEL
from mgpe_tf.parsing.many import parse_here
from mgpe_tf.parsing.results import Results, Writer

BATCH = 8
"""Portraits that are read at once where it is not one."""

FILES = 64
"""Photographs of a timed run over a folder."""


def measure_forms(model: Path, threads: int, repeats: int) -> list[dict]:
    """Rows of every format in the exported folder `model`: milliseconds for one portrait, images/s of many."""
    formats = [format for format in (model / SAVED_MODEL, *sorted(model.glob("*.tflite"))) if format.exists()]
    if not formats:
        raise UserError(f"--model={model}: no SavedModel, no .tflite file; python -m mgpe_tf.export_model writes them")
    parsers = {(format.suffix and format.name) or "SavedModel": FaceParser.load(format, threads) for format in formats}
    [size] = {parser.resolution for parser in parsers.values()}
    drawn = SyntheticSource(BATCH, size)
    portraits = np.stack([drawn.load(index)[0] for index in range(BATCH)])
    rows = []
    for name, parser in parsers.items():
        seconds = timed(lambda: parser.probabilities(portraits[:1]), repeats)
        rows.append(timed_row(f"{name}, one portrait", [1000 * s for s in seconds], "ms"))
    for name, parser in parsers.items():
        seconds = timed(lambda: parser.probabilities(portraits), repeats)
        rows.append(timed_row(f"{name}, {BATCH} portraits", [BATCH / s for s in seconds], "images/s"))
    for name, parser in parsers.items():
        seconds = timed(functools.partial(next, folder_runs(parser, portraits)), repeats, shortest=0)
        rows.append(timed_row(f"{name}, {FILES} files to masks and pictures", [FILES / s for s in seconds], "images/s"))
    return rows


def folder_runs(parser: FaceParser, portraits: np.ndarray) -> Iterator[None]:
    """Endless runs over one folder of JPEG files: read, parsed, all results written."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        names = {folder / f"{index:02}.jpg": f"{index:02}" for index in range(FILES)}
        for file, portrait in zip(names, itertools.cycle(portraits)):
            file.write_bytes(encode_jpeg(portrait))
        results = Results(Writer(folder / "results", ""))
        while True:
            for lines, errors in parse_here(parser, names, results.writer, BATCH):
                results.record(lines)
                if errors:
                    raise errors[0]
            yield
