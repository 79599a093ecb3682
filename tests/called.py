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
from collections.abc import Iterator

from absl import flags

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
            runpy.run_module(module, run_name="__main__", alter_sys=True)
            code = 0
        except SystemExit as error:
            code = error.code or 0
    return subprocess.CompletedProcess([module, *rest], code, out.getvalue(), err.getvalue())


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
    folder, argv, handler, known = os.getcwd(), sys.argv, signal.getsignal(signal.SIGTERM), set(flags.FLAGS)
    os.chdir(cwd)
    sys.argv = ["", *arguments]
    try:
        yield
    finally:
        os.chdir(folder)
        sys.argv = argv
        signal.signal(signal.SIGTERM, handler)
        for name in set(flags.FLAGS) - known:
            delattr(flags.FLAGS, name)
