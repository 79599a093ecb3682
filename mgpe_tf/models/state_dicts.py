"""Files of PyTorch's tensors, read without running what code they may hold."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import IO, Any

from mgpe_tf.errors import UserError

SAFE_TORCH = (2, 6)
"""Before this version ``weights_only=True`` could be led to run code (CVE-2025-32434)."""


def import_torch() -> Any:
    """PyTorch; UserError if it is missing or too old to be safe."""
    try:
        import torch
    except ImportError as error:
        raise UserError(f"torch, for .pth files, is missing ({error}): pip install 'mgpe_tf[convert]'") from error
    if tuple(map(int, torch.__version__.split(".")[:2])) < SAFE_TORCH:
        raise UserError(
            f"torch {torch.__version__} can be led to run code by a weight file (CVE-2025-32434); allowed: "
            f"{'.'.join(map(str, SAFE_TORCH))} or newer: pip install --upgrade torch"
        )
    return torch


def read_state_dict(file: Path, opened: IO[bytes] | None = None) -> dict:
    """The tensors of a .pth file by name, without the batch counters, which nothing reads at inference.

    Args:
      file: the file, or what to call it in errors.
      opened: its content, if it lies within another file.

    Raises:
      UserError: the file is damaged, or holds anything but tensors by name; no code in it is run.
    """
    torch = import_torch()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a file's odd format is no news if it can be read
            state = torch.load(opened or file, map_location="cpu", weights_only=True)
    except Exception as error:  # there is no end to what a damaged file may lead to
        raise UserError(f"{file}: refused: {_reason(error)}") from error
    if not isinstance(state, dict) or not all(isinstance(key, str) for key in state):
        raise UserError(f"{file}: holds a {type(state).__name__}; allowed is a state dict: tensors by name")
    return {key: value for key, value in state.items() if not key.endswith(".num_batches_tracked")}


def _reason(error: Exception) -> str:
    """Why PyTorch did not read a file; its own words would advise to trust the file."""
    called = re.search(r"GLOBAL ([\w.]+)", str(error))
    if called:
        return f"reading it would call {called[1]}, and so perhaps run code; allowed is a state dict: tensors by name"
    return f"damaged, or not written by torch.save ({type(error).__name__}); copy or download it again"
