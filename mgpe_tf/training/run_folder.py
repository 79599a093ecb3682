"""The run folder (--workdir): config.json, metrics.jsonl, samples/, checkpoints/ and the lock that guards them."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import operator
import os
from pathlib import Path
from typing import Any

from mgpe_tf.config import Config, config_from_dict, config_to_dict, field_names
from mgpe_tf.errors import UserError, WriteError
from mgpe_tf.models.files import read_config
from mgpe_tf.storage import files
from mgpe_tf.storage.lines import append_lines, read_lines, write_lines
from mgpe_tf.storage.locks import lock_folder

FREE_FIELDS = (
    "training.steps",
    "training.log_every",
    "training.sample_every",
    "training.validate_every",
    "training.checkpoint_every",
    "training.keep_checkpoints",
    "training.jit",
    "data.cache",
)
"""Fields that may change between a run and its continuation."""

ACCEPTED_FIELDS = (
    "training.batch_size",
    "training.learning_rate",
    "training.discriminator_learning_rate",
    "training.warmup",
    "training.decay_start",
    "training.decay",
    "training.clip_norm",
    "training.precision",
)
"""Fields that may change, too, if the user says so: none changes what a network is or what it learns from."""


class RunFolder:
    """One training run on disk, held by one process at a time until ``close`` (or the end of a ``with`` block).

    Args:
      path: the folder; made if it is missing.

    Attributes:
      path, samples, checkpoints, metrics: the folder, its two folders and metrics.jsonl.

    Raises:
      UserError: the folder cannot be written or another run holds it.
    """

    def __init__(self, path: str | os.PathLike):
        self.path = Path(path)
        self.samples = self.path / "samples"
        self.checkpoints = self.path / "checkpoints"
        self.metrics = self.path / "metrics.jsonl"
        try:
            files.make_folder(self.samples)
            files.make_folder(self.checkpoints)
            self._lock = lock_folder(path, f"--workdir={path}")
        except WriteError as error:
            raise UserError(f"--workdir={path}: cannot be written: {error}") from error

    def __enter__(self) -> RunFolder:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """Lets another run have the folder."""
        self._lock.close()

    def store_config(self, config: Config) -> None:
        """Writes config.json."""
        files.write_text(self.path / "config.json", json.dumps(config_to_dict(config), indent=2) + "\n")

    def log(self, step: int, values: dict[str, Any]) -> None:
        """Appends one line to metrics.jsonl; a value that is not finite becomes null."""
        append_lines(self.metrics, [{"step": int(step), **{name: _plain(value) for name, value in values.items()}}])

    def truncate_metrics(self, step: int) -> None:
        """Removes the lines of later steps than ``step``, and a last line that a crash has torn. What was changed at a
        later step holds from ``step`` on."""
        if self.metrics.exists():
            lines = read_lines(self.metrics)
            for line in lines:
                if "changes" in line and _step_of(line) > step:
                    line["step"] = step
            write_lines(self.metrics, (line for line in lines if _step_of(line) <= step))


@contextlib.contextmanager
def file_errors(path: str | os.PathLike):
    """Inside this context a file of the run folder ``path`` that cannot be written or read raises UserError."""
    try:
        with files.write_errors(path):
            yield
    except WriteError as error:
        raise UserError(
            f"--workdir={path}: {error}; free some space or choose another --workdir (checkpoints are untouched)"
        ) from error


def stored_config(path: str | os.PathLike) -> Config | None:
    """The config of a run folder; None where no run has begun yet. UserError as ``read_config``."""
    return read_config(path) if (Path(path) / "config.json").exists() else None


def changes_of(path: str | os.PathLike, config: Config, accept_changes: bool = False) -> dict[str, list]:
    """The changes of a config to the run of a folder, [old, new] by the field's name, without ``FREE_FIELDS``.

    Args:
      path: the run folder; a new run has no changes.
      config: with which the run is to go on.
      accept_changes: whether ``ACCEPTED_FIELDS`` may change.

    Raises:
      UserError: a field differs that may not change; the message lists all of them, old -> new.
    """
    stored = stored_config(path)
    changes = _differences(stored, config_from_dict(config_to_dict(config))) if stored else {}
    refused = [name for name in changes if not accept_changes or name not in ACCEPTED_FIELDS]
    if not refused:
        return changes
    listed = "; ".join(f"{name} {changes[name][0]!r} -> {changes[name][1]!r}" for name in refused)
    if accept_changes:
        allowed = ", ".join(ACCEPTED_FIELDS)
        remedy = f"choose another --workdir or give the old values; --accept_changes allows {allowed}"
    elif all(name in ACCEPTED_FIELDS for name in refused):
        remedy = "choose another --workdir, give the old values, or go on with the new ones by --accept_changes"
    else:
        remedy = "choose another --workdir or give the old values"
    raise UserError(f"--workdir={path} holds a run with another config ({listed}): {remedy}")


def _differences(old: Config, new: Config) -> dict[str, list]:
    """The fields that differ and may not without being told, [old, new] by name."""
    found = {}
    if old.data.layout != "folder" or not new.data.label_set:  # then the data alone say it
        new = dataclasses.replace(new, data=dataclasses.replace(new.data, label_set=old.data.label_set))
    for name in field_names():
        before, after = operator.attrgetter(name)(old), operator.attrgetter(name)(new)
        if before != after and name not in FREE_FIELDS and not dataclasses.is_dataclass(before):
            found[name] = [before, after]
    return found


def _step_of(line: Any) -> float:
    """The step of a line of metrics.jsonl; endless for what is none."""
    step = line.get("step") if isinstance(line, dict) else None
    return step if isinstance(step, int) else math.inf


def _plain(value):
    """A number of any array library as JSON holds it."""
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value
