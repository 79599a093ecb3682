"""SHA-256 of pixels, in hexadecimal; that of files is in ``storage.hashes``."""

from __future__ import annotations

import hashlib

import numpy as np


def sha256_of_pixels(array: np.ndarray) -> str:
    """SHA-256 of "DTYPE HxWx...\\n" (e.g. "uint8 256x256x3") followed by the values, little-endian, row by row.

    So two pictures have one hash only if their type, their shape and every value agree.
    """
    digest = hashlib.sha256(f"{array.dtype.name} {'x'.join(map(str, array.shape))}\n".encode())
    digest.update(np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).data)
    return digest.hexdigest()
