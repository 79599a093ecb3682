"""The trained weights of a network in one small file: kernels in half precision, the rest in single, no pickle."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mgpe_tf.errors import UserError
from mgpe_tf.storage.files import make_folder, write_bytes

SLASH = "|"
"""Stands for the slashes of variables' paths, which would be folders in the file."""


def write_weights(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Writes float arrays by the paths of their variables as a compressed .npz file."""
    small: dict[str, Any] = {
        name.replace("/", SLASH): array.astype(np.float16 if array.ndim > 1 else np.float32)
        for name, array in arrays.items()
    }
    held = io.BytesIO()
    np.savez_compressed(held, **small)
    make_folder(path.parent)
    write_bytes(path, held.getvalue())


def read_weights(path: Path) -> dict[str, np.ndarray]:
    """The arrays of ``write_weights``'s file, float32 by the paths of their variables.

    Raises:
      UserError: it cannot be read, or is no such file.
    """
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
            return {name.replace(SLASH, "/"): arrays[name].astype(np.float32) for name in arrays.files}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise UserError(f"{path}: no .npz file of a network's weights: {error}") from error


def holds_weights(path: Path) -> bool:
    """Whether an .npz file is one of ``write_weights``, and not, say, one of ImageNet's arrays."""
    try:
        with zipfile.ZipFile(path) as file:
            return any(SLASH in name for name in file.namelist())
    except (OSError, zipfile.BadZipFile):
        return False


def exported_weights(path: Path) -> dict[str, np.ndarray]:
    """The arrays of a SavedModel with small weights by the variables' paths; UserError where there is no TensorFlow, as
    a training by JAX may have none."""
    try:
        from mgpe_tf.models.small_weights import read_small_weights
    except ImportError as error:
        raise UserError(f"{path}: is read by TensorFlow, which is missing; give a run folder") from error
    return read_small_weights(path)
