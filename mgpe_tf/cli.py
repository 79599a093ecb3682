"""The parts that all command-line verbs share: flags, the --config flag, and one-line errors with exit codes.

A verb is a module with absl flags and a ``main``:

    CONFIG = cli.define_config()

    def main(argv):
        ...

    if __name__ == "__main__":
        cli.run(main)

A verb that does several things has a table of them instead, see ``words``.

Exit codes: 0 done, 2 a user's mistake, 130 interrupted by Ctrl-C, 143 by SIGTERM.
"""

from __future__ import annotations

import dataclasses
import difflib
import itertools
import re
import signal
import sys
import warnings
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from absl import app, flags, logging
from ml_collections import config_flags
from ml_collections.config_flags.tuple_parser import TupleParser

from mgpe_tf.config import Config, config_from_dict, did_you_mean, field_names
from mgpe_tf.config_check import check
from mgpe_tf.errors import UserError
from mgpe_tf.progress import tell_waiting
from mgpe_tf.provenance.fields import Check, Number, OneOf, Whole
from mgpe_tf.quiet import import_tensorflow
from mgpe_tf.shipped import config_file
from mgpe_tf.storage.files import is_there, require_writable

DEFAULT_CONFIG = "demo"

flags.disclaim_key_flags()  # flags defined through this module belong to the verb: --help shows them


def define_config() -> flags.FlagHolder[Config]:
    """Defines --config, an experiment: the name of a bundled one, or a Python file whose ``get_config()``
    returns a ``Config``. The flag's value is that ``Config``. What follows a colon is given to ``get_config``: the
    stage of an experiment that has several.

    Any field is overridden by its dotted name: ``--config.training.steps=100``.
    """
    holder = config_flags.DEFINE_config_file(
        "config",
        help_string="Experiment: a name of configs/ or a .py file, with :STAGE if it has several. Any field of it is "
        "changed by its dotted name, e.g. --config.training.steps=100.",
    )
    flag = flags.FLAGS["config"]
    flag.parser = _ConfigFileParser(flag.parser)
    flag.default_as_str = repr(DEFAULT_CONFIG)  # for --help; it is read when the flags are parsed, not on import
    return holder


def define_names(name: str, default: Sequence[str] | None, help: str) -> flags.FlagHolder[list[str]]:
    """Defines a flag whose value is a list of names: with commas between them, or the flag repeated."""
    return flags.DEFINE_flag(_ListFlag(_names_in, name, default, help))


def define_files(name: str, help: str) -> flags.FlagHolder[list[str]]:
    """Defines a flag whose value is a list of files or folders: the flag repeated, as a comma may be part of a name.

    Several with commas between them are taken apart, as in earlier versions, if all are there and none of that name.
    """
    told = f"{help} Repeated for several; A,B are two if both are there and nothing of that name."
    return flags.DEFINE_flag(_ListFlag(_files_in, name, (), told))


