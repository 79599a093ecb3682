"""A score with its protocol."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Score(NamedTuple):
    """A measure of a set of portraits.

    Attributes:
      value: the number; None where there is nothing that it could be measured on.
      protocol: what it is, in a line.
    """

    value: float | None
    protocol: str


def or_none(value: float) -> float | None:
    """A score as JSON holds it: None for nan."""
    return None if np.isnan(value) else value
