"""The files that a stored network is: their names, what they are of, and their hashes."""

from __future__ import annotations

import json
import os
from pathlib import Path

from mgpe_tf.config import Config, config_from_dict
from mgpe_tf.errors import UserError
from mgpe_tf.models.checkpoints import CheckpointStore
from mgpe_tf.storage.hashes import sha256_of_file

SAVED_MODEL = "1"
"""The SavedModel in an exported folder: TensorFlow Serving serves the subfolder with the highest number."""

KERAS_PARSER = "parser.keras"
"""The Keras model in an exported parser's folder, for training an editor and for training it further."""


def saved_model_in(path: Path) -> Path | None:
    """The SavedModel at `path`, or in the exported folder at `path`; None if there is none."""
    folders = (folder for folder in (path, path / SAVED_MODEL) if (folder / "saved_model.pb").is_file())
    return next(folders, None)


def exported_task(path: Path) -> str:
    """Of what an exported folder is: "parser" or "editor"."""
    return "parser" if (path / "labels.json").is_file() else "editor"


def read_config(path: str | os.PathLike) -> Config:
    """The resolved config of a run folder.

    Raises:
      UserError: no config.json, or it cannot be read as a ``Config``.
    """
    file = Path(path) / "config.json"
    try:
        return config_from_dict(json.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise UserError(f"{path} is no run folder: {file}: {error.strerror}") from error
    except (ValueError, RecursionError, UserError) as error:
        raise UserError(f"{file}: {error}") from error


def model_sha256(model: Path) -> dict[str, str]:
    """SHA-256 by name of a model's files: one .tflite, those of a SavedModel, or a run's config and newest weights."""
    checkpoint = CheckpointStore(model / "checkpoints").newest()
    if checkpoint:
        files = [model / "config.json", checkpoint / "state.npz"]
    else:
        files = [model] if model.is_file() else sorted(path for path in model.rglob("*") if path.is_file())
    root = model if model.is_dir() else model.parent
    return {path.relative_to(root).as_posix(): sha256_of_file(path) for path in files}
