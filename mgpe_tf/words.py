"""Verbs that do several things, each by a word of its own with flags of its own: ``python -m mgpe_tf.edit swap ...``.

WORDS = {
    "swap": Word(swap, "The source's appearance on the target's shape.", needs=(TARGET, SOURCE), takes=(HAIR,)),
}

if __name__ == "__main__":
    words.run(WORDS, common=(TARGET,))
"""

from __future__ import annotations

import dataclasses
import functools
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from absl import flags

from mgpe_tf import cli
from mgpe_tf.config import did_you_mean
from mgpe_tf.errors import UserError

_Value = TypeVar("_Value")


@dataclasses.dataclass(frozen=True)
class Word:
    """One of the things that a verb does.

    Attributes:
      act: does it and returns an exit code (None: 0); called with the `arguments` if there may be some.
      what: what it does, in one line.
      needs: flags that must be given.
      takes: flags that may be given.
      arguments: what the arguments without dashes are, e.g. "FILE ..."; "" for none.
    """

    act: Callable[..., int | None]
    what: str
    needs: tuple[flags.FlagHolder, ...] = ()
    takes: tuple[flags.FlagHolder, ...] = ()
    arguments: str = ""

    @property
    def reads(self) -> tuple[str, ...]:
        """The names of its flags."""
        return tuple(holder.name for holder in (*self.needs, *self.takes))


def run(
    words: Mapping[str, Word], common: Sequence[flags.FlagHolder], hint: Callable[[str], str] = lambda name: ""
) -> None:
    """Does what the first argument without dashes says, and leaves the process with its exit code (``cli.run``).

    --help or -h after a word lists its flags, and without one the words.

    Args:
      words: by what is written on the command line.
      common: the flags that --help without a word lists.
      hint: what to say of an unknown word instead of the words that there are; "" for nothing.
    """
    if cli.asks_for_help(sys.argv):
        arguments = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
        word = next((argument for argument in arguments if argument in words), None)
        if word or not arguments:
            print(help_of(word, words[word]) if word else overview(words, common))
            sys.exit(0)
        sys.argv[1:] = arguments  # of an unknown word there is no help
    cli.run(functools.partial(_act, words, hint), positional=True)


def _act(words: Mapping[str, Word], hint: Callable[[str], str], argv: list[str]) -> int | None:
    name, arguments = argv[1] if len(argv) > 1 else "", argv[2:]
    if name not in words:
        what = f"unknown word {name!r}{did_you_mean(name, words)};" if name else "what should be done?"
        allowed = f"allowed: {', '.join(words)}{cli.example()}"
        raise UserError(f"{what} {hint(name) or allowed}")
    word = words[name]
    if arguments and not word.arguments:
        raise UserError(f"unexpected argument {arguments[0]!r}: flags are written --name=value (flags: --help)")
    _check_flags(words, name)
    if word.arguments and not arguments:
        raise UserError(f"{name} needs {word.arguments}{cli.example()} (flags: --help)")
    return word.act(arguments) if word.arguments else word.act()


def _check_flags(words: Mapping[str, Word], name: str) -> None:
    """UserError for a flag that the word does not read, and for one that it needs and that was not given."""
    for flag in dict.fromkeys(flag for word in words.values() for flag in word.reads):
        if flags.FLAGS[flag].present and flag not in words[name].reads:
            *others, last = (other for other, word in words.items() if flag in word.reads)
            some = f"{', '.join(others)} or {last}" if others else last
            raise UserError(f"--{flag} is for {_verb()} {some}; leave it out with {_verb()} {name}")
    for holder in words[name].needs:
        given(holder)


def given(holder: flags.FlagHolder[_Value | None]) -> _Value:
    """The value of a flag that is needed; UserError if it was not given."""
    if not holder.value:
        raise UserError(f"--{holder.name} is missing{cli.example()} (flags: --help)")
    return holder.value


def overview(words: Mapping[str, Word], common: Sequence[flags.FlagHolder]) -> str:
    """The --help text of the verb: its docstring, the words, and common flags."""
    width = max(map(len, words))
    lines = [f"  {name:{width}}  {word.what}" for name, word in words.items()]
    told = sys.modules["__main__"].__doc__ or ""
    of_each = f"Flags of one of them: python -m mgpe_tf.{_verb()} {next(iter(words))} --help"
    return "\n".join([told, *lines, "", of_each, "", "Common flags:", cli.flags_help(holder.name for holder in common)])


def help_of(name: str, word: Word) -> str:
    """The --help text of a word."""
    command = cli.examples().get(name, f"python -m mgpe_tf.{_verb()} {name} {word.arguments}".strip())
    parts = [command, "", word.what]
    for title, holders in (("Needed:", word.needs), ("Flags:", word.takes)):
        if holders:
            parts += ["", title, cli.flags_help(holder.name for holder in holders)]
    return "\n".join(parts)


def _verb() -> str:
    """The verb that runs, as "edit"."""
    return Path(sys.argv[0]).stem
