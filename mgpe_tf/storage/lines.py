"""Lists of JSON lines that grow line by line, and of which a crash tears the last line at most."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from mgpe_tf.storage import files


def as_line(values: dict) -> str:
    """Values as a line of JSON. File names that are no Unicode, as Linux allows, are escaped."""
    text = json.dumps(values, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        text = json.dumps(values)
    return text + "\n"


def read_lines(path: Path) -> list[dict]:
    """The whole lines of a list, which may be missing; a crash may have torn the last one."""
    whole = path.read_text(encoding="utf-8", errors="replace").split("\n")[:-1] if path.exists() else []
    lines = []
    for text in whole:
        try:
            lines.append(json.loads(text))
        except ValueError:
            continue
    return lines


def write_lines(path: Path, lines: Iterable[dict]) -> None:
    """Replaces a list by another one: readers see the old or the new one. WriteError if it cannot be written.

    So a torn line is gone, which must not run into the line that is appended next.
    """
    files.write_text(path, "".join(map(as_line, lines)))


def append_lines(path: Path, lines: Iterable[dict]) -> None:
    """Appends lines, all or, if they cannot be written (WriteError), none. A power loss may take the last ones."""
    files.append_text(path, "".join(map(as_line, lines)))
