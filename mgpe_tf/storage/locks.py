"""Locks: one job at a time. A lock dies with its process, so a file of one that is left behind is in nobody's way."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import time
from pathlib import Path
from typing import IO

from mgpe_tf.errors import UserError
from mgpe_tf.storage.files import make_folder, write_errors

NAME = ".lock"
"""The file in a folder that is locked."""

_BYTE = 1 << 30
"""The byte that is locked on Windows, where nobody else can read what is locked: far behind the text."""


class Lock:
    """Held by this process alone until ``close``, the end of a ``with`` block or of the process.

    Args:
      path: the file that is locked; it tells by whom, and is there as long as the lock. Its folder is made.
      name: what is locked, in messages, e.g. "--output=masks".

    Raises:
      UserError: another job holds it.
      WriteError: the file cannot be written, or its disk knows no locks.
    """

    def __init__(self, path: Path, name: str):
        self._path = path
        make_folder(path.parent)
        with write_errors(path):
            self._file = _opened(path, name)
            try:
                self._file.truncate(0)
                self._file.write(_this_process())
                self._file.flush()
            except BaseException:
                self.close()
                raise

    def __enter__(self) -> Lock:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Lets another job have it."""
        if self._file.closed:
            return
        if os.name == "nt":  # where an open file cannot be deleted, and one that another job has opened stays
            self._file.close()
        with contextlib.suppress(OSError):
            self._path.unlink()
        with contextlib.suppress(OSError):  # what was not flushed to a full disk
            self._file.close()


def lock_folder(folder: str | os.PathLike, name: str) -> Lock:
    """Locks a folder, by the file ``NAME`` in it; the folder is made. See ``Lock``."""
    return Lock(Path(folder) / NAME, name)


def _opened(path: Path, name: str) -> IO[str]:
    """The locked file. One that its holder deleted after it was opened here is no lock: the next one is tried."""
    while True:
        file = open(path, "a+", encoding="utf-8")  # noqa: SIM115 - it stays open as long as the lock is held
        try:
            _lock(file)
            if _is_at(file, path):
                return file
        except (BlockingIOError, PermissionError) as error:
            file.seek(0)
            holder = file.read().strip() or "another process"
            file.close()
            raise UserError(f"{name} is in use by {holder}: wait for it, or choose another folder") from error
        except BaseException:
            file.close()
            raise
        file.close()


def _lock(file: IO[str]) -> None:
    """Takes the exclusive lock on an open file, or raises BlockingIOError or, on Windows, PermissionError at once."""
    if sys.platform == "win32":
        import msvcrt

        file.seek(_BYTE)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _is_at(file: IO[str], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), os.stat(path))
    except FileNotFoundError:
        return False


def _this_process() -> str:
    verb, since = Path(sys.argv[0]).stem or "python", time.strftime("%Y-%m-%d %H:%M:%S")
    return f"process {os.getpid()} on {socket.gethostname()} ({verb}, since {since})\n"
