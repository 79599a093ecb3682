"""Processes in which `python -m mgpe_tf.VERB` runs as users start it, but for the time that importing TensorFlow takes.

A server imports it once, and each process is a fork of the server, with the arguments, the environment, the folder and
the pipes of its own. Tests of the import itself, of how an interpreter ends, or with another Keras backend start
interpreters instead.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
import traceback
from pathlib import Path


def run(*arguments, cwd=None, env=None, timeout: float = 600) -> subprocess.CompletedProcess:
    """``python -m MODULE ...`` to its end: its exit code and what it wrote, as text.

    Args:
      arguments: the module and its arguments.
      cwd: the folder; None: the present one.
      env: the environment; None: the present one.
      timeout: seconds after which it is killed and TimeoutExpired is raised.
    """
    process = Process(*arguments, cwd=cwd, env=env)
    out, err = process.communicate(timeout)
    return subprocess.CompletedProcess([*map(str, arguments)], process.returncode, out, err)


class Process:
    """A process as ``subprocess.Popen`` has it, with pipes of text; arguments as for ``run``."""

    def __init__(self, *arguments, cwd=None, env=None):
        self.args = [*map(str, arguments)]
        request = {"arguments": self.args, "cwd": str(cwd or Path.cwd()), "environment": dict(env or os.environ)}
        ours, theirs = socket.socketpair()
        pipes = [os.pipe(), os.pipe()]
        files = [theirs.fileno(), *(write for _, write in pipes)]
        with _lock:
            data = json.dumps(request).encode("utf-8", "surrogateescape")
            _server().sendall(len(data).to_bytes(4, "big"))
            socket.send_fds(_server(), [data[:1]], files)
            _server().sendall(data[1:])
        theirs.close()
        for _, write in pipes:
            os.close(write)
        self.stdout, self.stderr = (os.fdopen(read, encoding="utf-8", errors="replace") for read, _ in pipes)
        self._status, self.returncode = ours, None
        self.pid = int(ours.recv(64))

    def poll(self) -> int | None:
        """The exit code, -N after signal N; None while it runs."""
        if self.returncode is None and select.select([self._status], [], [], 0)[0]:
            self.returncode = int(self._status.recv(64))
            self._status.close()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Waits for the end; TimeoutExpired if that does not come."""
        if self.returncode is None and not select.select([self._status], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired(self.args, timeout)
        return self.poll()

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """All that it writes until it ends; one that does not is killed, and TimeoutExpired raised."""
        texts = [[], []]
        readers = [
            threading.Thread(target=lambda into=text, file=file: into.append(file.read()))
            for text, file in zip(texts, (self.stdout, self.stderr))
        ]
        for reader in readers:
            reader.start()
        try:
            self.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        finally:
            for reader in readers:
                reader.join()
            self.stdout.close()
            self.stderr.close()
        return texts[0][0], texts[1][0]

    def send_signal(self, number: int) -> None:
        """Sends a signal, unless it has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)


_lock = threading.Lock()


@functools.cache
def _server() -> socket.socket:
    """A connection to the server, which ends with it."""
    ours, theirs = socket.socketpair()
    environment = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    command = [sys.executable, __file__, str(theirs.fileno())]
    server = subprocess.Popen(command, pass_fds=[theirs.fileno()], env=environment, stdin=subprocess.DEVNULL)
    theirs.close()

    def end() -> None:
        ours.close()
        server.wait()

    atexit.register(end)
    return ours


def _serve(connection: socket.socket) -> list[str] | None:
    """Forks a process for each request; returns in each of them its arguments, and None in the server at its end."""
    signal.signal(signal.SIGCHLD, _reap)  # so that their time counts as the server's children's
    while size := connection.recv(4, socket.MSG_WAITALL):
        data, files, *_ = socket.recv_fds(connection, 1, 3)
        data += connection.recv(int.from_bytes(size, "big") - 1, socket.MSG_WAITALL)
        if os.fork() == 0:
            connection.close()
            request = json.loads(data.decode("utf-8", "surrogateescape"))
            return _kept(request, *files)
        for file in files:
            os.close(file)
    return None


def _reap(_number: int, _frame: object) -> None:
    """Waits for the keepers that have ended."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _kept(request: dict, status: int, out: int, err: int) -> list[str]:
    """Returns in the process of a request; here, its keeper, tells its number and how it has ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    process = os.fork()
    if process:
        os.close(out)
        os.close(err)
        os.write(status, str(process).encode())
        code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        os.write(status, str(code).encode())
        os._exit(0)
    os.close(status)
    for pipe, number in ((out, 1), (err, 2)):
        os.dup2(pipe, number)
        os.close(pipe)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["cwd"])
    return request["arguments"]


def _run(arguments: list[str]) -> int:
    """Runs a module; its exit code."""
    sys.argv = ["", *arguments[1:]]
    try:
        runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
    except SystemExit as error:
        if isinstance(error.code, str):
            print(error.code, file=sys.stderr)
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _end(code: int) -> None:
    """Ends the process as the interpreter does, but for taking apart what the server has imported: seconds."""
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _import_all() -> None:
    """Imports what verbs import, so that no process need do so."""
    import mgpe_tf

    heavy = ("jax", "webapp", "beam", "plots", "report")
    for module in pkgutil.walk_packages(mgpe_tf.__path__, "mgpe_tf."):
        if (module.name.count(".") > 1 or module.name == "mgpe_tf.cli") and not any(
            word in module.name for word in heavy
        ):
            importlib.import_module(module.name)


if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).parent.parent)
    from mgpe_tf.quiet import import_tensorflow

    import_tensorflow()
    _import_all()
    arguments = _serve(socket.socket(fileno=int(sys.argv[1])))
    if arguments:
        sys.path[0] = str(Path.cwd())
        _end(_run(arguments))
