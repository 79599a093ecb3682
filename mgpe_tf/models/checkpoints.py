"""Checkpoints: folders of plain numpy arrays with a checksum, written so that a crash at any moment loses none.

Layout of a store: ``step-00001234/state.npz`` (every network and optimiser variable by name, no pickle) and
``step-00001234/manifest.json`` (step, number of arrays, size and SHA-256 of state.npz, free ``info``). Nothing here
knows a framework.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import re
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from absl import logging

from mgpe_tf.config_check import check_field
from mgpe_tf.errors import UserError, WriteError
from mgpe_tf.storage import files
from mgpe_tf.storage.hashes import sha256_of_file

FORMAT = 1
_FOLDER_NAME = re.compile(r"step-(\d+)(\.replaced)?")


@dataclasses.dataclass
class Checkpoint:
    """A checkpoint in memory.

    Attributes:
      step: the number of training steps done.
      arrays: every stored array by name.
      path: the checkpoint's folder.
      info: what ``save`` was given besides the arrays.
    """

    step: int
    arrays: dict[str, np.ndarray]
    path: Path
    info: dict


class CheckpointStore:
    """The checkpoints of one run. One process may write, any number may read meanwhile.

    Args:
      folder: where the checkpoints lie; made by the first ``save``.
      keep: number of newest checkpoints that ``save`` keeps.
    """

    def __init__(self, folder: str | os.PathLike, keep: int = 1):
        check_field("training.keep_checkpoints", keep)
        self.folder = Path(folder)
        self.keep = keep

    def save(self, step: int, arrays: Mapping[str, Any], info: dict) -> Path:
        """Writes one checkpoint and removes the oldest beyond ``keep``; returns its folder.

        Args:
          step: the number of steps done; a checkpoint of the same step is replaced.
          arrays: numeric arrays by name, or anything ``np.asarray`` takes: each is fetched only when it is written.
          info: anything JSON holds.

        Raises:
          UserError: the disk is full or not writable; the older checkpoints stay.
        """
        target = self.folder / f"step-{step:08d}"
        temporary = self.folder / f".tmp-{target.name}"
        try:
            with files.write_errors(self.folder):
                self._remove_leftovers()
                temporary.mkdir(parents=True)
                _write(temporary, step, arrays, info)
                _move(temporary, target)
        except WriteError as error:
            shutil.rmtree(temporary, ignore_errors=True)
            raise UserError(
                f"checkpoint of step {step} not written to {self.folder}: {error.reason}; "
                "free some space or choose another --workdir (older checkpoints are untouched)"
            ) from error
        for folder in self._newest_first()[self.keep :]:
            shutil.rmtree(folder, ignore_errors=True)
        return target

    def note(self, folder: Path, more: dict) -> None:
        """Adds to the info of a whole checkpoint. UserError as ``save``."""
        file = folder / "manifest.json"
        manifest = json.loads(file.read_text(encoding="utf-8"))
        files.write_text(file, json.dumps({**manifest, "info": {**manifest["info"], **more}}, indent=2))

    def newest(self) -> Path | None:
        """The folder of the newest checkpoint, unchecked; None if there is none."""
        return next(iter(self._newest_first()), None)

    def restore_latest(self) -> Checkpoint | None:
        """Reads the newest whole checkpoint; None if there has never been one.

        A damaged checkpoint is skipped with a warning.

        Raises:
          UserError: there are checkpoints, but all are damaged.
        """
        folders = self._newest_first()
        for folder in folders:
            try:
                return _read(folder)
            except _Damage as error:
                damage = error
            logging.warning("checkpoint %s is damaged and skipped: %s", folder, damage)
        if folders:
            raise UserError(
                f"none of the {len(folders)} checkpoints in {self.folder} is whole (newest: {damage}): put a whole one "
                "back, or choose another --workdir to start again"
            )
        return None

    def _newest_first(self) -> list[Path]:
        """The folders of all checkpoints; one that was being replaced follows its successor."""
        if not self.folder.is_dir():
            return []
        found = [(-step, path) for path in self.folder.iterdir() if (step := _step_of(path)) is not None]
        return [path for _, path in sorted(found)]

    def _remove_leftovers(self) -> None:
        """Removes what a killed ``save`` left behind."""
        for path in self.folder.glob(".tmp-*"):
            shutil.rmtree(path)


def _write(folder: Path, step: int, arrays: Mapping[str, Any], info: dict) -> None:
    """Writes and syncs both files of a checkpoint, one array in memory at a time."""
    state = folder / "state.npz"
    with zipfile.ZipFile(state, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for name, value in arrays.items():
            array = np.asarray(value)
            if array.dtype.kind not in "biufc":
                raise TypeError(f"array {name!r} of dtype {array.dtype} cannot be stored: cast it to float32")
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)
    files.sync(state)
    manifest = {
        "format": FORMAT,
        "step": step,
        "arrays": len(arrays),
        "bytes": state.stat().st_size,
        "sha256": sha256_of_file(state),
        "info": info,
    }
    files.write_text(folder / "manifest.json", json.dumps(manifest, indent=2))


def _move(temporary: Path, target: Path) -> None:
    """Gives a written checkpoint its name. An old one of that name stays readable until the new one is in place."""
    replaced = target.with_name(f"{target.name}.replaced")
    if target.exists():
        shutil.rmtree(replaced, ignore_errors=True)
        os.rename(target, replaced)
    os.rename(temporary, target)
    files.sync(target.parent)
    shutil.rmtree(replaced, ignore_errors=True)


class _Damage(Exception):
    """The fault of a checkpoint, in words."""


def _step_of(folder: Path) -> int | None:
    """The step of a checkpoint by its folder's name; None if it is no checkpoint."""
    match = _FOLDER_NAME.fullmatch(folder.name)
    return int(match[1]) if match else None


