"""Writes docs/reference/commands.md, the flags of every command, as the commands themselves tell them.

  python -m tools.write_commands

A test compares the page with what this would write.
"""

from __future__ import annotations

import importlib
import multiprocessing
from collections.abc import Iterator, Sequence
from pathlib import Path

from absl import flags

from mgpe_tf.__main__ import VERBS
from mgpe_tf.storage.files import write_text

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/reference/commands.md"
HEAD = """\
# Commands

<!-- Written by python -m tools.write_commands: change the flags, not this page. -->

Every command is a verb, `mgpe VERB` or `python -m mgpe_tf.VERB`, and tells the same by `--help`; `mgpe --help` lists
the verbs, `VERB WORD --help` tells of one of the things that a verb does. A flag that is not read is refused. Flags are
written `--name=value`, switches `--name` and `--noname`, lists of names with commas, several files by repeating the
flag. Exit codes: 0 done, 2 a mistake of the user or files that could not be read, each told in one line, 130
interrupted by Ctrl-C, 143 by SIGTERM.
"""


def page() -> str:
    """The page, as it should be now."""
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:  # commands share names of flags
        return "\n".join([HEAD, *(line for lines in pool.map(section, VERBS, chunksize=1) for line in lines)])


def section(verb: str) -> list[str]:
    """The lines on one command: what it says of itself, its words, and a table of its own flags.

    It is called once in a process, since commands share names of flags.
    """
    module = importlib.import_module(f"mgpe_tf.{verb}")
    told = ["```text", *(module.__doc__ or "").strip().splitlines(), "```", ""]
    rows = [row(flag) for flag in sorted(flags.FLAGS.get_key_flags_for_module(module), key=lambda flag: flag.name)]
    return [
        f"## {verb}",
        "",
        *told,
        *words(verb, module),
        "| flag | default | what |",
        "| --- | --- | --- |",
        *rows,
        "",
    ]


def words(verb: str, module: object) -> Iterator[str]:
    """The things that a command does, and with which flags."""
    for name, word in getattr(module, "WORDS", {}).items():
        yield f"- `{' '.join([verb, name, word.arguments]).strip()}`: {word.what}"
        yield from (
            f"  {title} {named(holders)}."
            for title, holders in (("Needs", word.needs), ("Takes", word.takes))
            if holders
        )
    if hasattr(module, "WORDS"):
        yield ""


def named(holders: Sequence[flags.FlagHolder]) -> str:
    """Flags in a row."""
    return ", ".join(f"`--{holder.name}`" for holder in holders)


def row(flag: flags.Flag) -> str:
    """A flag with its default, which is none if there is nothing, what it is for, and the few values that it takes."""
    values = getattr(flag.parser, "enum_values", ())
    text = (flag.help or "").removeprefix(f"<{'|'.join(values)}>: ").replace("|", r"\|")
    allowed = f" Allowed: {', '.join(f'`{value}`' for value in values)}." if values else ""
    default = f"`{flag.default_as_str.strip(chr(39))}`" if flag.default_as_str else ""
    return f"| `--{flag.name}` | {default} | {text}{allowed} |"


if __name__ == "__main__":
    write_text(PAGE, page())
