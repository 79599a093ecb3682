"""A score with its protocol."""

from __future__ import annotations

from typing import NamedTuple


class Score(NamedTuple):
    """What was measured of a set of portraits.

    Attributes:
      value: the number; None where there is nothing that it could be measured on.
      protocol: what it is, in a line.
    """

    value: float | None
    protocol: str