def _read(folder: Path) -> Checkpoint:
    """Reads a checkpoint; ``_Damage`` unless all of it agrees with its manifest.

    Checksums notice accidents, but whoever can write a checkpoint can write its manifest: so nothing is unpickled, and
    nothing unpacks to more than the file holds.
    """
    state = folder / "state.npz"
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        if manifest["format"] != FORMAT:
            raise _Damage(f"format {manifest['format']}, this version reads {FORMAT}")
        if manifest["step"] != _step_of(folder):
            raise _Damage(f"manifest.json is of step {manifest['step']}")
        if state.stat().st_size != manifest["bytes"]:
            raise _Damage(f"state.npz has {state.stat().st_size} bytes instead of {manifest['bytes']}")
        if sha256_of_file(state) != manifest["sha256"]:
            raise _Damage("the checksum of state.npz differs")
        count, info = manifest["arrays"], manifest["info"]
    except OSError as error:
        raise _Damage(f"{error.filename}: {error.strerror}") from error
    except UserError as error:
        raise _Damage(str(error)) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _Damage("manifest.json is not readable") from error
    arrays = _arrays(state)
    if len(arrays) != count:
        raise _Damage(f"state.npz has {len(arrays)} arrays instead of {count}")
    return Checkpoint(manifest["step"], arrays, folder, info)


def _arrays(state: Path) -> dict[str, np.ndarray]:
    """The arrays of a state.npz; ``_Damage`` if anything else is in it."""
    try:
        with np.load(state, allow_pickle=False) as archive:
            if any(member.compress_type != zipfile.ZIP_STORED for member in archive.zip.infolist()):
                raise _Damage("state.npz is compressed")
            arrays = {name: archive[name] for name in archive.files}
    except (MemoryError, _Damage):
        raise
    except Exception as error:  # numpy raises many types on files that it did not write
        raise _Damage(f"state.npz: {' '.join(str(error).split())}") from error
    if not all(isinstance(array, np.ndarray) for array in arrays.values()):
        raise _Damage("state.npz holds files that are no arrays")
    return arrays


def weights_sha256(arrays: Mapping[str, Any]) -> str:
    """Hash over all arrays in the order of their names: name, dtype, shape and bytes of each."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = np.asarray(arrays[name])
        digest.update(f"{name}|{array.dtype.str}|{array.shape}|".encode())
        digest.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()


def strict_assign(variables: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
    """Assigns every array to the variable of its name; nothing is assigned unless all names and shapes agree.

    Args:
      variables: objects with ``assign`` and ``shape`` by name.
      arrays: exactly one array for each.

    Raises:
      UserError: naming what is missing, left over or of another shape.
    """
    problems = [f"missing {name}" for name in variables if name not in arrays]
    problems += [f"unknown {name}" for name in arrays if name not in variables]
    for name in set(variables) & set(arrays):
        expected, found = tuple(variables[name].shape), arrays[name].shape
        if expected != found:
            problems.append(f"{name} is {found} instead of {expected}")
    if problems:
        more = f" and {len(problems) - 5} more" if len(problems) > 5 else ""
        raise UserError(f"the checkpoint is of another network: {'; '.join(problems[:5])}{more}")
    for name, variable in variables.items():
        variable.assign(arrays[name])
