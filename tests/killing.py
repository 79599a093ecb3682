"""kill -9 of a command with several processes, while it works."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path


def kill_in_the_middle(command: list[str], journal: Path, lines: int) -> int:
    """Starts a command, kills its first process once `journal` has so many lines, and waits until all others ended.

    Returns:
      The lines of the journal then.
    """
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
    _wait_for(lambda: journal.exists() and journal.read_text().count("\n") >= lines)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    found = journal.read_text().count("\n")
    _wait_for(lambda: not _is_alive(process.pid))
    return found


def _wait_for(condition, seconds=120):
    """Waits until it holds; whatever the machine's speed."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def _is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
