"""Parsing of any number of photographs, batch by batch, while others are read and written."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from tqdm import tqdm

from mgpe_tf.errors import UserError
from mgpe_tf.parsing.face_parser import FaceParser
from mgpe_tf.parsing.photographs import read_ahead, read_photograph
from mgpe_tf.parsing.results import Results


def parse_files(
    parser: FaceParser, files: Sequence[Path], results: Results, batch_size: int = 8, workers: int | None = None
) -> int:
    """Parses `files`, all ``results.unfinished``, into `results`; progress and a line for each bad file go to stderr.

    Args:
      parser: reads the masks.
      files: photographs.
      results: the output folder.
      batch_size: portraits that are parsed at once; twice as many are read ahead.
      workers: threads that read and write files; None for a few more than there are cores.

    Returns:
      The number of bad files.
    """
    bad = []
    with ThreadPoolExecutor(workers) as pool, tqdm(total=len(files), unit=" images", file=sys.stderr) as progress:

        def read(file: Path):
            return read_photograph(file, parser)

        def report(error: UserError) -> None:
            tqdm.write(f"error: {error}", file=sys.stderr)
            bad.append(error)
            progress.update()

        photographs = read_ahead(pool, read, files, 2 * batch_size, report)
        while batch := list(itertools.islice(photographs, batch_size)):
            probabilities = parser.probabilities(np.stack([photograph.portrait for photograph in batch]))
            results.record(list(pool.map(results.write, batch, probabilities)))
            progress.update(len(batch))
    return len(bad)
