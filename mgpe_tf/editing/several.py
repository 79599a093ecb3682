"""Several photographs of which each may be unfit: those that are fit are used, and the others are told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from mgpe_tf.errors import UserError

Read = TypeVar("Read")


def read_fit(paths: Iterable[Path], read: Callable[[Path], Read]) -> tuple[list[Read], list[str]]:
    """Reads several photographs.

    Args:
      paths: of the files, one at least.
      read: reads one; UserError if it is unfit.

    Returns:
      What was read, and a line for each photograph that is left out: what is wrong with it.

    Raises:
      UserError: none is fit; it says what is wrong with the first.
    """
    found, wrong = [], []
    for path in paths:
        try:
            found.append(read(path))
        except UserError as error:
            wrong.append(str(error))
    if not found:
        others = f"; nor is any of the {len(wrong) - 1} others fit" if len(wrong) > 1 else ""
        raise UserError(f"{wrong[0]}{others}")
    return found, wrong
