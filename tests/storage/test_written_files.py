"""Files that are never lost, whatever happens while they are written."""

from __future__ import annotations

import contextlib
import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from mgpe_tf.errors import WriteError
from mgpe_tf.storage.files import (
    append_text,
    is_there,
    make_folder,
    replacing,
    sweep,
    write_bytes,
    write_text,
    write_together,
)

OLD = b"the user's photograph" * 1000

HOLD = """
import signal, sys, time
from absl import flags
from mgpe_tf import cli
from mgpe_tf.storage.files import replacing
signal.signal(signal.SIGINT, signal.default_int_handler)  # which tests in the background inherit as ignored
def main(argv):
    with replacing(argv[1]) as temporary:
        temporary.write_bytes(b"half")
        print("writing", flush=True)
        time.sleep(60)
cli.run(main, positional=True)
"""
"""A verb that is a minute amid its file."""


def stream(path):
    """Writes more than a small disk has, bit by bit."""
    with replacing(path) as temporary, temporary.open("wb") as file:
        for _ in range(1000):
            file.write(bytes(2000))


def fail_amid(path):
    """Has another mistake while it writes."""
    with replacing(path) as temporary:
        temporary.write_bytes(b"half")
        raise ZeroDivisionError


def names(folder):
    return sorted(os.listdir(folder))


@pytest.fixture
def old(tmp_path):
    path = tmp_path / "me.png"
    path.write_bytes(OLD)
    return path


