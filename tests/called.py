"""Verbs that run in the process of the test: as ``forked.run``, without what a process and its networks cost anew.

For all that a verb does by itself. How a process starts, ends, is killed or shares the computer is for ``forked`` and
real interpreters.
"""

from __future__ import annotations

import contextlib
import functools
import io
import os
import runpy
import signal
import subprocess
import sys
import warnings
from collections.abc import Iterator
from unittest import mock

from absl import app, flags

from mgpe_tf.editing.portrait_editor import PortraitEditor


def run(*arguments, cwd=".") -> subprocess.CompletedProcess:
    """``python -m MODULE ...``: its exit code and what it wrote.

    Args:
      arguments: the module and its arguments.
      cwd: the folder.
    """
    module, *rest = map(str, arguments)
    out, err = io.StringIO(), io.StringIO()
    with _as_a_process(rest, cwd), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            _run_module(module, "__main__")
            code = 0
        except SystemExit as error:
            code = error.code or 0
    return subprocess.CompletedProcess([module, *rest], code, out.getvalue(), err.getvalue())


def checked(*arguments, cwd=".") -> subprocess.CompletedProcess:
    """As ``run``, but the verb ends when it has read and checked its flags.

    absl's --only_check_args ends the first verb of a process alone.
    """

    def parse(main, flags_parser):
        flags_parser(sys.argv)
        sys.exit(0)

    with mock.patch.object(app, "run", parse):
        return run(*arguments, cwd=cwd)


def names_of(module: str) -> dict:
    """What a verb defines, without running it; its flags are put away again."""
    with _as_a_process([], "."):
        return _run_module(module, "read")


def _run_module(module: str, name: str) -> dict:
    """``runpy.run_module``, though another test may have imported the verb: runpy warns of a second copy of it."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".* found in sys.modules", RuntimeWarning)
        return runpy.run_module(module, run_name=name, alter_sys=True)


@contextlib.contextmanager
def editors_loaded_once() -> Iterator[None]:
    """While it lasts, ``PortraitEditor.load`` reads an editor of the same two paths once."""
    load = PortraitEditor.__dict__["load"]
    PortraitEditor.load = functools.cache(load.__get__(None, PortraitEditor))
    try:
        yield
    finally:
        PortraitEditor.load = load


@contextlib.contextmanager
def _as_a_process(arguments: list[str], cwd) -> Iterator[None]:
    """What a verb changes of its process is put back: flags above all, whose names other verbs have too."""
    folder, argv, handler, core = os.getcwd(), sys.argv, signal.getsignal(signal.SIGTERM), _core_flags()
    others = {name: flags.FLAGS[name] for name in flags.FLAGS if name not in core}  # of verbs that were imported
    _forget_flags_but(core)
    os.chdir(cwd)
    sys.argv = ["", *arguments]
    try:
        yield
    finally:
        os.chdir(folder)
        sys.argv = argv
        signal.signal(signal.SIGTERM, handler)
        _forget_flags_but(core)
        for name, flag in others.items():
            flags.FLAGS[name] = flag


def _core_flags() -> set[str]:
    """Those of absl itself."""
    return {name for name in flags.FLAGS if flags.FLAGS.find_module_defining_flag(name, "").startswith("absl.")}


def _forget_flags_but(names: set[str]) -> None:
    for name in set(flags.FLAGS) - names:
        delattr(flags.FLAGS, name)
