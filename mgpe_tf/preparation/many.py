"""Preparation of any number of photographs into a folder, in one or more processes."""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tqdm import tqdm

from mgpe_tf.errors import UserError
from mgpe_tf.preparation.dataset import Dataset, Writer
from mgpe_tf.preparation.photographs import PhotographFile
from mgpe_tf.preparation.sample import DUPLICATE, FAILED, UNREADABLE, Preparer, SampleSettings, unusable
from mgpe_tf.processes import spread, threads_each
from mgpe_tf.progress import progress_bar
from mgpe_tf.storage.hashes import sha256_of_file

SHARE = 16
"""Photographs that a process is given at a time: what is done twice at most after a crash."""


def plan(root: Path, files: Sequence[str], first_files: dict[str, str]) -> tuple[list[PhotographFile], list[dict]]:
    """Hashes files.

    Args:
      root: folder of the photographs.
      files: relative to it; of several of one content the first is taken.
      first_files: files that were taken before, by their SHA-256.

    Returns:
      The photographs to prepare, and lines on files that cannot be read or repeat another.
    """
    first_files, photographs, lines = dict(first_files), [], []
    with ThreadPoolExecutor() as pool:
        hashes = pool.map(functools.partial(_sha256, root), files)
        for file, sha256 in progress_bar(zip(files, hashes), "hashing", len(files), unit=" files"):
            if isinstance(sha256, UserError):
                reason = str(sha256).removeprefix(f"{root / file}: ")
                lines.append(unusable(PhotographFile(file, ""), UNREADABLE, reason).record())
            elif first_files.setdefault(sha256, file) == file:
                photographs.append(PhotographFile(file, sha256))
            else:
                reason = f"the same bytes as {first_files[sha256]}"
                lines.append(unusable(PhotographFile(file, sha256), DUPLICATE, reason).record())
    return photographs, lines


def _sha256(root: Path, file: str) -> str | UserError:
    try:
        return sha256_of_file(root / file)
    except UserError as error:
        return error


def prepare_here(
    preparer: Preparer, root: Path, writer: Writer, photographs: Iterable[PhotographFile]
) -> Iterator[dict]:
    """Prepares photographs in this process and writes their faces; gives their lines."""
    for photograph in photographs:
        yield writer.write(preparer.prepare(photograph, (root / photograph.file).read_bytes))


def prepare_in_processes(
    parser: Path,
    settings: SampleSettings,
    root: Path,
    writer: Writer,
    photographs: Sequence[PhotographFile],
    processes: int,
) -> Iterator[dict]:
    """As ``prepare_here``, in several processes, each with a detector, a parser and a share of the cores of its own.

    Raises:
      UserError: no parser, or a process was killed; what was recorded until then stays finished.
    """
    shares = [photographs[i : i + SHARE] for i in range(0, len(photographs), SHARE)]
    work = functools.partial(_prepare_share, parser, settings, threads_each(processes), root, writer)
    for lines in spread(work, shares, processes):
        yield from lines


def _prepare_share(
    parser: Path,
    settings: SampleSettings,
    threads: int,
    root: Path,
    writer: Writer,
    photographs: Sequence[PhotographFile],
) -> list:
    return list(prepare_here(_preparer(parser, settings, threads), root, writer, photographs))


@functools.cache
def _preparer(parser: Path, settings: SampleSettings, threads: int) -> Preparer:
    """The preparer of this process."""
    return Preparer.load(parser, settings, threads)


def record(lines: Iterable[dict], dataset: Dataset, total: int) -> int:
    """Enters lines into the data set; progress and a line for each bad file go to stderr.

    Returns:
      The number of files that are unreadable or on which a step failed.
    """
    bad = 0
    with progress_bar(total=total, unit=" photographs") as progress:
        for line in lines:
            dataset.record([line])
            for reason in line["left_out"]:
                if reason["kind"] in (UNREADABLE, FAILED):
                    text = " ".join(f"error: {line['file']}: {reason['reason']}".split())
                    tqdm.write(text.encode(errors="backslashreplace").decode(), file=sys.stderr)
                    bad += 1
            progress.update()
    return bad
