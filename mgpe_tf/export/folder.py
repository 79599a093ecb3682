"""Folders that appear whole or not at all, with a list of checksums."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from mgpe_tf.errors import UserError

SUMS = "SHA256SUMS"
"""Name of the list of checksums, as ``sha256sum -c`` reads it."""


@contextlib.contextmanager
def new_folder(target: Path, overwrite: bool) -> Iterator[Path]:
    """Gives a temporary folder beside `target`; at the end of the block it gets its checksums and takes the name.

    Args:
      target: the folder to be.
      overwrite: replace a folder of that name, if it is of this kind: it has a list of checksums.

    Raises:
      UserError: there is something of that name, or it cannot be written.
    """
    if target.exists() and not overwrite:
        raise UserError(f"--output={target} is there already: choose another folder, or replace it by --overwrite")
    if target.exists() and not (target / SUMS).is_file():
        raise UserError(f"--output={target} is no exported model (no {SUMS}): not overwritten; choose another folder")
    temporary, replaced = (target.with_name(f".{target.name}.{state}") for state in ("new", "old"))
    try:
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        yield temporary
        (temporary / SUMS).write_text(checksums(temporary), encoding="utf-8")
        shutil.rmtree(replaced, ignore_errors=True)
        if target.exists():
            os.rename(target, replaced)
        os.rename(temporary, target)
    except OSError as error:
        raise UserError(
            f"--output={target}: {error.filename or 'a file'} cannot be written: {error.strerror or error}"
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(replaced, ignore_errors=True)


def file_size(path: Path) -> int:
    """Bytes of a file, or of all files under a folder."""
    return sum(file.stat().st_size for file in (path, *path.rglob("*")) if file.is_file())


def checksums(folder: Path) -> str:
    """A line "SHA-256  path" for every file under a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return "".join(
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(folder).as_posix()}\n" for file in files
    )
