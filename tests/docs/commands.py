"""The shell commands of a document, in their order, with the output that it shows beneath them."""

from __future__ import annotations

import dataclasses
import re
import shlex
from pathlib import Path

FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclasses.dataclass(frozen=True)
class Command:
    """A command as it is written on one line, and what the document says that it prints; None: nothing is said."""

    line: str
    said: str | None = None

    @property
    def words(self) -> list[str]:
        """Its words, without comments."""
        return shlex.split(without_comment(self.line))

    @property
    def module(self) -> list[str] | None:
        """A module and its arguments, where Python runs one: ``mgpe VERB`` is ``python -m mgpe_tf.VERB``."""
        first, *rest = self.words
        if first == "mgpe":
            return [f"mgpe_tf.{rest[0]}", *rest[1:]]
        return rest[1:] if first == "python" and rest[:1] == ["-m"] else None

    @property
    def fails(self) -> bool:
        """Whether the document shows what is wrong with it."""
        return (self.said or "").startswith("error: ")

    def __str__(self) -> str:
        return " ".join(self.words)


def without_comment(line: str) -> str:
    """A line up to its comment; a # within a word, as in --dye=#7a2e1a, begins none, as in a shell."""
    return re.sub(r"(^|\s)#.*", "", line)


def commands(path: Path) -> list[Command]:
    """Those in fences without a language; output stands in the next fence, which is one of text."""
    found: list[Command] = []
    fences = FENCED.findall(path.read_text(encoding="utf-8"))
    for number, (language, block) in enumerate(fences):
        if language:
            continue
        lines = [line for line in block.replace("\\\n", " ").splitlines() if without_comment(line).strip()]
        following, said = fences[number + 1] if number + 1 < len(fences) else ("", None)
        found += map(Command, lines[:-1])
        found.append(Command(lines[-1], said if following == "text" else None))
    return found
