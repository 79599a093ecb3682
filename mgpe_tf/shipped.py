"""What comes with the package by name: the experiments of configs/, and the folders and files of saved_models/."""

from __future__ import annotations

import os
import runpy
from collections.abc import Callable, Mapping
from pathlib import Path

from mgpe_tf.config import Config, did_you_mean
from mgpe_tf.errors import UserError

PLACES = tuple(Path(__file__).resolve().parents[level] for level in (0, 1))
"""Where saved_models/ and configs/ lie: inside an installed package, beside it in a checkout."""


def network_path(named: str | os.PathLike) -> Path:
    """Where a trained network lies: at the path `named`, or, if nothing is there and `named` is one, that which comes
    with the package, e.g. "parser_lite", "saved_models/parser_lite" or "registration/soft.npz"."""
    path = Path(named)
    if path.exists() or path.is_absolute() or ".." in path.parts or not path.parts:
        return path
    found = (place / folder / path for place in PLACES for folder in ("saved_models", ""))
    return next((each for each in found if each.exists() and "saved_models" in each.parts), path)


def shipped_configs() -> dict[str, Path]:
    """The files of the bundled experiments, by name."""
    found = ({path.stem: path for path in sorted((place / "configs").glob("*.py"))} for place in PLACES)
    return next(filter(None, found), {})


def config_file(named: str) -> Path:
    """The file of an experiment: one that comes along if `named` is its name, else the path `named`.

    Raises:
      UserError: there is neither; it has the nearest name and the list.
    """
    known = shipped_configs()
    path = known.get(named, Path(named))
    if path.is_file():
        return path
    files = sorted(str(file) for file in path.parent.glob("*.py")) if path.suffix == ".py" else []
    beside = f"beside it: {', '.join(files)}; " if files else ""
    raise UserError(
        f"--config={named}: no such file, and no experiment of this name{did_you_mean(path.stem, known)}; {beside}"
        f"allowed: a .py file, or {', '.join(known)}"
    )


def load_config(named: str) -> Config:
    """A bundled experiment, by its name, or "NAME:STAGE"; UserError if there is none of this name.

    Config files derive from each other by this, since it works wherever they lie.
    """
    name, *stage = named.split(":", 1)
    return runpy.run_path(str(config_file(name)))["get_config"](*stage)


def stage_of(stages: Mapping[str, Callable[[], Config]], name: str) -> Config:
    """The config of one stage of an experiment that has several; UserError if there is none of this name."""
    if name not in stages:
        raise UserError(f"stage {name!r} is unknown{did_you_mean(name, stages)}; allowed: {', '.join(stages)}")
    return stages[name]()
