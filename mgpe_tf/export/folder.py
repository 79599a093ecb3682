"""Folders that appear whole or not at all, with a list of checksums."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import tensorflow as tf

from mgpe_tf.errors import UserError
from mgpe_tf.storage.folders import replacing_folder
from mgpe_tf.storage.hashes import listing, sha256_of_file

SUMS = "SHA256SUMS"
"""Name of the list of checksums, as ``sha256sum -c`` reads it."""


@contextlib.contextmanager
def new_folder(target: Path, overwrite: bool) -> Iterator[Path]:
    """Gives a temporary folder beside `target`; at the end of the block it gets its checksums and takes the name.

    Args:
      target: the folder to be.
      overwrite: replace a folder of that name, if it is of this kind: it has a list of checksums.

    Raises:
      UserError: there is something of that name, or another job writes it.
      WriteError: it cannot be written.
    """
    if target.exists() and not overwrite:
        raise UserError(f"--output={target} is there already: choose another folder, or replace it by --overwrite")
    if target.exists() and not (target / SUMS).is_file():
        raise UserError(f"--output={target} is no exported model (no {SUMS}): not overwritten; choose another folder")
    with replacing_folder(target, f"--output={target}") as temporary:
        with _told_by_tensorflow(temporary):
            yield temporary
        (temporary / SUMS).write_text(checksums(temporary), encoding="utf-8")


@contextlib.contextmanager
def _told_by_tensorflow(folder: Path) -> Iterator[None]:
    """Inside, what TensorFlow cannot write raises OSError: it has errors of its own for what the system says. Beside
    `folder` it writes to the folder of temporary files, for the converter."""
    try:
        yield
    except tf.errors.OpError as error:
        for number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EACCES):
            if os.strerror(number) in error.message:
                full = folder if str(folder) in error.message else tempfile.gettempdir()
                raise OSError(number, os.strerror(number), str(full)) from error
        raise


def file_size(path: Path) -> int:
    """Bytes of a file, or of all files under a folder."""
    return sum(file.stat().st_size for file in (path, *path.rglob("*")) if file.is_file())


def checksums(folder: Path) -> str:
    """A line "SHA-256  path" for every file under a folder."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return listing({file.relative_to(folder).as_posix(): sha256_of_file(file) for file in files})
