"""Disks that are full or cannot be written end a run with one line; once mended, it goes on as if nothing had been."""

from __future__ import annotations

import subprocess

import pytest
from attempts import attempt, said
from processes import digest

from mgpe_tf.models.checkpoints import CheckpointStore


@pytest.mark.parametrize("free", [20_000, 60_000, 100_000, 200_000])
def test_a_full_disk(small_disk, undisturbed, free):
    """Whichever file does not fit: the config, the events, a checkpoint or a picture."""
    other = small_disk / "other"
    other.write_bytes(bytes(2**20 - free))
    assert attempt(small_disk, training__sample_every=1) == 2, said(small_disk)
    assert "No space left on device" in said(small_disk).splitlines()[-1] and "Traceback" not in said(small_disk)
    other.unlink()
    assert attempt(small_disk, training__sample_every=1) == 0, said(small_disk)
    assert digest(small_disk) == undisturbed and "damaged" not in said(small_disk)


def test_a_disk_that_cannot_be_written(small_disk):
    assert attempt(small_disk) == 0, said(small_disk)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    assert attempt(small_disk, training__steps=20) == 2
    assert said(small_disk).splitlines()[-1] == (
        f"error: --workdir={small_disk}: cannot be written: {small_disk}/.lock: Read-only file system"
    )
    assert CheckpointStore(small_disk / "checkpoints").restore_latest().step == 12
