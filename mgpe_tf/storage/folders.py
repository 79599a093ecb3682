"""Folders that one job fills at a time, and folders that appear whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from mgpe_tf.storage.files import make_folder, sweep, sync, write_errors
from mgpe_tf.storage.locks import Lock, lock_folder


@contextlib.contextmanager
def working_in(folder: Path, name: str, parts: Iterable[str] = ()) -> Iterator[None]:
    """Inside, this job alone fills a folder; what killed jobs have left of temporary files is removed.

    Args:
      folder: made if it is missing.
      name: what messages call it, e.g. "--output=masks".
      parts: its folders that the job writes to, besides itself.

    Raises:
      UserError: another job fills it.
      WriteError: it cannot be written.
    """
    places = [folder, *(folder / part for part in parts)]
    with lock_folder(folder, name):
        try:
            for place in places:
                sweep(place)
            yield
        finally:  # processes of this job may have been killed, too
            for place in places:
                sweep(place)


@contextlib.contextmanager
def replacing_folder(target: Path, name: str) -> Iterator[Path]:
    """Gives an empty folder beside `target` to fill; at the end of the block it takes its place.

    One job at a time. Whatever fails, what was there before stays; a kill between two renamings may leave it under a
    hidden name, from which the next job puts it back.

    Args:
      target: the folder to be, with all that it shall hold; those above it are made.
      name: what messages call it, e.g. "--output=model".

    Raises:
      UserError: another job fills it.
      WriteError: it cannot be written.
    """
    target = Path(os.path.realpath(target))
    stem = f".mgpe_tf-{hashlib.sha256(os.fsencode(target.name)).hexdigest()[:16]}"  # short whatever the name
    new, old, lock = (target.with_name(f"{stem}.{what}") for what in ("new", "old", "lock"))
    with Lock(lock, name), write_errors(target, new):
        if old.exists() and not target.exists():
            os.rename(old, target)
        try:
            shutil.rmtree(new, ignore_errors=True)
            make_folder(new)
            yield new
            _sync_all(new)
            _exchange(new, target, old)
        finally:
            shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _exchange(new: Path, target: Path, old: Path) -> None:
    """Gives the new folder its name; the one before, whose permissions it takes over, becomes `old`."""
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        shutil.copymode(target, new)
        os.rename(target, old)
    try:
        os.rename(new, target)
    except BaseException:
        if old.exists():
            os.rename(old, target)
        raise
    sync(target.parent)


def _sync_all(folder: Path) -> None:
    for path in (*folder.rglob("*"), folder):
        sync(path)
