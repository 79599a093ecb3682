"""The identity of a stored model: SHA-256 of the files that it is."""

from __future__ import annotations

from pathlib import Path

from mgpe_tf.storage.hashes import sha256_of_file
from mgpe_tf.training.checkpoints import CheckpointStore


def model_sha256(model: Path) -> dict[str, str]:
    """SHA-256 by name of a model's files: one .tflite, those of a SavedModel, or a run's config and newest weights."""
    checkpoint = CheckpointStore(model / "checkpoints").newest()
    if checkpoint:
        files = [model / "config.json", checkpoint / "state.npz"]
    else:
        files = [model] if model.is_file() else sorted(path for path in model.rglob("*") if path.is_file())
    root = model if model.is_dir() else model.parent
    return {path.relative_to(root).as_posix(): sha256_of_file(path) for path in files}
