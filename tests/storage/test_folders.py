"""Folders that appear whole or not at all."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys

import pytest

from mgpe_tf.errors import UserError, WriteError
from mgpe_tf.storage.folders import replacing_folder


def fill(target, text="new"):
    with replacing_folder(target, f"--output={target}") as folder:
        (folder / "1").mkdir()
        (folder / "1" / "file").write_text(text)


def fail_amid(target):
    with replacing_folder(target, "x") as folder:
        (folder / "half").write_text("")
        raise ZeroDivisionError


def text(target):
    return (target / "1" / "file").read_text()


def test_a_folder_is_made_and_replaced(tmp_path):
    target = tmp_path / "above" / ("n" * 255)
    fill(target)
    target.chmod(0o750)
    (target / "old").write_text("of the one before")
    fill(target, "second")
    assert text(target) == "second" and os.listdir(target) == ["1"] and os.listdir(target.parent) == [target.name]
    assert stat.S_IMODE(target.stat().st_mode) == 0o750


def test_a_failure_leaves_the_old_one(tmp_path):
    fill(tmp_path / "model")
    with pytest.raises(ZeroDivisionError):
        fail_amid(tmp_path / "model")
    assert text(tmp_path / "model") == "new" and os.listdir(tmp_path) == ["model"]


def test_a_full_disk_leaves_the_old_one(small_disk):
    fill(small_disk / "model")
    with pytest.raises(WriteError, match="No space left on device"):
        fill(small_disk / "model", "x" * 2**20)
    assert text(small_disk / "model") == "new" and os.listdir(small_disk) == ["model"]


def test_two_jobs_do_not_fill_one_folder(tmp_path):
    with replacing_folder(tmp_path / "model", "--output=model") as folder:
        with pytest.raises(UserError, match=f"--output=.*model is in use by process {os.getpid()}"):
            fill(tmp_path / "model")
        (folder / "file").write_text("")
    assert os.listdir(tmp_path / "model") == ["file"]


def test_a_link_stays_one(tmp_path):
    fill(tmp_path / "v1")
    (tmp_path / "latest").symlink_to("v1")
    fill(tmp_path / "latest", "second")
    assert (tmp_path / "latest").is_symlink() and text(tmp_path / "v1") == "second"


KILLED = """
import os, signal, sys
from pathlib import Path
from mgpe_tf.storage import folders
rename = os.rename
def last(source, target):
    rename(source, target)
    os.kill(os.getpid(), signal.SIGKILL)
os.rename = last
with folders.replacing_folder(Path(sys.argv[1]), "x") as folder:
    (folder / "file").write_text("")
"""


def test_a_kill_between_the_renamings(tmp_path):
    fill(tmp_path / "model")
    process = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "model")])
    assert process.returncode == -signal.SIGKILL and not (tmp_path / "model").exists()
    with pytest.raises(ZeroDivisionError):
        fail_amid(tmp_path / "model")
    assert text(tmp_path / "model") == "new" and os.listdir(tmp_path) == ["model"]
