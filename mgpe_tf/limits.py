"""The values that fields of a config may hold, written beside their defaults."""

# As in config.py, annotations are not postponed.

import dataclasses
import math
import typing

_Value = typing.TypeVar("_Value")


@dataclasses.dataclass(frozen=True)
class Range:
    """Numbers, or lists of numbers. ``str()`` says it in words.

    Attributes:
      low, high: the smallest and the largest number, both allowed; an infinity or no number never is.
      above: more than ``low`` is needed.
      below: less than ``high`` is needed.
      entries: the least number of entries of a list.
    """

    low: float
    high: float = math.inf
    above: bool = False
    below: bool = False
    entries: int = 0

    def holds(self, value: typing.Any) -> bool:
        """Whether a number, or a list with all its numbers, is allowed."""
        if isinstance(value, (tuple, list)):
            return len(value) >= self.entries and all(map(self.holds, value))
        over = value > self.low if self.above else value >= self.low
        return over and (value < self.high if self.below or self.high == math.inf else value <= self.high)

    def __str__(self) -> str:
        if self.high == math.inf:
            words = f"more than {self.low:g}" if self.above else f"{self.low:g} or more"
        elif self.below:
            words = f"{self.low:g} or more and less than {self.high:g}"
        else:
            words = f"{self.low:g} to {self.high:.16g}"
        return f"at least {self.entries} of them, each {words}" if self.entries else words


@dataclasses.dataclass(frozen=True)
class Names:
    """A word, or a list of words. ``str()`` lists the allowed ones.

    Attributes:
      names: the allowed ones.
    """

    names: tuple[str, ...]

    def holds(self, value: typing.Any) -> bool:
        """Whether a word, or each of a list, is one of them."""
        return all(map(self.holds, value)) if isinstance(value, (tuple, list)) else value in self.names

    def __str__(self) -> str:
        return ", ".join(self.names)


def within(
    default: _Value, low: float, high: float = math.inf, *, above: bool = False, below: bool = False, entries: int = 0
) -> _Value:
    """A dataclass field that holds numbers of a ``Range``."""
    return _field(default, Range(low, high, above, below, entries))


def one_of(*names: str) -> str:
    """A dataclass field that holds one of some ``Names``; the first is its default."""
    return _field(names[0], Names(names))


def some_of(default: tuple[str, ...], *names: str) -> tuple[str, ...]:
    """A dataclass field that holds a list of some ``Names``."""
    return _field(default, Names(names))


def limit_of(field: dataclasses.Field) -> typing.Any:
    """The ``Range`` or the ``Names`` of a field; None if it holds anything of its type."""
    return field.metadata.get("limit")


def _field(default: typing.Any, limit: typing.Any) -> typing.Any:
    """The field itself; type checkers see its default."""
    return dataclasses.field(default=default, metadata={"limit": limit})
