"""The command ``mgpe VERB``, or ``python -m mgpe_tf VERB``: every verb under one name.

``mgpe edit ...`` does what ``python -m mgpe_tf.edit ...`` does. ``mgpe`` imports nothing but the verb that it runs.
"""

from __future__ import annotations

import ast
import runpy
import sys
from pathlib import Path

import mgpe_tf
from mgpe_tf.config import did_you_mean

VERBS = (
    "train",
    "prepare",
    "parse",
    "edit",
    "app",
    "demo",
    "evaluate",
    "export_model",
    "check_data",
    "pack_dataset",
    "write_tfrecords",
    "train_on_jax",
    "convert_official_weights",
    "convert_trunk",
)
"""The modules that are commands, in the order in which they are told."""


def main() -> None:
    """Runs the verb that the command line names; it leaves the process with its exit code."""
    verb, *rest = sys.argv[1:] or [""]
    if verb in VERBS:
        sys.argv[1:] = rest
        runpy.run_module(f"mgpe_tf.{verb}", run_name="__main__", alter_sys=True)
    elif verb in ("--help", "-h", "help"):
        print(overview())
    elif verb == "--version":
        print(f"mgpe_tf {mgpe_tf.__version__}")
    else:
        what = f"unknown verb {verb!r}{did_you_mean(verb, VERBS)}" if verb else "a verb is missing"
        print(f"error: {what}; allowed: {', '.join(VERBS)} (mgpe --help)", file=sys.stderr)
        sys.exit(2)


def overview() -> str:
    """The text of ``mgpe --help``: a line for each verb, the first one of its docstring."""
    width = max(map(len, VERBS))
    lines = [f"  {verb:{width}}  {_first_line(verb)}" for verb in VERBS]
    return "\n".join(
        ["mgpe VERB [FLAGS], the same as python -m mgpe_tf.VERB [FLAGS]", "", *lines, "", "Flags: mgpe VERB --help"]
    )


def _first_line(verb: str) -> str:
    """The first line of a verb's docstring, which is read without an import: TensorFlow would take seconds."""
    source = Path(__file__).with_name(f"{verb}.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(source)) or "").partition("\n")[0]


if __name__ == "__main__":
    main()
