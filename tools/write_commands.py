"""Writes docs/reference/commands.md, the flags of every command, as the commands themselves tell them.

  python -m tools.write_commands

A test compares the page with what this would write.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from mgpe_tf.__main__ import VERBS

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/reference/commands.md"
HEAD = """\
# Commands

<!-- Written by python -m tools.write_commands: change the flags, not this page. -->

Every command is a verb, `mgpe VERB` or `python -m mgpe_tf.VERB`, and tells the same by `--help`; `mgpe --help` lists
the verbs. Flags are written `--name=value`, switches `--name` and `--noname`, lists with commas. Exit codes: 0 done,
2 a mistake of the user or files that could not be read, each told in one line, 130 interrupted.
"""


def page() -> str:
    """The page, as it should be now."""
    return "\n".join([HEAD, *(line for verb in VERBS for line in section(verb))])


def section(verb: str) -> Iterator[str]:
    """The lines on one command: what it says of itself, and a table of its own flags."""
    told = ElementTree.fromstring(help_of(f"mgpe_tf.{verb}"))
    yield from (f"## {verb}", "", "```text", *told.findtext("usage").strip().splitlines(), "```", "")
    yield from ("| flag | default | what |", "| --- | --- | --- |")
    for flag in told.iterfind("flag"):
        if flag.find("key") is not None:
            yield f"| `--{flag.findtext('name')}` | {default(flag)} | {meaning(flag)} |"
    yield ""


def help_of(module: str) -> bytes:
    """What a command says of itself, as XML; commands share names of flags, so each runs in a process of its own."""
    command = [sys.executable, "-m", module, "--helpxml"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout


def default(flag: ElementTree.Element) -> str:
    """The value of a flag that is not given; nothing where there is none."""
    value = flag.findtext("default")
    return f"`{value}`" if value else ""


def meaning(flag: ElementTree.Element) -> str:
    """What a flag is for, and the values that it takes if they are few."""
    values = [value.text for value in flag.iterfind("enum_value")]
    text = flag.findtext("meaning").removeprefix(f"<{'|'.join(values)}>: ").replace("|", r"\|")
    return f"{text} Allowed: {', '.join(f'`{value}`' for value in values)}." if values else text


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