def _names_in(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _files_in(text: str) -> list[str]:
    files = text.split(",")
    several = not Path(text).exists() and all(file and Path(file).exists() for file in files)
    return files if several else [text]


class _ListFlag(flags.MultiFlag):
    """A flag each occurrence of which adds to a list what `take_apart` makes of the text."""

    def __init__(self, take_apart: Callable[[str], list[str]], name: str, default: Sequence[str] | None, help: str):
        self._take_apart = take_apart
        super().__init__(flags.ArgumentParser(), flags.ArgumentSerializer(), name, default, help)
        self.help = help  # without absl's line on repeating it
        self.default_as_str = repr(",".join(default)) if default else None

    def _parse(self, arguments: str | Iterable[str]) -> list[str]:
        return [item for text in super()._parse(arguments) for item in self._take_apart(text)]


class _NamesParser(TupleParser):
    """Reads names of folders and the like, which the parser of tuples would read as Python: 7 as a number.

    Commas separate several, unless there is a file of that very name.
    """

    def parse(self, argument: str | tuple[str, ...]) -> tuple[str, ...]:
        if not isinstance(argument, str):  # the value that is overridden
            return argument
        return (argument,) if Path(argument).exists() else tuple(argument.split(","))


config_flags.register_flag_parser_for_type(tuple[str, ...], _NamesParser())


def define_field(
    kind: type, field: str, name: str | None = None, default: Any = dataclasses.MISSING, more: str = ""
) -> flags.FlagHolder:
    """Defines the flag of a field of an operation (``editing.operations``), with its default, help and range.

    Args:
      kind: the operation.
      field: its field.
      name: of the flag; None for the field's.
      default: None for a flag whose absence means something else than the field's default.
      more: what its help says besides.
    """
    (found,) = (each for each in dataclasses.fields(kind) if each.name == field)
    allowed = found.metadata["check"]
    value: Any = found.default if default is dataclasses.MISSING else default
    told = found.metadata["help"].rstrip(".") + more + "."
    if isinstance(allowed, OneOf):
        return flags.DEFINE_enum(name or field, value, allowed.names, told)
    if not isinstance(allowed, Whole | Number):
        parser = _CheckedParser(name or field, allowed)
        return flags.DEFINE(parser, name or field, value, told, serializer=flags.ArgumentSerializer())
    define: Any = flags.DEFINE_integer if isinstance(allowed, Whole) else flags.DEFINE_float
    return define(name or field, value, told, allowed.low, allowed.high)


class _CheckedParser(flags.ArgumentParser):
    """Reads a text that the check of a field takes."""

    def __init__(self, name: str, check: Check):
        self._name, self._check = name, check

    def parse(self, argument: str) -> str:
        text: str = self._check(argument, f"--{self._name}")
        return text


def named(holder: flags.FlagHolder[list[str]], known: Collection[str], remedies: Mapping[str, str]) -> list[str]:
    """The names of a flag of ``define_names``; UserError for one that is not `known`, with its remedy if it has one."""
    for name in holder.value:
        if name not in known:
            near = remedies.get(name, did_you_mean(name, known))
            raise UserError(f"--{holder.name}: {name!r} is unknown{near}; allowed: {', '.join(known)}")
    return holder.value


def new_file(path: Path, overwrite: bool) -> Path:
    """The file of --output; UserError if it is there and may not be replaced, is a folder, or cannot be written."""
    there = is_there(path)
    if there and path.is_dir():
        raise UserError(f"--output={path} is a folder: name a file in it, as {path / 'NAME'}")
    if there and not overwrite:
        raise UserError(f"--output={path} is there already: choose another name, or replace it by --overwrite")
    if not path.parent.is_dir():
        raise UserError(f"--output={path}: there is no folder {path.parent}")
    require_writable(path)
    return path


def begin_loading() -> None:
    """Imports TensorFlow before networks are loaded, and says that this takes its time."""
    tell_waiting("loading the networks ...")
    import_tensorflow()


def define_accept_changes() -> flags.FlagHolder[bool]:
    """Defines --accept_changes of the verbs that train."""
    return flags.DEFINE_bool(
        "accept_changes",
        False,
        "Go on with a run whose batch size, learning rates, gradient norm or precision the config changes.",
    )


class _ConfigFileParser(flags.ArgumentParser):
    """Wraps the parser of --config: each of its failures becomes a UserError, and the result is a strict ``Config``."""

    def __init__(self, load: flags.ArgumentParser):
        self._load = load

    def parse(self, argument: str) -> Config:
        name, colon, stage = argument.partition(":")
        file = config_file(name)
        try:
            config = self._load.parse(f"{file}{colon}{stage}")
        except UserError as error:
            raise UserError(f"--config={argument}: {error}") from error
        except Exception as error:  # whatever the user's Python file raises
            what = str(error) if "\n" in str(error) else f"{type(error).__name__}: {error}"
            raise UserError(f"--config={argument}: {_last_line(what)}") from error
        if not isinstance(config, Config):
            raise UserError(f"--config={argument}: get_config() must return a mgpe_tf.config.Config")
        return config


def _attributes(part: object) -> dict:
    """All attributes of a nested dataclass, those that are no fields of it included."""
    return {k: _attributes(v) if dataclasses.is_dataclass(v) else v for k, v in vars(part).items()}


def run(main: Callable[[list[str]], int | None], positional: bool = False) -> None:
    """Parses the flags, calls ``main(argv)`` and leaves the process with its exit code.

    Args:
      main: takes what is left of the command line, the program's name first, and returns an exit code (None: 0).
      positional: whether the verb takes arguments that are not flags.
    """
    if asks_for_help(sys.argv):
        print(help_text())
        sys.exit(0)
    if "config" in flags.FLAGS:
        sys.argv = _with_default_config(sys.argv)  # the --config flag reads its overrides from sys.argv
    logging.get_absl_handler().setFormatter(None)  # messages for people: without time, process and line
    warnings.filterwarnings("ignore", "Image size .* exceeds limit")  # ours is stricter, and an error
    signal.signal(signal.SIGTERM, _terminate)
    try:
        app.run(main, flags_parser=lambda argv: _parse(argv, positional))
    except UserError as error:
        print("error:", " ".join(str(error).split()), file=sys.stderr)
        code = 2
    except KeyboardInterrupt as error:
        code = 143 if isinstance(error, _Terminated) else 130
    # Left outside the handlers, the process holds no frame of the failure any more: an input pipeline that one kept
    # alive until the interpreter ends would wait for its loaders, which wait for the interpreter.
    sys.exit(code)


def asks_for_help(argv: Sequence[str]) -> bool:
    """Whether a command line asks for help; what follows "--" is another program's."""
    own = itertools.takewhile(lambda argument: argument != "--", argv[1:])
    return bool({"-h", "-?", "--help", "--helpshort"} & set(own))


def help_text() -> str:
    """The --help text of a verb: its docstring and its flags."""
    own = flags.FLAGS.get_key_flags_for_module(sys.argv[0])
    return "\n".join([sys.modules["__main__"].__doc__ or "", "Flags:", flags_help(flag.name for flag in own)])


def flags_help(names: Iterable[str]) -> str:
    """Flags with their defaults, as absl lists them."""
    chosen = flags.FlagValues()
    for name in names:
        chosen[name] = flags.FLAGS[name]
    return chosen.get_help(include_special_flags=False)


class _Terminated(KeyboardInterrupt):
    """SIGTERM, which ends a verb as Ctrl-C does: what it has begun is left in order, temporary files are removed."""


def _terminate(_number: int, _frame: object) -> None:
    raise _Terminated


def _with_default_config(argv: Sequence[str]) -> list[str]:
    """The command line with the default config first, unless it names one itself or asks for help."""
    if {argument.lstrip("-").partition("=")[0] for argument in argv[1:]} & {"config", "helpfull"}:
        return list(argv)
    return [argv[0], f"--config={DEFAULT_CONFIG}", *argv[1:]]


def _parse(argv: Sequence[str], positional: bool) -> list[str]:
    """Parses absl's flags and raises UserError for every mistake in them; returns the remaining arguments."""
    flags.FLAGS.set_gnu_getopt()  # flags may follow other arguments
    _check_overrides(argv)
    try:
        rest = flags.FLAGS(argv)
    except flags.UnrecognizedFlagError as error:
        raise UserError(f"unknown flag --{error.flagname}{_nearest_flag(error.flagname)} (flags: --help)") from error
    except flags.Error as error:
        raise UserError(_told(error)) from error
    except SystemExit:  # absl's --helpfull leaves with 1
        sys.exit(0)
    if "config" in flags.FLAGS:
        config = flags.FLAGS.config
        # Names fields that no config has and values of a wrong type, and brings the others to their types.
        vars(config).update(vars(config_from_dict(_attributes(config))))
        check(config)
    if len(rest) > 1 and not positional:
        raise UserError(f"unexpected argument {rest[1]!r}: flags are written --name=value (flags: --help)")
    return rest


def _told(error: flags.Error) -> str:
    """The message about a flag's value, or about a flag that was not given."""
    message = _last_line(str(error))
    missing = re.search(r"Flag (--\w+) must have a value other than None", message)
    if missing:
        return f"{missing[1]} is missing{example()} (flags: --help)"
    message = re.sub(r"invalid literal for int\(\) with base 10: .*", "allowed: a whole number", message)
    message = re.sub(r"could not convert string to float: .*", "allowed: a number", message)
    return f"{message.removeprefix('flag ')} (flags: --help)"


def example() -> str:
    """``", as in COMMAND"``: of the commands in the verb's docstring the one whose first word is nearest to an argument
    of the command line; else the first."""
    by_word = examples()
    near = (found for argument in sys.argv[1:] for found in difflib.get_close_matches(argument, by_word, n=1))
    command = next((by_word[word] for word in near), next(iter(by_word.values()), ""))
    return f", as in {command}" if command else ""


def examples() -> dict[str, str]:
    """The commands in the verb's docstring, in their order, by their first words: of a word the first."""
    lines = (sys.modules["__main__"].__doc__ or "").replace("\\\n", " ").splitlines()
    commands = [" ".join(line.partition(" #")[0].split()) for line in lines if line.strip().startswith("python -m ")]
    found: dict[str, str] = {}
    for command in commands:
        found.setdefault("".join(command.split()[3:4]), command)
    return found


def _nearest_flag(name: str) -> str:
    """Suggestion for a mistyped flag among the verb's own flags and the config's fields."""
    names = [flag.name for flag in flags.FLAGS.get_key_flags_for_module(sys.argv[0])]
    if "config" in names:
        names += [f"config.{field}" for field in field_names()]
    return did_you_mean(name, [*names, "help"])


def _check_overrides(argv: Sequence[str]) -> None:
    """Raises UserError for an override of a field that no config has, or of a whole part."""
    names = field_names()
    for argument in argv[1:]:
        flag = argument.lstrip("-").partition("=")[0].removeprefix("no")
        field = flag.removeprefix("config.")
        if argument.startswith("-") and flag.startswith("config."):
            if field not in names:
                raise UserError(f"unknown config field {field}{did_you_mean(field, names)}")
            inner = [name for name in names if name.startswith(f"{field}.")]
            if inner:
                raise UserError(f"--{flag} is a group of fields: set one of {', '.join(inner)}")


def _last_line(message: str) -> str:
    """The telling line of a message that may hold a traceback."""
    return message.strip().splitlines()[-1]
