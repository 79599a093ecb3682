"""The one way in which files are written: under another name, to the disk, then in the place of what was there.

So a reader, a crash, a full disk or a power loss finds the old file or the new one, never a part of either.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from mgpe_tf.errors import WriteError

_TEMPORARY = re.compile(r"\.mgpe_tf-[0-9a-f]{16}\.tmp(\.\w{1,10})?", re.ASCII)
"""Names of temporary files: short whatever the file's name, hidden, with its ending for those who go by endings."""


def write_bytes(path: str | os.PathLike, data: bytes) -> None:
    """Writes a file; see ``replacing``."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def write_text(path: str | os.PathLike, text: str) -> None:
    """Writes a text in UTF-8, file names in it that are no Unicode as their own bytes; see ``replacing``."""
    write_bytes(path, text.encode("utf-8", "surrogateescape"))


def write_together(contents: Mapping[Path, bytes]) -> None:
    """Writes files that belong together: all of them are on the disk before the first takes its place."""
    with contextlib.ExitStack() as stack:
        for path, data in contents.items():
            temporary = stack.enter_context(replacing(path))
            with write_errors(path, temporary):
                temporary.write_bytes(data)
                sync(temporary)


@contextlib.contextmanager
def replacing(path: str | os.PathLike) -> Iterator[Path]:
    """Gives a temporary file to fill, of the same ending in the same folder; at the end of the block it becomes `path`.

    A file that is replaced leaves its permissions and, where that is allowed, its owner and group to the new one. Of a
    link the file that it leads to is replaced. After a failure, Ctrl-C or SIGTERM (see ``cli``) nothing is left of the
    temporary file; kill -9 may leave it.

    Args:
      path: the file to be; in a folder that exists.

    Raises:
      WriteError: it cannot be written, or what is there is write-protected or no file.
    """
    target = Path(os.path.realpath(path))
    temporary = _temporary(target)
    with write_errors(path, temporary):
        before = _replaceable(target)
        try:
            _make(temporary)
            if before:
                _give_permissions(temporary, before)
            yield temporary
            sync(temporary)
            os.replace(temporary, target)
            sync(target.parent)
        finally:
            temporary.unlink(missing_ok=True)


def require_writable(path: str | os.PathLike) -> None:
    """WriteError if ``replacing`` could not begin to write a file: before work whose result it is to hold."""
    target = Path(os.path.realpath(path))
    temporary = _temporary(target)
    with write_errors(path, temporary):
        _replaceable(target)
        _make(temporary)
        temporary.unlink()


def append_text(path: str | os.PathLike, text: str) -> None:
    """Appends to a file, in UTF-8: all of the text, or after a failure none of it. WriteError if it cannot."""
    with write_errors(path), open(path, "ab", buffering=0) as file:
        size = file.seek(0, os.SEEK_END)
        try:
            _write_all(file.fileno(), text.encode("utf-8", "surrogateescape"))
        except OSError:
            file.truncate(size)
            raise


def make_folder(path: str | os.PathLike) -> None:
    """Makes a folder, and those above it, unless it is there; WriteError if that cannot be."""
    with write_errors(path):
        try:
            Path(path).mkdir(parents=True, exist_ok=True)
        except FileExistsError as error:  # a file, which the system tells no better
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), error.filename) from error


def is_there(path: str | os.PathLike) -> bool:
    """Whether there is something of that name; WriteError if there cannot be, as of a name that is too long."""
    with write_errors(path):
        try:
            os.stat(path)
        except FileNotFoundError:
            return False
        return True


def sync(path: Path) -> None:
    """Waits until a file, or the entries of a folder, are on the disk."""
    folder = path.is_dir()
    if folder and os.name == "nt":  # Windows cannot open a folder, and orders renames itself
        return
    descriptor = os.open(path, os.O_RDONLY if folder else os.O_RDWR)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if not folder or error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network disks cannot for folders
            raise
    finally:
        os.close(descriptor)


def sweep(folder: Path) -> None:
    """Removes temporary files of ``replacing`` that killed processes have left in a folder (not those in its folders).

    Only for who holds the folder (``locks``): the files of a process at work would be gone, too.
    """
    if folder.is_dir():
        for path in map(Path, os.scandir(folder)):
            if _TEMPORARY.fullmatch(path.name):
                path.unlink(missing_ok=True)


@contextlib.contextmanager
def write_errors(path: str | os.PathLike, temporary: Path | None = None) -> Iterator[None]:
    """Inside, an OSError raises WriteError "PATH: reason".

    Args:
      path: what is written, which is named unless the error names another file.
      temporary: a file or folder that stands for it.
    """
    try:
        yield
    except OSError as error:
        file = error.filename if isinstance(error.filename, str | os.PathLike) else path
        named = path if temporary in (Path(file), *Path(file).parents) else file
        raise WriteError(os.fspath(named), error.strerror or str(error)) from error


def _temporary(target: Path) -> Path:
    name = f".mgpe_tf-{secrets.token_hex(8)}.tmp"
    with_ending = f"{name}{target.suffix}"
    return target.parent / (with_ending if _TEMPORARY.fullmatch(with_ending) else name)


def _make(temporary: Path) -> None:
    os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))


def _replaceable(target: Path) -> os.stat_result | None:
    """The state of the file that is there, None without one; OSError if it must stay."""
    try:
        found = os.stat(target)
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "there is a device or pipe of that name", str(target))
    if not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, "write-protected", str(target))
    return found


def _give_permissions(path: Path, before: os.stat_result) -> None:
    if os.name != "nt":
        for user, group in ((-1, before.st_gid), (before.st_uid, -1)):
            with contextlib.suppress(PermissionError):
                os.chown(path, user, group)
    os.chmod(path, stat.S_IMODE(before.st_mode))


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
