"""A word in time about a data set that is too small to be validated with."""

from __future__ import annotations

import sys
from pathlib import Path

LEAST = 4
"""Portraits without which nothing can be evaluated (``evaluation.measure.portraits``)."""


def tell_if_few(validation: Path, share: float) -> None:
    """A note on stderr if a folder of portraits to validate with holds too few: better now than after a training.

    Args:
      validation: the folder.
      share: of the portraits that were to go there.
    """
    count = len(list(validation.glob("*"))) if validation.is_dir() else 0
    if count < LEAST:
        print(
            f"note: val holds {count} portraits; train needs one, and evaluate {LEAST} or more: prepare into another "
            f"folder with a larger --val_share than {share:g}; 0.4 suits a dozen photographs",
            file=sys.stderr,
        )
