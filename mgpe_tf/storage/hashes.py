"""SHA-256 of files and of models of several files, in hexadecimal."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping

from mgpe_tf.errors import UserError


def sha256_of_file(path: str | os.PathLike) -> str:
    """SHA-256 of a file's bytes, as ``sha256sum`` prints it. Raises UserError if it cannot be read."""
    digest = hashlib.sha256()
    try:
        with open(path, "rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror or error}") from error
    return digest.hexdigest()


def sha256_of_files(sha256: Mapping[str, str]) -> str:
    """One hash for a model of several files, from the hash of each by its name.

    It is that of a text with a line "HASH  NAME" for every file in the order of their names, which is what
    ``sha256sum`` prints.
    """
    return hashlib.sha256(listing(sha256).encode()).hexdigest()


def listing(sha256: Mapping[str, str]) -> str:
    """A line "HASH  NAME" for every file in the order of their names, as ``sha256sum -c`` reads it."""
    return "".join(f"{sha256[name]}  {name}\n" for name in sorted(sha256))
