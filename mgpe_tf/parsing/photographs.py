"""Finding and reading photographs, ahead of their use."""

from __future__ import annotations

import collections
import dataclasses
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mgpe_tf.data.alignment import Alignment
from mgpe_tf.data.detection import Choice
from mgpe_tf.data.formats import SUFFIXES, is_picture_name, is_seen
from mgpe_tf.data.images import decode_image
from mgpe_tf.data.source import resize_label
from mgpe_tf.errors import UserError
from mgpe_tf.models.face_parser import FaceParser

Find = Callable[[np.ndarray, str], tuple[Alignment, Choice]]
"""A photograph uint8 RGB [H, W, 3] and its name -> how a face lies in it, and which; UserError if there is none."""


@dataclasses.dataclass(frozen=True)
class AlignedPhotograph:
    """A photograph that was read.

    Attributes:
      file: where it lies.
      sha256: of the file.
      image: uint8 RGB [H, H, 3], upright.
      portrait: its face as a parser takes it, uint8 [R, R, 3].
      alignment: of the portrait in the photograph; None if it is all of it.
      choice: which of the photograph's faces it is; None likewise.
    """

    file: Path
    sha256: str
    image: np.ndarray
    portrait: np.ndarray
    alignment: Alignment | None = None
    choice: Choice | None = None

    def label(self, mask: np.ndarray) -> np.ndarray:
        """The portrait's mask uint8 [R, R] in the photograph's frame, uint8 [H, W]."""
        return resize_label(mask, len(self.image)) if self.alignment is None else self.alignment.back_label(mask)


class Found(NamedTuple):
    """Absolute paths of the files to read, each once, and of the others that lie in the folders."""

    photographs: list[Path]
    others: list[Path]


def find_photographs(inputs: Sequence[str], recursive: bool, output: Path) -> Found:
    """The files to read.

    Of a folder these are the pictures by their endings, hidden ones and those under `output` excepted; a file that is
    named itself is taken as it is, whatever it may be.

    Raises:
      UserError: a folder without a photograph, or one that cannot be read, or nothing is there at all.
    """
    if not any(Path(name).exists() for name in inputs):
        raise UserError(f"{inputs[0]}: no such file or folder")
    output, found, others = output.resolve(), [], []
    for path in (Path(name).resolve() for name in inputs):
        if not path.is_dir():
            found.append(path)
            continue
        try:
            inside = sorted(path.rglob("*") if recursive else path.iterdir())
            files = [file for file in inside if file.is_file() and is_seen(file.name) and output not in file.parents]
        except OSError as error:
            raise UserError(f"{error.filename or path}: {error.strerror or error}") from error
        pictures = [file for file in files if is_picture_name(file.name)]
        if not pictures:
            raise UserError(f"{path}: no photographs; allowed: {', '.join(SUFFIXES)}; subfolders: --recursive")
        found += pictures
        others += [file for file in files if not is_picture_name(file.name)]
    return Found(list(dict.fromkeys(found)), list(dict.fromkeys(others)))


def read_photograph(file: Path, parser: FaceParser, find: Find | None = None) -> AlignedPhotograph:
    """Reads one file.

    Args:
      file: the photograph.
      parser: what the portrait is for.
      find: finds the face; None for photographs that are aligned portraits.

    Raises:
      UserError: names the file if it is no picture (see ``data.images.read_image``), not square, or has no fit face.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise UserError(f"{file}: {error.strerror}") from error
    image = decode_image(data, str(file))
    sha256 = hashlib.sha256(data).hexdigest()
    if find is None:
        return AlignedPhotograph(file, sha256, image, parser.fit(image, str(file)))
    alignment, choice = find(image, str(file))
    return AlignedPhotograph(file, sha256, image, alignment.crop(image), alignment, choice)


def read_ahead(
    pool: Executor,
    read: Callable[[Path], AlignedPhotograph],
    files: Iterable[Path],
    ahead: int,
    report: Callable[[UserError], None],
) -> Iterator[AlignedPhotograph]:
    """The photographs in their order, while the next `ahead` are being read; `report` gets the errors of the others."""
    futures: collections.deque[tuple[Path, Future[AlignedPhotograph]]] = collections.deque()

    def taken() -> Iterator[AlignedPhotograph]:
        file, future = futures.popleft()
        try:
            yield future.result()
        except UserError as error:
            report(error)
        except Exception as error:  # from decoders and detectors, on input nobody has thought of
            report(UserError(f"{file}: {type(error).__name__}: {error}"))

    for file in files:
        futures.append((file, pool.submit(read, file)))
        if len(futures) > ahead:
            yield from taken()
    while futures:
        yield from taken()
