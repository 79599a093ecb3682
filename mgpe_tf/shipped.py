"""Where the trained networks lie that come with the package, and how an exported folder is laid out."""

from __future__ import annotations

from pathlib import Path

from mgpe_tf.errors import UserError

PARSER = "parser_mobile"
"""The face parser that is used unless another one is named."""

EDITOR = "editor_compact"
"""The editor that is used unless another one is named."""

SAVED_MODEL = "1"
"""The SavedModel in an exported folder: TensorFlow Serving serves the subfolder with the highest number."""

KERAS_PARSER = "parser.keras"
"""The Keras model in an exported parser's folder, for training an editor and for training it further."""

FOLDERS = tuple(Path(__file__).resolve().parents[level] / "saved_models" for level in (0, 1))
"""Where they are: inside an installed package, beside it in a checkout."""


def shipped(name: str) -> Path:
    """The folder of the model `name` of saved_models/; UserError if it did not come along."""
    for folder in FOLDERS:
        if (folder / name / "SHA256SUMS").is_file():
            return folder / name
    raise UserError(
        f"the model {name} is missing ({FOLDERS[-1] / name}): install mgpe_tf with its saved_models/, or "
        "name another model"
    )
