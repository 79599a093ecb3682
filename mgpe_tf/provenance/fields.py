"""Strict reading of typed records from untrusted JSON values.

A field of a dataclass carries its check, a function (value, where) that returns the value or raises a UserError that
names `where`: ``size: int = checked(integer(1, 100))``.
"""

from __future__ import annotations

import dataclasses
import datetime
import math
import re
import reprlib
import unicodedata
from collections.abc import Callable
from typing import Any, NoReturn

from mgpe_tf.errors import UserError

Check = Callable[[Any, str], Any]


def checked(check: Check, help: str = "", **options: Any) -> Any:
    """A dataclass field with its check and what users are told of it; `options` are those of ``dataclasses.field``."""
    return dataclasses.field(metadata={"check": check, "help": help}, **options)


def refuse(value: Any, where: str, allowed: str) -> NoReturn:
    """Raises the UserError for `value` at `where`, shortened and without characters that could move a terminal."""
    shown = reprlib.repr(value).encode("ascii", "backslashreplace").decode()
    raise UserError(f"{where}: {shown}; allowed: {allowed}")


def build(kind: type, value: Any, where: str) -> Any:
    """The dataclass `kind` from a JSON object with exactly its fields that have checks."""
    checks = {f.name: f.metadata["check"] for f in dataclasses.fields(kind) if "check" in f.metadata}
    if not isinstance(value, dict):
        refuse(value, where, f"an object with the fields {', '.join(checks)}")
    for name in value:
        if name not in checks:
            refuse(name, f"{where}: unknown field", ", ".join(checks))
    for name in checks:
        if name not in value:
            raise UserError(f"{where}: the field {name} is missing")
    return kind(**{name: check(value[name], f"{where}.{name}") for name, check in checks.items()})


def record(kind: type) -> Check:
    """Takes an object with the fields of the dataclass `kind`."""
    return lambda value, where: build(kind, value, where)


def several(check: Check, limit: int) -> Check:
    """Takes a list of at most `limit` values, each of which passes `check`; gives a tuple."""

    def take(value: Any, where: str) -> Any:
        if not isinstance(value, list) or len(value) > limit:
            refuse(value, where, f"a list of at most {limit}")
        return tuple(check(item, f"{where}[{i}]") for i, item in enumerate(value))

    return take


@dataclasses.dataclass(frozen=True)
class Whole:
    """Takes a whole number from `low` to `high`, bounds included; true and false are none."""

    low: int
    high: int

    def __call__(self, value: Any, where: str) -> int:
        """See ``Check``."""
        if type(value) is not int or not self.low <= value <= self.high:
            refuse(value, where, f"a whole number from {self.low} to {self.high}")
        return value


@dataclasses.dataclass(frozen=True)
class Number:
    """Takes a number from `low` to `high`, bounds included; true and false are none."""

    low: float
    high: float

    def __call__(self, value: Any, where: str) -> float:
        """See ``Check``."""
        if type(value) not in (int, float) or not self.low <= value <= self.high:
            refuse(value, where, f"a number from {self.low:g} to {self.high:g}")
        return float(value)


@dataclasses.dataclass(frozen=True)
class OneOf:
    """Takes one of some names."""

    names: tuple[str, ...]

    def __call__(self, value: Any, where: str) -> str:
        """See ``Check``."""
        if type(value) is not str or value not in self.names:
            refuse(value, where, ", ".join(self.names))
        return value


def text(pattern: str, allowed: str) -> Check:
    """Takes a string that `pattern` matches as a whole; `allowed` describes it."""
    compiled = re.compile(pattern)

    def take(value: Any, where: str) -> Any:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            refuse(value, where, allowed)
        return value

    return take


SHA256 = text(r"[0-9a-f]{64}", "64 hexadecimal digits in lower case")
LABEL = text(r"[\x20-\x7e]{1,200}", "1 to 200 printable ASCII characters")
NAME = text(r"[a-z][a-z0-9_]{0,63}", "a name of at most 64 lower-case letters, digits and _")


def file_name(value: Any, where: str) -> str:
    """Takes the name of a file without folders: what could lead elsewhere or is unprintable is refused."""
    if not isinstance(value, str) or value != safe_name(value):
        refuse(value, where, r"a file name of 1 to 255 characters without folders, / \ : and control characters")
    return value


def safe_name(name: str) -> str:
    """`name` as ``file_name`` takes it: characters that it refuses become "_"."""
    name = "".join("_" if char in "/\\:" or unicodedata.category(char)[0] == "C" else char for char in name[:255])
    return "_" if name in ("", ".", "..") else name


def utc_time(value: Any, where: str) -> str:
    """Takes a time in UTC, to the second, e.g. "2026-05-01T12:30:00Z"."""
    allowed = "a time as 2026-05-01T12:30:00Z"
    text(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", allowed)(value, where)
    try:
        datetime.datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        refuse(value, where, allowed)
    return value


def json_value(value: Any, where: str, depth: int = 8) -> Any:
    """Takes plain JSON nested at most `depth` deep, its numbers finite, its whole numbers within +-2^53."""
    if isinstance(value, (list, dict)):
        if depth == 0:
            refuse(value, where, "less nesting")
        parts = value.items() if isinstance(value, dict) else enumerate(value)
        for key, part in parts:
            json_value(key, where, depth)
            json_value(part, f"{where}.{key}" if isinstance(value, dict) else f"{where}[{key}]", depth - 1)
    elif isinstance(value, str):
        if any(unicodedata.category(char) == "Cs" for char in value):
            refuse(value, where, "text that can be encoded as UTF-8")
    elif (type(value) is float and not math.isfinite(value)) or (type(value) is int and abs(value) > 2**53):
        refuse(value, where, "finite numbers, whole ones within +-2^53")
    return value
