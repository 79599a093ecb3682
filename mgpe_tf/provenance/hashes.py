"""SHA-256 of files, of models and of pixels, in hexadecimal."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from mgpe_tf.errors import UserError


def sha256_of_file(path: str | Path) -> str:
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
    listing = "".join(f"{sha256[name]}  {name}\n" for name in sorted(sha256))
    return hashlib.sha256(listing.encode()).hexdigest()


def sha256_of_pixels(array: np.ndarray) -> str:
    """SHA-256 of "DTYPE HxWx...\\n" (e.g. "uint8 256x256x3") followed by the values, little-endian, row by row.

    So two pictures have one hash only if their type, their shape and every value agree.
    """
    digest = hashlib.sha256(f"{array.dtype.name} {'x'.join(map(str, array.shape))}\n".encode())
    digest.update(np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).data)
    return digest.hexdigest()
