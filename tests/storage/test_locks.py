"""Locks between processes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys

import pytest

from mgpe_tf.errors import UserError, WriteError
from mgpe_tf.storage.locks import lock_folder

HOLD = """
import sys, time
from mgpe_tf.storage.locks import lock_folder
sys.argv[0] = "/somewhere/parse.py"
lock = lock_folder(sys.argv[1], "--output=x")
print("held", flush=True)
sys.stdin.readline()
"""


def holder(folder):
    """A process that holds the folder until a line is sent to it."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    return process


def test_the_second_is_told_who_is_the_first(tmp_path):
    folder = tmp_path / "new" / "masks"
    process = holder(folder)
    with pytest.raises(UserError) as error:
        lock_folder(folder, f"--output={folder}")
    assert str(error.value).startswith(
        f"--output={folder} is in use by process {process.pid} on {socket.gethostname()}"
    )
    assert "(parse, since 2" in str(error.value)
    process.communicate("end\n")
    with lock_folder(folder, "x"):
        assert os.listdir(folder) == [".lock"]
    assert os.listdir(folder) == []


def test_a_lock_dies_with_its_process(tmp_path):
    process = holder(tmp_path)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert os.listdir(tmp_path) == [".lock"]
    lock_folder(tmp_path, "x").close()


def test_one_process_does_not_hold_a_folder_twice(tmp_path):
    with lock_folder(tmp_path, "x"), pytest.raises(UserError, match=f"x is in use by process {os.getpid()}"):
        lock_folder(tmp_path, "x")
    lock_folder(tmp_path, "x").close()


COUNT = """
import sys, time
from pathlib import Path
from mgpe_tf.errors import UserError
from mgpe_tf.storage.locks import lock_folder
folder, done = Path(sys.argv[1]), 0
while done < 20:
    try:
        with lock_folder(folder, "x"):
            number = int((folder / "number").read_text())
            time.sleep(0.001)
            (folder / "number").write_text(str(number + 1))
            done += 1
    except UserError:
        pass
    time.sleep(0.001)
"""


def test_of_many_there_is_one_at_a_time(tmp_path):
    """Though each deletes the file of its lock: what is counted together is the sum of what each counts."""
    (tmp_path / "number").write_text("0")
    processes = [subprocess.Popen([sys.executable, "-c", COUNT, str(tmp_path)]) for _ in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert (tmp_path / "number").read_text() == "60"


def test_a_folder_that_cannot_be(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WriteError, match="file/run: Not a directory"):
        lock_folder(tmp_path / "file" / "run", "x")


def test_a_full_disk(small_disk):
    (small_disk / "other").write_bytes(bytes(2**20))
    with pytest.raises(WriteError, match=r"\.lock: No space left on device"):
        lock_folder(small_disk, "x")
    assert os.listdir(small_disk) == ["other"]
