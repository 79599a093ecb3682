"""What several drills start from."""

from __future__ import annotations

import os
import subprocess

import pytest
from attempts import attempt, said
from processes import digest


@pytest.fixture(scope="session", autouse=True)
def no_gpu():
    """The processes that are forked see no GPU: starting one takes longer than the drills."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CUDA_VISIBLE_DEVICES", "-1")
        patch.setenv("TF_NUM_INTRAOP_THREADS", "1")
        yield


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory):
    """The hash of the weights at the end of the run that nothing happened to."""
    workdir = tmp_path_factory.mktemp("undisturbed") / "run"
    assert attempt(workdir) == 0, said(workdir)
    return digest(workdir)


@pytest.fixture
def small_disk(tmp_path):
    """A run folder that is a file system of its own, of 1 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if os.name == "nt" or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("needs the right to mount a file system")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