def limited(limit):
    """A disk that has so many bytes left for each file."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_file_is_replaced(old):
    write_bytes(old, b"new")
    assert old.read_bytes() == b"new" and names(old.parent) == ["me.png"]
    write_text(old, "dörfer\n")
    assert old.read_bytes() == "dörfer\n".encode()


def test_a_full_disk_leaves_the_old_file_whole(old):
    give_back = limited(5000)
    try:
        with pytest.raises(WriteError) as error:
            write_bytes(old, bytes(6000))
    finally:
        give_back()
    assert str(error.value) == f"{old}: File too large"
    assert old.read_bytes() == OLD and names(old.parent) == ["me.png"]


def test_a_real_disk_that_is_full(small_disk):
    """Also of blocks that are given only when they are synced."""
    path = small_disk / "me.png"
    path.write_bytes(OLD)
    with pytest.raises(WriteError, match=f"^{path}: No space left on device$"):
        write_bytes(path, bytes(2**20))
    assert path.read_bytes() == OLD and names(small_disk) == ["me.png"]
    with pytest.raises(WriteError, match=f"^{path}: No space left on device$"):
        stream(path)
    with pytest.raises(WriteError, match=f"^{path}2: No space left on device$"):
        write_together({path: b"new", Path(f"{path}2"): bytes(2**20)})
    assert path.read_bytes() == OLD
    append_text(small_disk / "lines", "whole\n")
    with pytest.raises(WriteError, match="lines: No space left on device"):
        append_text(small_disk / "lines", "x" * 2**20)
    assert (small_disk / "lines").read_text() == "whole\n" and names(small_disk) == ["lines", "me.png"]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_signal_amid_a_file(old, number):
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(old)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout.readline() == b"writing\n" and len(names(old.parent)) == 2
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert process.returncode == (-9 if number == signal.SIGKILL else 128 + number) and said == b""
    assert old.read_bytes() == OLD
    if number == signal.SIGKILL:
        sweep(old.parent)
    assert names(old.parent) == ["me.png"]


def test_a_failure_leaves_nothing(old):
    with pytest.raises(ZeroDivisionError):
        fail_amid(old)
    assert old.read_bytes() == OLD and names(old.parent) == ["me.png"]


def test_the_temporary_file_is_hidden_and_has_the_ending(tmp_path):
    with replacing(tmp_path / "video.mp4") as temporary:
        assert temporary.suffix == ".mp4" and temporary.name.startswith(".") and temporary.parent == tmp_path
        temporary.write_bytes(b"new")
        sweep(tmp_path / "missing")
    assert names(tmp_path) == ["video.mp4"]


@pytest.mark.parametrize("name", ["n" * 251 + ".png", "é" * 125 + ".mp4", "n." + "e" * 253, ".hidden", "two.ends.png"])
def test_names_up_to_the_bound(tmp_path, name):
    write_bytes(tmp_path / name, b"new")
    assert names(tmp_path) == [name]


def test_a_name_that_is_too_long(tmp_path):
    path = tmp_path / ("n" * 252 + ".png")
    for use in (lambda: write_bytes(path, b""), lambda: is_there(path), lambda: make_folder(path)):
        with pytest.raises(WriteError, match=f"^{path}: File name too long$"):
            use()


def test_a_folder_that_is_gone_or_a_file_or_a_name_that_is_a_folder(tmp_path, old):
    with pytest.raises(WriteError, match="gone/me.png: No such file or directory$"):
        write_bytes(tmp_path / "gone" / "me.png", b"")
    with pytest.raises(WriteError, match="me.png/x.png: Not a directory$"):
        write_bytes(old / "x.png", b"")
    with pytest.raises(WriteError, match=f"^{tmp_path}: Is a directory$"):
        write_bytes(tmp_path, b"")
    with pytest.raises(WriteError, match="me.png/new: Not a directory$"):
        make_folder(old / "new")
    with pytest.raises(WriteError, match="no file or folder|Not a directory"):
        is_there(old / "x.png")
    assert is_there(old) and not is_there(tmp_path / "none")
    assert names(tmp_path) == ["me.png"]


def test_a_device_is_not_replaced(tmp_path):
    (tmp_path / "null.png").symlink_to("/dev/null")
    with pytest.raises(WriteError, match="null.*: there is a device or pipe of that name$"):
        write_bytes(tmp_path / "null.png", b"")
    assert names(tmp_path) == ["null.png"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_permissions_stay(old):
    for mode in (0o600, 0o640, 0o666):
        old.chmod(mode)
        with replacing(old) as temporary:
            assert stat.S_IMODE(temporary.stat().st_mode) == mode  # from the beginning: it may be private
            temporary.write_bytes(b"new")
        assert stat.S_IMODE(old.stat().st_mode) == mode
    before = os.umask(0o027)
    try:
        write_bytes(old.with_name("fresh"), b"")
    finally:
        os.umask(before)
    assert stat.S_IMODE(old.with_name("fresh").stat().st_mode) == 0o640


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="needs a file of somebody else")
def test_root_leaves_a_file_to_its_owner(old):
    os.chown(old, 4321, 4322)
    write_bytes(old, b"new")
    assert (old.stat().st_uid, old.stat().st_gid) == (4321, 4322)


@contextlib.contextmanager
def nobody():
    """Inside, this process is a user who owns nothing."""
    os.setresuid(65534, 65534, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="needs two users")
def test_what_is_protected_stays():
    """A photograph without write permission, though its folder has it; and a folder without it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "me.png")
        path.write_bytes(OLD)
        for folder_mode, mode, reason in ((0o777, 0o444, "write-protected"), (0o755, 0o666, "Permission denied")):
            os.chmod(folder, folder_mode)
            path.chmod(mode)
            with nobody(), pytest.raises(WriteError, match=f"^{path}: {reason}$"):
                write_bytes(path, b"new")
        assert path.read_bytes() == OLD and names(folder) == ["me.png"]


def test_links_are_followed(tmp_path, old):
    link, dangling = tmp_path / "link.png", tmp_path / "dangling.png"
    link.symlink_to("me.png")
    dangling.symlink_to("fresh.png")
    write_bytes(link, b"new")
    write_bytes(dangling, b"fresh")
    assert link.is_symlink() and old.read_bytes() == b"new" and dangling.is_symlink()
    assert (tmp_path / "fresh.png").read_bytes() == b"fresh"
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(WriteError, match="loop: Too many levels of symbolic links"):
        write_bytes(tmp_path / "loop", b"")


def test_many_writers_of_one_file(tmp_path):
    """Whoever is last: a reader always finds a whole file."""
    path, seen, over = tmp_path / "file", set(), threading.Event()
    write_bytes(path, bytes([0]) * 50_000)

    def write(value):
        for _ in range(10):
            write_bytes(path, bytes([value]) * 50_000)

    def read():
        while not over.is_set():
            data = path.read_bytes()
            seen.add((len(data), len(set(data))))
            time.sleep(0)

    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=write, args=(value,)) for value in range(1, 5)]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    over.set()
    reader.join()
    assert seen == {(50_000, 1)} and names(tmp_path) == ["file"]
