"""Bars are for terminals, lines for log files."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios

WORK = """
from mgpe_tf.progress import progress_bar, tell_waiting
tell_waiting("loading ...")
for shown in (True, False):
    assert list(progress_bar(range(3), f"Reading, {shown}", shown=shown)) == [0, 1, 2]
"""


def test_a_log_file_gets_nothing_of_short_work():
    result = subprocess.run([sys.executable, "-c", WORK], capture_output=True, text=True, timeout=60)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_a_log_file_gets_lines_of_long_work():
    """Each by itself, and no more often than every so many seconds."""
    slow = "import time; from mgpe_tf import progress; progress.EVERY = 0.5\n"
    slow += "for _ in progress.progress_bar(range(20), 'Reading', unit='img'): time.sleep(0.1)"
    said = subprocess.run([sys.executable, "-c", slow], capture_output=True, text=True, timeout=60).stderr
    lines = said.splitlines()
    assert 2 <= len(lines) <= 5 and "\r" not in said
    assert all(line.startswith("Reading: ") and " of 20, " in line and "img/s" in line for line in lines)
    assert lines[-1].startswith("Reading: 100%, 20 of 20")


def test_a_terminal_gets_the_bar_that_is_shown():
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
    subprocess.run([sys.executable, "-c", WORK], stderr=theirs, check=True, timeout=60)
    os.close(theirs)
    said = os.read(ours, 10000).decode()
    os.close(ours)
    assert said.startswith("loading ...") and "Reading, True: 100%" in said and "False" not in said
