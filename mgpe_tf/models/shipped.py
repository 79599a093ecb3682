"""Where trained networks lie: at a path that is named, or in saved_models/, which comes with the package."""

from __future__ import annotations

import os
from pathlib import Path

from mgpe_tf.config import did_you_mean
from mgpe_tf.errors import UserError
from mgpe_tf.shipped import PLACES, network_path

PARSER = "parser_lite"
"""The face parser that is used unless another one is named."""

EDITOR = "editor_compact"
"""The editor that is used unless another one is named."""

BESIDE_EDITOR = ("registration", "behind_hair", "inner_mouth")
"""Kinds of networks, in folders of the same names, by which all editors carry pixels and show what no photograph
does."""

SHIPPED = {"parser": PARSER, "editor": EDITOR, **{kind: kind for kind in (*BESIDE_EDITOR, "completion")}}
"""The folders in saved_models/ by kind."""


def model_path(kind: str, given: str | os.PathLike | None = None) -> Path:
    """Where the network of a kind lies: at `given`, a path or the name of one that comes with the package
    (``network_path``), or without it in the folder of the one for this kind.

    Raises:
      UserError: a kind that is not in ``SHIPPED``, or nothing lies there.
    """
    if kind not in SHIPPED:
        raise UserError(f"kind: {kind!r}{did_you_mean(kind, SHIPPED)}; allowed: {', '.join(SHIPPED)}")
    if not given:
        return _shipped(SHIPPED[kind])
    path = network_path(given)
    if not path.exists():
        raise UserError(f"{path}: there is no such {kind}; allowed: a run folder, a SavedModel or a .tflite file")
    return path


def _shipped(name: str) -> Path:
    """The folder `name` of saved_models/; UserError if it is not bundled."""
    folders = [place / "saved_models" / name for place in PLACES]
    for folder in folders:
        if (folder / "SHA256SUMS").is_file():
            return folder
    raise UserError(
        f"the model {name} is missing ({folders[-1]}): install mgpe_tf with its saved_models/, or name another model"
    )
